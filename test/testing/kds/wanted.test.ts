import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRODUCT_LINES } from "../../../src/amd/product-lines.js";
import { KDS_BASE_URL, kdsUrl } from "../../../src/kds/index.js";
import { createForge } from "../../../src/testing/index.js";
import { type FakeKdsFilter, type FakeKdsRequest, startFakeKds } from "../../../src/testing/kds/index.js";
import { matches, subjectOf } from "../../../src/testing/kds/log.js";
import { readWanted, type Wanted } from "../../../src/testing/kds/wanted.js";

const MILAN_ID = "0f".repeat(64);
const TURIN_ID = "0f".repeat(8);
const ZEROS = { bootLoader: 0, tee: 0, snp: 0, microcode: 0 };

describe("readWanted", () => {
  it.each<[string, Wanted]>([
    ["/vcek/v1/Milan/cert_chain", { kind: "cert_chain", productLine: "Milan", signingKey: "VCEK" }],
    ["/vlek/v1/Turin/cert_chain", { kind: "cert_chain", productLine: "Turin", signingKey: "VLEK" }],
    ["/vlek/v1/Genoa/crl", { kind: "crl", productLine: "Genoa", signingKey: "VLEK" }],
    ["/vlek/v1/Genoa/cert?blSPL=1", { kind: "vlek", productLine: "Genoa" }],
    ["http://host:80/vcek/v1/Milan/crl", { kind: "crl", productLine: "Milan", signingKey: "VCEK" }],
    ["/vcek/v1/Milan/crl?", { kind: "crl", productLine: "Milan", signingKey: "VCEK" }],
    [`/vcek/v1/Milan/${MILAN_ID}`, { kind: "vcek", productLine: "Milan", hwId: MILAN_ID, tcb: ZEROS }],
    [
      `/vcek/v1/Genoa/${MILAN_ID}?ucodeSPL=84&blSPL=010&snpSPL=255&teeSPL=0`,
      { kind: "vcek", productLine: "Genoa", hwId: MILAN_ID, tcb: { bootLoader: 10, tee: 0, snp: 255, microcode: 84 } },
    ],
    [
      `/vcek/v1/Turin/${TURIN_ID}?fmcSPL=1`,
      { kind: "vcek", productLine: "Turin", hwId: TURIN_ID, tcb: { fmc: 1, ...ZEROS } },
    ],
  ])("reads %s", (target, wanted) => expect(readWanted(target)).toEqual({ wanted }));

  it.each([
    ["", 404],
    ["/", 404],
    ["//", 404],
    ["/vcek/v1/Milan", 404],
    ["/vcek/v1/Milan/cert", 400],
    ["/vcek/v1/MILAN/crl", 404],
    ["/VCEK/v1/Milan/crl", 404],
    ["/vcek/v1/constructor/crl", 404],
    [`/vcek/v1/Turin/${MILAN_ID}`, 404],
    [`/vcek/v1/Milan/${MILAN_ID}?toString=1`, 400],
    [`/vcek/v1/Milan/${MILAN_ID}?blSPL=`, 400],
    [`/vcek/v1/Milan/${MILAN_ID}?blSPL=-1`, 400],
    [`/vcek/v1/Milan/${MILAN_ID}?blSPL=1?teeSPL=1`, 400],
    [`/vcek/v1/Milan/${MILAN_ID}?blSPL=0001`, 400],
  ])("does not have %s", (target, status) => expect(readWanted(target)).toEqual({ status }));

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webPath(),
          fc.string().map((text) => `/vcek/v1/Milan/${text}`),
        ),
        (target) => {
          const reading = readWanted(target);
          expect("wanted" in reading || reading.status === 400 || reading.status === 404).toBe(true);
        },
      ),
    );
  });

  it.each(PRODUCT_LINES)("reads what the client's builders write for %s", (productLine) => {
    const byte = fc.integer({ min: 0, max: 255 });
    const tcbs = fc.record({ bootLoader: byte, tee: byte, snp: byte, microcode: byte, fmc: byte });
    const length = productLine === "Turin" ? 8 : 64;
    fc.assert(
      fc.property(tcbs, fc.uint8Array({ minLength: length, maxLength: length }), ({ fmc, ...others }, hwId) => {
        const tcb = productLine === "Turin" ? { fmc, ...others } : others;
        const rest = productLine === "Turin" ? {} : { spl4: 0 };
        const reportedTcb = { ...tcb, ...rest, spl5: 0, spl6: 0, spl7: 0 };
        const url = kdsUrl({ role: "leaf", productLine, signingKey: "VCEK", hwId, reportedTcb });
        const wanted = { kind: "vcek", productLine, hwId: Buffer.from(hwId).toString("hex"), tcb };
        expect(readWanted(url.slice(KDS_BASE_URL.length))).toEqual({ wanted });
      }),
    );
  });
});

describe("the log's filter", () => {
  const about = subjectOf({ kind: "crl", productLine: "Milan", signingKey: "VLEK" });
  const request: FakeKdsRequest = { method: "GET", url: "/", headers: {}, at: 0, ...about };
  it.each<[FakeKdsFilter, boolean]>([
    [{}, true],
    [{ kind: "crl" }, true],
    [{ kind: "vcek" }, false],
    [{ productLine: "Milan" }, true],
    [{ productLine: "Genoa" }, false],
    [{ productLine: null }, false],
    [{ signingKey: "VLEK" }, true],
    [{ signingKey: "VCEK" }, false],
    [{ kind: "crl", productLine: "Milan", signingKey: "VLEK" }, true],
    [{ kind: "crl", productLine: "Milan", signingKey: "VCEK" }, false],
  ])("%j: %s", (filter, expected) => expect(matches(request, filter)).toBe(expected));

  it.each<[Wanted | null, object]>([
    [null, { kind: "other", productLine: null, signingKey: null }],
    [
      { kind: "vlek", productLine: "Turin" },
      { kind: "vlek", productLine: "Turin", signingKey: "VLEK" },
    ],
    [
      { kind: "vcek", productLine: "Milan", hwId: MILAN_ID, tcb: {} },
      { kind: "vcek", productLine: "Milan", signingKey: "VCEK" },
    ],
  ])("%j is about %j", (wanted, expected) => expect(subjectOf(wanted)).toEqual(expected));
});

describe("a fault whose client goes away", () => {
  it.each([
    { kind: "delay", ms: 60_000 },
    { kind: "drip", pieceBytes: 1, everyMs: 10 },
    { kind: "oversized", bytes: 1_000_000_000, announced: true },
    { kind: "silence" },
  ] as const)("stops as well: $kind", async (fault) => {
    const kds = await startFakeKds({ forge: await createForge({ seed: "gone" }) });
    kds.misbehave(fault);
    const controller = new AbortController();
    const answer = fetch(`${kds.url}/vcek/v1/Milan/crl`, { signal: controller.signal }).then((found) => found.text());
    const ended = expect(answer).rejects.toThrow();
    await expect.poll(() => kds.count()).toBe(1);
    controller.abort();
    await ended;
    // Nothing of it is under way any more, so that the next request is alone.
    await expect
      .poll(async () => {
        kds.misbehave({ kind: "status", status: 404 });
        return (await fetch(kds.url)).status;
      })
      .toBe(404);
    await kds.close();
  });
});
