import type { Base } from "../../../scripts/vectors/bases.js";
import { toBase64 } from "../../../src/bytes/codecs.js";
import { isAttestationError } from "../../../src/errors.js";
import type { Evidence, EvidenceCertificates } from "../../../src/evidence/evidence.js";
import { nodeEngine } from "../../../src/node/index.js";
import { twinSignature } from "../../../src/testing/index.js";
import { verifyCertificates } from "../../../src/verify/certificates.js";
import { verifyEvidence } from "../../../src/verify/evidence.js";
import type { VerifyOptions } from "../../../src/verify/types.js";
import { certificatesOf, codeOf, setsThatEnd } from "../../conformance/evidence.js";
import type { CorpusSet } from "../../support/corpus.js";
import { evidenceOf, PARTS, suiteOf } from "../../vectors/files.js";
import type { BlobIndex, Question } from "../suite/input.js";

/** Bytes in base64, each once. */
export class BlobPool {
  readonly #indices = new Map<string, BlobIndex>();

  add(bytes: Uint8Array): BlobIndex {
    const text = toBase64(bytes);
    const known = this.#indices.get(text);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(text, index);
    return index;
  }

  list(): string[] {
    return [...this.#indices.keys()];
  }
}

/** What somebody asks, before it is answered here. */
export interface Asked {
  name: string;
  evidence: Partial<Evidence>;
  options: Pick<VerifyOptions, "now" | "anchors" | "revocation" | "productLine" | "allowMaskedChipId">;
  /** Where others have said how it must end: a code, or accepted. */
  ends: string | null;
}

/** What Node answers by OpenSSL: JSON of what is verified, or the code of the refusal. */
async function answer({ evidence: { report, certificates = {} }, options }: Asked): Promise<string> {
  const settings = { ...options, engine: nodeEngine };
  const verifying =
    report === undefined
      ? verifyCertificates({ leaf: new Uint8Array(), ...certificates }, settings)
      : verifyEvidence({ report, certificates }, settings);
  try {
    return JSON.stringify(await verifying);
  } catch (error) {
    if (isAttestationError(error)) return error.code;
    throw error;
  }
}

/** A question with its answer. Throws where the answer is not how it must end. */
export async function question(pool: BlobPool, asked: Asked): Promise<Question> {
  const { name, evidence, options, ends } = asked;
  const { now, anchors, ...others } = options;
  const expected = await answer(asked);
  const said = expected.startsWith("{") ? "accepted" : expected;
  if (ends !== null && ends !== said) throw new Error(`${name} must end with ${ends} and ends with ${said}`);
  const given = Object.entries(evidence.certificates ?? {}) as [keyof EvidenceCertificates, Uint8Array][];
  return {
    name,
    report: evidence.report === undefined ? null : pool.add(evidence.report),
    certificates: Object.fromEntries(given.map(([role, bytes]) => [role, pool.add(bytes)])),
    now: now.toISOString(),
    anchors: anchors === undefined ? null : anchors.map((bytes) => pool.add(bytes)),
    options: others,
    expected,
  };
}

function askedOfSet(set: CorpusSet): Asked {
  const report = set.has("report.bin") ? { report: set.read("report.bin") } : {};
  const genuine = set.expected.startsWith("valid");
  return {
    name: set.id,
    evidence: { ...report, certificates: certificatesOf(set) },
    options: { now: set.at, revocation: set.revocation },
    ends: genuine ? "accepted" : (codeOf(set) ?? null),
  };
}

/** Every set of the corpus; none where there is no corpus. */
export function realQuestions(pool: BlobPool): Promise<Question[]> {
  const sets = setsThatEnd("valid", "valid-cert", "invalid", "invalid-cert", "parse-only");
  return Promise.all(sets.map((set) => question(pool, askedOfSet(set))));
}

/** A base with the twin of the report's signature: high s where it was low. */
function twinOf({ name, made }: Base): Asked {
  const { evidence, chip, now, anchors } = made;
  const report = evidence.report.slice();
  const twin = twinSignature(chip.key.sign(report.subarray(0, 0x2a0)));
  report.set(twin.slice(0, 48).reverse(), 0x2a0);
  report.set(twin.slice(48).reverse(), 0x2a0 + 72);
  const whole = evidence.certificates === undefined ? { report } : { report, certificates: evidence.certificates };
  return { name: `${name}, the other s`, evidence: whole, options: { now, anchors }, ends: "accepted" };
}

function askedOfBase({ name, made: { evidence, now, anchors } }: Base): Asked {
  return { name, evidence, options: { now, anchors }, ends: "accepted" };
}

/** The bases of vectors/, the twin of a signature, and every case of vectors/cases. */
export async function forgedQuestions(pool: BlobPool, bases: readonly Base[]): Promise<Question[]> {
  const cases = PARTS.flatMap((part) =>
    suiteOf(part).testGroups.flatMap(({ base, tests }) =>
      tests.map((test): Asked => {
        const { evidence, options } = evidenceOf(base, test);
        const name = `${part} ${test.tcId} ${base}: ${test.comment}`;
        return { name, evidence, options, ends: test.code ?? "accepted" };
      }),
    ),
  );
  const asked = [...bases.map(askedOfBase), ...bases.map(twinOf), ...cases];
  return await Promise.all(asked.map((one) => question(pool, one)));
}
