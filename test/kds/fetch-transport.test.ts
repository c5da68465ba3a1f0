import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createKdsClient, fetchTransport, type KdsClientOptions, kdsUrl } from "../../src/kds/index.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { type FakeKds, type FakeKdsFault, startFakeKds } from "../../src/testing/kds/index.js";

const CRL = { role: "crl", productLine: "Milan", signingKey: "VCEK" } as const;

let forge: Forge;
let kds: FakeKds;
let mend: () => void = () => undefined;

beforeAll(async () => {
  forge = await createForge({ seed: "kds transport" });
  kds = await startFakeKds({ forge });
});
afterAll(() => kds.close());
afterEach(() => {
  mend();
  kds.forget();
});

const misbehave = (fault: FakeKdsFault, times?: number) => {
  mend = kds.misbehave(fault, times === undefined ? {} : { times });
};
const get = (maxBytes = 65_536, signal = new AbortController().signal) =>
  fetchTransport({ url: kdsUrl(CRL, kds.url), headers: { "x-test": "1" }, signal, maxBytes });
const crl = () => forge.crl().der;

/** A client that does not wait long. */
const client = (options: Partial<KdsClientOptions> = {}) =>
  createKdsClient({
    now: () => forge.now,
    anchors: [forge.ark().der],
    baseUrl: kds.url,
    rate: { vcekIntervalMs: 0, otherIntervalMs: 0 },
    retry: { attempts: 2, baseDelayMs: 1, attemptTimeoutMs: 300 },
    ...options,
  });

describe("the default transport", () => {
  it("answers status, headers in lower case and body, and sends the headers it is given", async () => {
    const { status, headers, body } = await get();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-length": String(crl().length) });
    expect(body).toEqual(crl());
    expect(kds.requests[0]).toMatchObject({ method: "GET", headers: { "x-test": "1" } });
  });

  it("puts a body together that comes in pieces", async () => {
    misbehave({ kind: "drip", pieceBytes: 100, everyMs: 1 });
    expect((await get()).body).toEqual(crl());
  });

  it.each([true, false])("takes a body of maxBytes and no byte more, announced %s", async (announced) => {
    misbehave({ kind: "oversized", bytes: 5000, announced });
    expect((await get(5000)).body).toEqual(new Uint8Array(5000));
    await expect(get(4999)).toFailWith("ERR_MALFORMED_LENGTH", { expected: "at most 4999" });
  });

  it("stops reading a body that is far too long", async () => {
    misbehave({ kind: "oversized", bytes: 2 ** 40, announced: false });
    await expect(get()).toFailWith("ERR_MALFORMED_LENGTH");
  });

  it.each([301, 302, 303, 307, 308] as const)("does not follow a redirect: %s", async (status) => {
    misbehave({ kind: "redirect", status, location: `${kds.url}/vcek/v1/Genoa/crl` });
    expect(await get()).toMatchObject({ status, body: new Uint8Array() });
    expect(kds.requests).toHaveLength(1);
  });

  it.each([204, 400, 404, 429, 500, 503])("does not read the body of status %s", async (status) => {
    misbehave({ kind: "status", status, retryAfter: "7" });
    expect(await get(0)).toMatchObject({ status, headers: { "retry-after": "7" }, body: new Uint8Array() });
  });

  it.each<FakeKdsFault>([{ kind: "reset" }, { kind: "truncated", bytes: 500 }])("rejects: %o", async (fault) => {
    misbehave(fault);
    await expect(get()).rejects.toBeInstanceOf(Error);
  });

  it.each<FakeKdsFault>([{ kind: "silence" }, { kind: "drip", pieceBytes: 1, everyMs: 50 }])(
    "ends when its signal fires: %o",
    async (fault) => {
      misbehave(fault);
      const controller = new AbortController();
      const answer = get(65_536, controller.signal);
      setTimeout(() => controller.abort(new RangeError("enough")), 50);
      await expect(answer).rejects.toThrow("enough");
    },
  );

  it("gives fetch nothing that some runtimes do not take", async () => {
    const fetch = vi.fn(() => Promise.resolve(new Response(null, { status: 200 })));
    vi.stubGlobal("fetch", fetch);
    expect((await get()).body).toEqual(new Uint8Array());
    expect(fetch.mock.calls).toEqual([
      [kdsUrl(CRL, kds.url), { headers: { "x-test": "1" }, signal: expect.any(AbortSignal), redirect: "manual" }],
    ]);
  });
});

describe("a client over sockets", () => {
  it.each<[string, FakeKdsFault]>([
    ["cuts the connection", { kind: "reset" }],
    ["cuts the body", { kind: "truncated", bytes: 500 }],
    ["says nothing", { kind: "silence" }],
    ["is overloaded", { kind: "status", status: 503 }],
    ["throttles", { kind: "status", status: 429, retryAfter: "0" }],
  ])("gets its answer from a server that %s once", async (_, fault) => {
    misbehave(fault, 1);
    expect(await client().get(CRL, {})).toEqual(crl());
    expect(kds.count()).toBe(2);
  });

  it.each<[string, FakeKdsFault, number, boolean]>([
    ["redirects", { kind: "redirect", status: 302, location: "http://127.0.0.1:1/" }, 1, false],
    ["sends too much, announced", { kind: "oversized", bytes: 65_537, announced: true }, 1, false],
    ["sends too much", { kind: "oversized", bytes: 2 ** 40, announced: false }, 1, false],
    ["sends a web page", { kind: "body", body: new TextEncoder().encode("<html>") }, 1, true],
    ["cuts every connection", { kind: "reset" }, 2, true],
    ["is broken", { kind: "status", status: 500 }, 2, true],
    ["never answers", { kind: "silence" }, 2, true],
    ["sends slowly", { kind: "drip", pieceBytes: 1, everyMs: 20 }, 2, true],
  ])("has none from a server that %s", async (_, fault, requests, retryable) => {
    misbehave(fault);
    const refusal = client().get(CRL, {});
    await expect(refusal).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role: "crl" });
    await expect(refusal).rejects.toMatchObject({ retryable });
    expect(kds.count()).toBe(requests);
  });

  it("has none from nobody", async () => {
    await expect(client({ baseUrl: "http://127.0.0.1:1" }).get(CRL, {})).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("is ended by its caller's signal", async () => {
    misbehave({ kind: "silence" });
    await expect(client().get(CRL, { signal: AbortSignal.timeout(50) })).toFailWith("ERR_COLLATERAL_ABORTED");
  });

  it("reads chains with either line end, and VLEK's from their own branch", async () => {
    const other = await startFakeKds({ forge, lineEnd: "\r\n" });
    for (const baseUrl of [kds.url, other.url]) {
      const source = client({ baseUrl });
      const chain = { role: "intermediate", productLine: "Milan" } as const;
      expect(await source.get({ ...chain, signingKey: "VCEK" }, {})).toEqual(forge.ask().der);
      expect(await source.get({ ...chain, signingKey: "VLEK" }, {})).toEqual(forge.asvk().der);
    }
    await other.close();
  });

  it("keeps no process alive when it is done", async () => {
    const active = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const before = active();
    await client({ rate: {} }).get(CRL, {});
    expect(active()).toBeLessThanOrEqual(before);
  });
});
