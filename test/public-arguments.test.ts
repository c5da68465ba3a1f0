import { describe, expect, it } from "vitest";
import { createChallenger, memorySpentStore, redisSpentStore } from "../src/challenge/index.js";
import {
  bindReportData,
  createVerifier,
  decodeTcb,
  encodeTcb,
  isAttestationError,
  parseCertificate,
  parseCrl,
  parseReport,
  pemToDer,
  productLineOf,
  reportToJson,
  tcbComponents,
  verifyEvidence,
} from "../src/index.js";
import { createKeySource, issueResult, verifyResult } from "../src/result/index.js";
import { createForge } from "../src/testing/index.js";

/** Arguments whose text overflows the stack or does not exist: what a message must not trip over. */
function nested(): unknown {
  let list: unknown[] = [];
  for (let depth = 0; depth < 100_000; depth++) list = [list];
  return list;
}

const forged = (await createForge({ seed: "public arguments" })).evidence();
const report = parseReport(forged.evidence.report);

const CHALLENGER = {
  keys: [{ id: "k1", secret: new Uint8Array(32).fill(1) }],
  ttlMs: 1000,
  clock: () => new Date(),
  spentStore: memorySpentStore({ singleProcess: true, max: 1 }),
};

const KEY = { publicKey: { kty: "EC" }, algorithm: "ES256", keyId: "k" };
const VERIFICATION = {
  ...{ keys: [KEY], algorithms: ["ES256"], issuer: "i", audience: "a", policyDigest: "ab".repeat(48), maxAgeMs: 1 },
  ...{ profile: "ear-03", now: new Date(), nonce: "any" },
};

// Typed as a function of anything: the compiler would not let these calls through, JavaScript does.
type Loose = (...values: unknown[]) => unknown;
const CALLS: readonly (readonly [string, (odd: unknown) => unknown])[] = [
  ["parseReport", (odd) => (parseReport as Loose)(odd)],
  ["parseCertificate, bytes", (odd) => (parseCertificate as Loose)(odd)],
  ["parseCertificate, what", (odd) => (parseCertificate as Loose)(new Uint8Array(3), odd)],
  ["parseCrl, what", (odd) => (parseCrl as Loose)(new Uint8Array(3), odd)],
  ["pemToDer, what", (odd) => (pemToDer as Loose)(new Uint8Array(3), odd)],
  ["decodeTcb, line", (odd) => (decodeTcb as Loose)(odd, new Uint8Array(8))],
  ["decodeTcb, bytes", (odd) => (decodeTcb as Loose)("Milan", odd)],
  ["encodeTcb, line", (odd) => (encodeTcb as Loose)(odd, {})],
  ["tcbComponents", (odd) => (tcbComponents as Loose)(odd)],
  ["productLineOf", (odd) => (productLineOf as Loose)({ family: odd, model: 0, stepping: 0 })],
  ["reportToJson, line", (odd) => (reportToJson as Loose)(report, odd)],
  ["createChallenger", (odd) => (createChallenger as Loose)(odd)],
  ["createChallenger, ttlMs", (odd) => (createChallenger as Loose)({ ...CHALLENGER, ttlMs: odd })],
  ["createChallenger, key", (odd) => (createChallenger as Loose)({ ...CHALLENGER, keys: [odd] })],
  ["createChallenger, store", (odd) => (createChallenger as Loose)({ ...CHALLENGER, spentStore: odd })],
  ["memorySpentStore", (odd) => (memorySpentStore as Loose)(odd)],
  ["memorySpentStore, max", (odd) => (memorySpentStore as Loose)({ singleProcess: true, max: odd })],
  ["redisSpentStore", (odd) => (redisSpentStore as Loose)(odd)],
  ["redisSpentStore, send", (odd) => (redisSpentStore as Loose)({ send: odd, prefix: "p" })],
  ["createVerifier", (odd) => (createVerifier as Loose)(odd)],
  ["createKeySource", (odd) => (createKeySource as Loose)(odd)],
  ["createKeySource, url", (odd) => (createKeySource as Loose)({ url: odd, transport: () => undefined })],
];

const REJECTING: typeof CALLS = [
  ["issueResult, appraisal", (odd) => (issueResult as Loose)(odd, {})],
  ["verifyResult, token", (odd) => (verifyResult as Loose)(odd, VERIFICATION)],
  ["verifyResult, options", (odd) => (verifyResult as Loose)("a.b.c", odd)],
  ["verifyResult, algorithms", (odd) => (verifyResult as Loose)("a.b.c", { ...VERIFICATION, algorithms: [odd] })],
  ["verifyResult, key", (odd) => (verifyResult as Loose)("a.b.c", { ...VERIFICATION, keys: [odd] })],
  [
    "verifyResult, JWK",
    (odd) => (verifyResult as Loose)("a.b.c", { ...VERIFICATION, keys: [{ ...KEY, publicKey: { kty: odd } }] }),
  ],
];

describe("a public function given an argument that has no text", () => {
  it.each(CALLS)("%s throws a TypeError", (_, call) => {
    expect(() => call(nested())).toThrow(TypeError);
    expect(() => call(Object.create(null))).toThrow(TypeError);
    expect(() => call({ length: 8, buffer: new ArrayBuffer(4), byteOffset: 0 })).toThrow(TypeError);
  });

  it.each(REJECTING)("%s rejects with one", async (_, call) => {
    for (const odd of [nested(), Object.create(null)]) await expect(call(odd)).rejects.toBeInstanceOf(TypeError);
  });

  it("bindReportData and verifyEvidence reject with one", async () => {
    await expect((bindReportData as unknown as Loose)(nested(), {})).rejects.toBeInstanceOf(TypeError);
    await expect((verifyEvidence as unknown as Loose)(nested(), { now: forged.now })).rejects.toBeInstanceOf(TypeError);
    await expect((verifyEvidence as unknown as Loose)(forged.evidence, nested())).rejects.toBeInstanceOf(TypeError);
  });
});

describe("tables that are handed out", () => {
  it("cannot be changed by who gets them", async () => {
    const components = tcbComponents("Milan") as string[];
    expect(() => components.sort()).toThrow(TypeError);
    const old = forged.evidence.report.slice();
    old[0] = 99;
    const refusal = (): unknown => {
      try {
        return parseReport(old);
      } catch (error) {
        return error;
      }
    };
    const error = refusal();
    if (!isAttestationError(error, "ERR_UNSUPPORTED_REPORT_VERSION")) throw error;
    expect(() => (error.detail.supported as number[]).pop()).toThrow(TypeError);
    const { now, anchors } = forged;
    await expect(verifyEvidence(forged.evidence, { now, anchors })).resolves.toBeDefined();
  });
});
