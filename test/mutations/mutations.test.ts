import { afterAll, describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import type { Evidence, EvidenceCertificates } from "../../src/evidence/evidence.js";
import { nobleEngine, verifyEvidenceSync as verifyWithNoble } from "../../src/noble/index.js";
import { verifyEvidenceSync } from "../../src/node/index.js";
import { twinSignature } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { SyncVerifyOptions } from "../../src/verify/sync.js";
import { certificatesOf, evidenceOf, optionsOf } from "../conformance/evidence.js";
import { corpusSet } from "../support/corpus.js";
import { needs } from "../support/needs.js";

/** A genuine set of each kind: Milan and Turin under a VCEK, Milan under a VLEK. */
const SETS = ["tav-v3-milan", "tav-v5-turin", "geoar-aws-v5-milan-vlek"];
const PARTS = ["report", "leaf", "intermediate", "root", "crl"] as const;
type Part = (typeof PARTS)[number];

/** Every bit where ATTESTRY_MUTATIONS=all, else every 61st: 61 is odd, so that each bit of a byte has its turn. */
const STRIDE = process.env["ATTESTRY_MUTATIONS"] === "all" ? 1 : 61;
/** For the slow engines. */
const WIDE_STRIDE = STRIDE === 1 ? 499 : 4999;

interface Subject {
  readonly evidence: Evidence;
  readonly certificates: EvidenceCertificates;
  readonly options: SyncVerifyOptions;
}

function subjectOf(id: string): Subject {
  const set = corpusSet(id);
  return { evidence: evidenceOf(set), certificates: certificatesOf(set), options: optionsOf(set) };
}

function bytesOf({ evidence, certificates }: Subject, part: Part): Uint8Array {
  const bytes = part === "report" ? evidence.report : certificates[part];
  if (bytes === undefined) throw new Error(`the set has no ${part}`);
  return bytes;
}

/** The evidence with other bytes for one part. */
function withPart({ evidence, certificates }: Subject, part: Part, bytes: Uint8Array): Evidence {
  if (part === "report") return { ...evidence, report: bytes };
  return { ...evidence, certificates: { ...certificates, [part]: bytes } };
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  const index = bit >> 3;
  copy[index] = Number(bytes[index]) ^ (1 << (bit & 7));
  return copy;
}

/** The code of the refusal; null for evidence that was accepted. An error that is none of ours escapes. */
function refusal(verify: () => unknown): string | null {
  try {
    verify();
    return null;
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    throw error;
  }
}

async function awaitedRefusal(verification: Promise<unknown>): Promise<string | null> {
  try {
    await verification;
    return null;
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    throw error;
  }
}

const printed: string[] = [];

function report(line: string, codes: Map<string | null, number>): void {
  const counts = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  printed.push(`  ${line}: ${counts.join(", ")}`);
}

describe.runIf(needs("corpus")).each(SETS)("%s, unchanged", (id) => {
  it("is accepted: whatever is refused below is refused for the one bit", () => {
    const { evidence, options } = subjectOf(id);
    expect(verifyEvidenceSync(evidence, options).revocation.status).toBe("checked");
    expect(options.revocation).toBe("require");
  });

  it("is accepted with s replaced by n - s, and only so: a report's bytes are no key against replay", () => {
    const subject = subjectOf(id);
    const { report: bytes } = subject.evidence;
    const bigEndian = (offset: number) => bytes.slice(offset, offset + 48).reverse();
    const signature = Uint8Array.of(...bigEndian(0x2a0), ...bigEndian(0x2e8));
    const twin = bytes.slice();
    twin.set(twinSignature(signature).slice(48).reverse(), 0x2e8);
    expect(twin).not.toEqual(bytes);
    const accepted = verifyEvidenceSync(withPart(subject, "report", twin), subject.options);
    expect(accepted.reportBytes).toEqual(twin);
    const { s: _twin, ...others } = accepted.report.signature;
    const { s: _genuine, ...same } = verifyEvidenceSync(subject.evidence, subject.options).report.signature;
    expect(others).toEqual(same);
  });
});

describe.runIf(needs("corpus")).each(SETS)("%s with one bit flipped", (id) => {
  it.each(PARTS)("in its %s is refused", (part) => {
    const subject = subjectOf(id);
    const bytes = bytesOf(subject, part);
    const codes = new Map<string | null, number>();
    const accepted: number[] = [];
    let tried = 0;
    for (let bit = PARTS.indexOf(part) % STRIDE; bit < bytes.length * 8; bit += STRIDE) {
      const evidence = withPart(subject, part, flipped(bytes, bit));
      const code = refusal(() => verifyEvidenceSync(evidence, subject.options));
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (code === null) accepted.push(bit);
      tried++;
    }
    report(`${id} ${part}, ${tried} of ${bytes.length * 8} bits`, codes);
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThanOrEqual(Math.floor((bytes.length * 8) / STRIDE));
  });

  it.each(PARTS)("in its %s is refused alike by every engine", async (part) => {
    const subject = subjectOf(id);
    const bytes = bytesOf(subject, part);
    for (let bit = 3; bit < bytes.length * 8; bit += WIDE_STRIDE) {
      const evidence = withPart(subject, part, flipped(bytes, bit));
      const code = refusal(() => verifyEvidenceSync(evidence, subject.options));
      expect(
        refusal(() => verifyWithNoble(evidence, subject.options)),
        `bit ${bit}`,
      ).toBe(code);
      expect(await awaitedRefusal(verifyEvidence(evidence, subject.options)), `bit ${bit}`).toBe(code);
      const awaited = verifyEvidence(evidence, { ...subject.options, engine: nobleEngine });
      expect(await awaitedRefusal(awaited), `bit ${bit}`).toBe(code);
    }
  });
});

describe.runIf(needs("corpus")).each(SETS)("%s cut or lengthened", (id) => {
  it.each(PARTS)("in its %s is refused", (part) => {
    const subject = subjectOf(id);
    const bytes = bytesOf(subject, part);
    const lengths = Array.from({ length: bytes.length }, (_, length) => length).filter(
      (length) => length % STRIDE === 0,
    );
    const cut = [...lengths, bytes.length - 1].map((length) => bytes.subarray(0, length));
    const longer = [0, 0x30, 0xff].map((byte) => Uint8Array.of(...bytes, byte));
    for (const wrong of [...cut, ...longer, Uint8Array.of(...bytes, ...bytes)]) {
      const evidence = withPart(subject, part, wrong);
      expect(
        refusal(() => verifyEvidenceSync(evidence, subject.options)),
        `${wrong.length} bytes`,
      ).toMatch(/^ERR_MALFORMED_/);
    }
  });
});

afterAll(() => {
  if (printed.length > 0) console.info(["mutations, and how they were refused:", ...printed].join("\n"));
});
