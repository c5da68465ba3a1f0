import type { ProductLine } from "../amd/product-lines.js";
import type { AdvisoryStatus } from "../policy/advisory-data.js";
import type { VerifiedRecord } from "../verify/record.js";
import { lineOfKey, processorKey } from "./processors.js";
import { type AdvisoryCheck, prove } from "./prove.js";
import type { Advisory, ProvableAdvisory } from "./schema.js";

/** What one report shows of one advisory. */
export interface AdvisoryVerdict {
  readonly status: Exclude<AdvisoryStatus, "unknown">;
  /** Half a sentence for a person. */
  readonly reason: string;
  /** The check that the answer hangs on; null where no check was made. */
  readonly decidedBy: AdvisoryCheck | null;
  /** All checks of the way to a proof that was taken, or came closest. */
  readonly checks: readonly AdvisoryCheck[];
}

/** An advisory at its place in a data set. */
export interface PlacedAdvisory {
  readonly advisory: Advisory;
  readonly pointer: string;
}

/** A processor that the report may come from; `key` is null for one of the line that the advisory does not name. */
interface Candidate {
  readonly key: string | null;
  readonly line: ProductLine;
}

function plain(status: AdvisoryVerdict["status"], reason: string): AdvisoryVerdict {
  return { status, reason, decidedBy: null, checks: [] };
}

/** The names that a candidate goes by: its own stands in for that of its line. */
function namesOf({ key, line }: Candidate): readonly string[] {
  return key === null ? [line] : [key, line];
}

/** What the advisory says of a candidate before any proof; null where it is affected. */
function sparedBy(advisory: Advisory, candidate: Candidate): AdvisoryVerdict | null {
  for (const name of namesOf(candidate)) {
    if (advisory.affected.includes(name)) return null;
    const spared = advisory.notAffected?.some((entry) => entry.for.includes(name)) ?? false;
    if (spared) return plain("not-affected", `the data set says that ${name} is not affected`);
  }
  const [name = candidate.line] = namesOf(candidate);
  return plain("not-provable", `the data set says nothing of ${name}`);
}

function reasonsOf(checks: readonly AdvisoryCheck[]): string {
  return checks.map(({ reason }) => reason).join(", ");
}

function withOutcome(checks: readonly AdvisoryCheck[], outcome: AdvisoryCheck["outcome"]): readonly AdvisoryCheck[] {
  return checks.filter((check) => check.outcome === outcome);
}

/** What one way to a proof comes to: everything on it must pass. */
function judgeWay(checks: readonly AdvisoryCheck[]): AdvisoryVerdict {
  const steps = [
    { status: "vulnerable", deciding: withOutcome(checks, "fail") },
    { status: "not-provable", deciding: withOutcome(checks, "unseen") },
  ] as const;
  const found = steps.find(({ deciding }) => deciding.length > 0);
  const { status, deciding } = found ?? { status: "fixed", deciding: checks };
  return { status, reason: reasonsOf(deciding), decidedBy: deciding[0] ?? null, checks };
}

const RANK: Readonly<Record<AdvisoryVerdict["status"], number>> = {
  fixed: 0,
  "not-affected": 1,
  "not-provable": 2,
  vulnerable: 3,
};

function rank({ status }: AdvisoryVerdict): number {
  return RANK[status];
}

function failures({ checks }: AdvisoryVerdict): number {
  return withOutcome(checks, "fail").length;
}

/** The best of some ways; of those that fail alike the one with the least to mend. */
function best(ways: readonly AdvisoryVerdict[]): AdvisoryVerdict {
  return ways.reduce((found, next) => {
    const order = rank(next) - rank(found) || failures(next) - failures(found);
    return order < 0 ? next : found;
  });
}

function proofFor(advisory: ProvableAdvisory, candidate: Candidate) {
  for (const name of namesOf(candidate)) {
    const index = advisory.proofs.findIndex((entry) => entry.for.includes(name));
    const entry = advisory.proofs[index];
    if (entry !== undefined) return { entry, index };
  }
  return undefined;
}

function judgeCandidate(placed: PlacedAdvisory, candidate: Candidate, record: VerifiedRecord): AdvisoryVerdict {
  const { advisory, pointer } = placed;
  const spared = sparedBy(advisory, candidate);
  if (spared !== null) return spared;
  if (!advisory.provable) return plain("not-provable", advisory.why);
  const proof = proofFor(advisory, candidate);
  if (proof === undefined) {
    return plain("not-provable", `the data set has no numbers for ${candidate.key ?? candidate.line}`);
  }
  const ways = proof.entry.anyOf.map((way, index) => {
    const place = `${pointer}/proofs/${proof.index}/anyOf/${index}`;
    return judgeWay(way.map((step, at) => prove(step, `${place}/${at}`, record)));
  });
  return best(ways);
}

/** The processors of a line that an advisory tells apart. */
function keysOf(advisory: Advisory, line: ProductLine): readonly string[] {
  const { affected, notAffected = [] } = advisory;
  const entries = advisory.provable ? [...notAffected, ...advisory.proofs] : notAffected;
  const keys = [affected, ...entries.map((entry) => entry.for)].flat();
  return [...new Set(keys)].filter((key) => key !== line && lineOfKey(key) === line);
}

function isGood({ status }: AdvisoryVerdict): boolean {
  return status === "fixed" || status === "not-affected";
}

/** One answer for all processors that a report may come from: good only where it is good for each of them. */
function together(verdicts: readonly AdvisoryVerdict[], line: ProductLine): AdvisoryVerdict {
  if (verdicts.every(isGood)) return verdicts.reduce((found, next) => (rank(next) < rank(found) ? next : found));
  if (!verdicts.some(isGood)) return verdicts.reduce((found, next) => (rank(next) > rank(found) ? next : found));
  return plain("not-provable", `the report names no processor, and those of ${line} have different numbers`);
}

/**
 * What a verified report shows of an advisory. Pure and total.
 *
 * A report of version 2 names no processor: whatever the advisory says of any processor of the line must then hold.
 */
export function judgeAdvisory(placed: PlacedAdvisory, record: VerifiedRecord): AdvisoryVerdict {
  const { productLine: line } = record;
  const { cpuid } = record.report;
  if (cpuid !== null) return judgeCandidate(placed, { key: processorKey(cpuid), line }, record);
  const keys = [null, ...keysOf(placed.advisory, line)];
  return together(
    keys.map((key) => judgeCandidate(placed, { key, line }, record)),
    line,
  );
}
