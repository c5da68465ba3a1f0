import type { ErrorCode } from "../../src/errors.js";
import type { Evidence, EvidenceCertificates } from "../../src/evidence/evidence.js";
import type { SyncVerifyOptions } from "../../src/verify/sync.js";
import { type CorpusSet, corpusSets } from "../support/corpus.js";

/** How a set of the corpus must end. */
export type Ending = "valid" | "valid-cert" | "invalid" | "invalid-cert" | "parse-only";

/** The ending that the index gives a set; what comes after a colon says why. */
function endingOf(set: CorpusSet): Ending {
  const [ending] = set.expected.split(":");
  // An unknown word must not become a set that nobody tests.
  if (!ENDINGS.includes(ending as Ending)) throw new Error(`${set.id}: no such ending: ${set.expected}`);
  return ending as Ending;
}

/** Every ending; a set with another is an error. */
export const ENDINGS: readonly Ending[] = ["valid", "valid-cert", "invalid", "invalid-cert", "parse-only"];

/** The sets with one ending, in the order of the index. */
export function setsThatEnd(...endings: readonly Ending[]): readonly CorpusSet[] {
  return corpusSets().filter((set) => endings.includes(endingOf(set)));
}

const FILES: Readonly<Record<keyof EvidenceCertificates, readonly string[]>> = {
  leaf: ["vcek.der", "vlek.der"],
  intermediate: ["ask.der", "asvk.der"],
  root: ["ark.der"],
  crl: ["crl.der"],
};

/** The certificates of a set, as far as it has them. */
export function certificatesOf(set: CorpusSet): EvidenceCertificates {
  const found = Object.entries(FILES).flatMap(([role, names]) =>
    names.filter((name) => set.has(name)).map((name) => [role, set.read(name)] as const),
  );
  return Object.fromEntries(found);
}

/** The evidence of a set that has a report. */
export function evidenceOf(set: CorpusSet): Evidence {
  return { report: set.read("report.bin"), certificates: certificatesOf(set) };
}

/** The clock and the demand of a set; the anchors are AMD's. */
export function optionsOf(set: CorpusSet): SyncVerifyOptions {
  return { now: set.at, revocation: set.revocation };
}

/** The code that the index demands, which is one of ours. */
export function codeOf(set: CorpusSet): ErrorCode | undefined {
  return set.code as ErrorCode | undefined;
}
