import { beforeAll, describe, expect, it } from "vitest";
import { PRODUCT_LINES, type SigningKey } from "../../src/amd/product-lines.js";
import type { ErrorCode } from "../../src/errors.js";
import { type Evidence, type VerifiedEvidence, verifyEvidence } from "../../src/index.js";
import type { SyncVerifyOptions } from "../../src/noble/index.js";
import { createForge, type EvidenceOptions, type Forge } from "../../src/testing/index.js";
import type { CorpusSet } from "../support/corpus.js";
import { corpusWhere } from "../support/corpus.js";
import { needs } from "../support/needs.js";

type SyncEntry = (evidence: Evidence, options: SyncVerifyOptions) => VerifiedEvidence;

const SIGNING_KEYS: readonly SigningKey[] = ["VCEK", "VLEK"];
const HIERARCHIES = PRODUCT_LINES.flatMap((productLine) =>
  SIGNING_KEYS.map((signingKey) => ({ productLine, signingKey })),
);

const flipLast = (bytes: Uint8Array) => bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));

/** One broken thing each, from the first step of verification to the last. */
const BROKEN: readonly (readonly [why: string, options: EvidenceOptions, code: ErrorCode])[] = [
  ["no leaf", { omit: ["leaf"] }, "ERR_COLLATERAL_MISSING"],
  ["no CRL", { omit: ["crl"] }, "ERR_COLLATERAL_CRL_MISSING"],
  [
    "a leaf whose signature is off by a bit",
    { leaf: { patchSignature: flipLast } },
    "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
  ],
  [
    "an ASK whose signature is off by a bit",
    { intermediate: { patchSignature: flipLast } },
    "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
  ],
  ["a CRL whose signature is off by a bit", { crl: { patchSignature: flipLast } }, "ERR_UNTRUSTED_CRL_SIGNATURE"],
  ["a revoked ASK", { crl: { revoked: [{ serial: 0x010001 }] } }, "ERR_UNTRUSTED_CERTIFICATE_REVOKED"],
];

function evidenceOf(set: CorpusSet): Evidence {
  const part = (...names: string[]) => {
    const name = names.find((candidate) => set.has(candidate));
    return name === undefined ? undefined : set.read(name);
  };
  const parts = {
    leaf: part("vcek.der", "vlek.der"),
    intermediate: part("ask.der", "asvk.der"),
    root: part("ark.der"),
    crl: part("crl.der"),
  };
  const certificates = Object.fromEntries(Object.entries(parts).filter(([, der]) => der !== undefined));
  return { report: set.read("report.bin"), certificates };
}

/** What a synchronous entry must do: the same as `verifyEvidence`, at once. */
export function describeSyncEntry(verifyEvidenceSync: SyncEntry): void {
  let forge: Forge;
  beforeAll(async () => {
    forge = await createForge({ seed: "sync" });
  });

  it.each(HIERARCHIES)("verifies at once: $productLine $signingKey", async (hierarchy) => {
    const { evidence, anchors, now } = forge.evidence(hierarchy);
    const verified = verifyEvidenceSync(evidence, { anchors, now });
    expect(verified).not.toBeInstanceOf(Promise);
    expect(verified).toMatchObject(hierarchy);
    const later = await verifyEvidence(evidence, { anchors, now });
    expect(JSON.stringify(verified)).toBe(JSON.stringify(later));
  });

  it.each(BROKEN)("refuses %s as verifyEvidence does", async (_, options, code) => {
    const { evidence, anchors, now } = forge.evidence(options);
    expect(() => verifyEvidenceSync(evidence, { anchors, now })).toFailWith(code);
    await expect(verifyEvidence(evidence, { anchors, now })).toFailWith(code);
  });

  it("refuses a flipped bit in every sixth byte of a report's signature", () => {
    const { evidence, anchors, now } = forge.evidence();
    for (let byte = 0; byte < 48; byte += 6) {
      const report = evidence.report.slice();
      report[0x2a0 + byte] = Number(report[0x2a0 + byte]) ^ 1;
      const broken = { ...evidence, report };
      expect(() => verifyEvidenceSync(broken, { anchors, now })).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
    }
  });

  it.each(["collateral", "engine", "signal", "Now"])("has no option %s", (name) => {
    const { evidence, anchors, now } = forge.evidence();
    expect(() => verifyEvidenceSync(evidence, { anchors, now, [name]: undefined })).toThrow(TypeError);
    expect(() => verifyEvidenceSync(evidence, { anchors, now })).not.toThrow();
  });

  it("throws a mistake of the caller at once", () => {
    const { evidence, anchors } = forge.evidence();
    // The casts stand for a caller without types.
    expect(() => verifyEvidenceSync(evidence, { anchors } as SyncVerifyOptions)).toThrow(/options\.now/);
    expect(() => verifyEvidenceSync(null as unknown as Evidence, { anchors, now: forge.now })).toThrow(TypeError);
    expect(() => verifyEvidenceSync(evidence, { anchors: [], now: forge.now })).toThrow(/anchors/);
  });

  describe.runIf(needs("corpus"))("on real evidence", () => {
    it.each(corpusWhere((expected) => expected === "valid"))("verifies $id", (set) => {
      const { at: now, revocation, product } = set;
      const line = product === null || set.version !== 2 ? {} : { productLine: product };
      expect(() => verifyEvidenceSync(evidenceOf(set), { now, revocation, ...line })).not.toThrow();
    });
  });
}
