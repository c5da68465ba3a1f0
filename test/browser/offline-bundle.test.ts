import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toBase64 } from "../../src/bytes/codecs.js";
import { parseCertificateTable } from "../../src/evidence/certificate-table.js";
import { forge } from "../cli/forged.js";
import { runWriting } from "../cli/run-cli.js";
import { corpusSet } from "../support/corpus.js";
import { corpusRoot, needs } from "../support/needs.js";
import { type OfflinePage, openOfflinePage } from "./page.js";

/** What the page answers: a verdict, or the code of the error. */
type Answer = { verdict: string } | { code: string };

/** What the page is asked. */
interface Question {
  bundle: string;
  /** Base64 of roots; null for AMD's. */
  anchors: readonly string[] | null;
  now: string;
  policy: object;
}

const PAGE = `
  import { definePolicy, isAttestationError, verifyAttestation } from "./src/index.ts";
  import { openExtendedReport } from "./src/evidence/index.ts";

  const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

  async function judge({ bundle, anchors, now, policy }) {
    const { evidence } = await openExtendedReport(bytesOf(bundle));
    const roots = anchors === null ? {} : { anchors: anchors.map(bytesOf) };
    const appraisal = await verifyAttestation(evidence, { now: new Date(now), policy: await definePolicy(policy), ...roots });
    return { verdict: appraisal.verdict };
  }

  globalThis.answer = (question) =>
    judge(question).catch((error) => {
      if (isAttestationError(error)) return { code: error.code };
      throw error;
    });
`;

const POLICY = {
  version: 1,
  id: "offline",
  snp: { measurement: "any", reportData: "any", minimumTcb: "any" },
};

const AT = "2026-06-01T00:00:00Z";

/** The bundle that the command writes. */
async function bundled(args: readonly string[], files: Record<string, Uint8Array>, disk = false): Promise<Uint8Array> {
  const { code, stderr, written } = await runWriting(["bundle", ...args, "--out", "b"], { files, disk });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return written["b"] ?? new Uint8Array(0);
}

function flipped(bundle: Uint8Array, at: number): Uint8Array {
  const twin = bundle.slice();
  twin[at] = (twin[at] ?? 0) ^ 1;
  return twin;
}

describe.runIf(needs("chromium"))("a bundle made on Node, in Chromium with the network switched off", () => {
  let offline: OfflinePage;
  let bundle: Uint8Array;
  let anchors: readonly string[];

  const ask = async (question: Question): Promise<Answer> =>
    await offline.page.evaluate((asked) => Reflect.get(globalThis, "answer")(asked), question);
  const judge = (bytes: Uint8Array) => ask({ bundle: toBase64(bytes), anchors, now: AT, policy: POLICY });

  beforeAll(async () => {
    const { forged, files } = await forge({ productLine: "Genoa" });
    anchors = forged.anchors.map(toBase64);
    bundle = await bundled(["report.bin", "--certs", "certs", "--anchors", "anchor.der", "--at", AT], files);
    offline = await openOfflinePage(PAGE);
  });
  afterAll(async () => await offline?.close());

  it("really has no network, and a request would be counted", async () => {
    const before = offline.requests.length;
    const failed = await offline.page.evaluate(() =>
      fetch("/script.js").then(
        () => false,
        () => true,
      ),
    );
    expect(failed).toBe(true);
    expect(offline.requests.length).toBe(before + 1);
  });

  it("is accepted, and nothing is asked of anybody", async () => {
    const before = offline.requests.length;
    expect(await judge(bundle)).toEqual({ verdict: "accept" });
    expect(offline.requests.slice(before)).toEqual([]);
  });

  it("is what a policy that wants another measurement refuses", async () => {
    const snp = { ...POLICY.snp, measurement: ["ab".repeat(48)] };
    const question = { bundle: toBase64(bundle), anchors, now: AT, policy: { ...POLICY, snp } };
    expect(await ask(question)).toEqual({ verdict: "reject" });
  });

  it("is refused with one byte flipped, in the report and in each entry", async () => {
    const before = offline.requests.length;
    const { entries } = parseCertificateTable(bundle.slice(1184));
    const ends = entries.map(({ bytes }) => bytes.length);
    // The last byte of each entry is of its signature; entries follow one another up to the end.
    const at = ends.map((_, index) => bundle.length - 1 - ends.slice(index + 1).reduce((sum, size) => sum + size, 0));
    const answers = [await judge(flipped(bundle, 0x90))];
    for (const place of at) answers.push(await judge(flipped(bundle, place)));
    expect(answers).toEqual([
      { code: "ERR_UNTRUSTED_REPORT_SIGNATURE" },
      { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" },
      { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" },
      { code: "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE" },
      { code: "ERR_UNTRUSTED_CRL_SIGNATURE" },
    ]);
    expect(offline.requests.slice(before)).toEqual([]);
  });

  it("is refused under AMD's roots, which did not sign it, and after its CRL's end", async () => {
    const question = { bundle: toBase64(bundle), anchors, now: AT, policy: POLICY };
    expect(await ask({ ...question, anchors: null })).toMatchObject({ code: expect.stringMatching(/^ERR_UNTRUSTED_/) });
    expect(await ask({ ...question, now: "2027-06-01T00:00:00Z" })).toEqual({ code: "ERR_COLLATERAL_CRL_STALE" });
  });

  it.runIf(needs("corpus"))("is accepted where AMD signed it: real evidence under built-in roots", async () => {
    const set = corpusSet("tav-v5-turin");
    const folder = resolve(corpusRoot, "reports", set.id);
    const now = set.at.toISOString();
    const real = await bundled([resolve(folder, "report.bin"), "--certs", folder, "--at", now], {}, true);
    const before = offline.requests.length;
    const question = { bundle: toBase64(real), anchors: null, now, policy: POLICY };
    expect(await ask(question)).toEqual({ verdict: "accept" });
    expect(await ask({ ...question, bundle: toBase64(flipped(real, 0x90)) })).toEqual({
      code: "ERR_UNTRUSTED_REPORT_SIGNATURE",
    });
    expect(offline.requests.slice(before)).toEqual([]);
  });
});
