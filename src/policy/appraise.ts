import { assertExpectedReportData, type ExpectedReportData } from "../binding/expected.js";
import { checkNow, readOptions } from "../bytes/arguments.js";
import { assertVerified } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { testsThatAlwaysRun } from "./always.js";
import { type Appraisal, createAppraisal } from "./appraisal.js";
import type { Check, Finding, Subject } from "./check.js";
import { CLAIM_NAMES, type ClaimName } from "./claims.js";
import type { CompiledPolicy, PlacedTest } from "./compile.js";
import { deepFreeze } from "./json.js";
import { assertPolicy, type Policy } from "./policy.js";
import { viewOf } from "./summary.js";
import { evaluate, visitSetAside } from "./ways.js";

/** What an appraisal needs besides evidence and policy; an unknown name is a TypeError. */
export interface AppraisalInputs {
  /** The time to judge by. */
  now: Date;
  /** What REPORT_DATA must be: the answer of `bindReportData`. A policy that names a scheme refuses without it. */
  reportData?: ExpectedReportData;
}

/** A test and what it found. */
interface Judged {
  readonly placed: PlacedTest;
  readonly finding: Finding;
}

/** Why a finding decides nothing, for those where that is so. */
type Asides = ReadonlyMap<Judged, string>;

function readSubject(verified: unknown, inputs: unknown): Subject {
  const record = assertVerified(verified);
  const { now, reportData } = readOptions(inputs, "inputs", ["now", "reportData"]);
  const expectedReportData = reportData === undefined ? null : assertExpectedReportData(reportData);
  const { claims, sources } = viewOf(record);
  return { record, claims, sources, now: checkNow(now, "inputs.now"), expectedReportData };
}

function judge(placed: PlacedTest, subject: Subject): Judged {
  return { placed, finding: placed.test.run(subject) };
}

function failed({ finding }: Judged): boolean {
  return finding.outcome === "fail";
}

/** The failed defaults that stand in the way: none where a way that holds speaks of them all. */
function countingDefaults(ways: readonly number[], failedBits: number): number {
  if (ways.length === 0) return failedBits;
  if (ways.includes(failedBits)) return 0;
  return ways.reduce((bits, way) => bits | (failedBits & ~way), 0);
}

interface JudgedPolicy {
  readonly written: readonly Judged[];
  readonly defaults: readonly Judged[];
  readonly asides: Asides;
}

function judgePolicy({ root, written: rules, defaults: implied }: CompiledPolicy, subject: Subject): JudgedPolicy {
  const written = rules.map((placed) => judge(placed, subject));
  const defaults = implied.map((placed) => ({ ...judge(placed, subject), bit: placed.bit }));
  const failedBits = defaults.filter(failed).reduce((bits, { bit }) => bits | bit, 0);
  const outcome = evaluate(root, {
    holds: ({ first, end }) => !written.slice(first, end).some(failed),
    failedDefaults: failedBits,
  });
  const asides = new Map<Judged, string>();
  visitSetAside(outcome, ({ first, end }, anyOf) => {
    for (const judged of written.slice(first, end))
      asides.set(judged, `Not needed: another alternative of ${anyOf} holds.`);
  });
  const counting = countingDefaults(outcome.ways, failedBits);
  for (const judged of defaults.filter(({ bit }) => (failedBits & ~counting & bit) !== 0)) {
    asides.set(judged, "Not needed: the way that holds speaks of it itself.");
  }
  return { written, defaults, asides };
}

function checkOf({ placed, finding }: Judged, { sources }: Subject, aside: string | undefined): Check {
  const { test, pointer, implied, rule } = placed;
  const { id, claim, operator } = test;
  const idle = aside !== undefined && finding.outcome === "fail";
  return Object.freeze({
    id,
    pointer,
    implied,
    rule,
    claim,
    operator,
    expected: deepFreeze(finding.expected ?? test.expected),
    actual: finding.actual,
    outcome: idle ? "not-applicable" : finding.outcome,
    severity: "error",
    reason: idle ? `${aside} ${finding.reason}` : finding.reason,
    source: finding.source ?? test.source ?? sources[claim],
  });
}

/** The claims of this evidence that no test compared, but for tests that were set aside. */
function unexamined(judged: readonly Judged[], asides: Asides, { claims }: Subject): readonly ClaimName[] {
  const compared = judged.filter((one) => one.placed.test.operator !== "any" && !asides.has(one));
  const examined: ReadonlySet<string> = new Set(compared.map(({ placed }) => placed.test.claim));
  return Object.freeze(CLAIM_NAMES.filter((name) => claims[name] !== null && !examined.has(name)));
}

/**
 * The verdict of a policy on verified evidence: every check is run and listed, also after one has failed.
 *
 * Pure, synchronous and total: no network, no clock but `inputs.now`, no cryptography. It reads what `verifyEvidence`
 * recorded and never the properties of the handle. Not checked: that a nonce was fresh, which only its maker knows.
 *
 * @throws TypeError for wrong arguments alone: what verifyEvidence, definePolicy or bindReportData did not make, an
 * unknown input, a `now` that is no time of this century.
 */
export function appraise(verified: VerifiedEvidence, policy: Policy, inputs: AppraisalInputs): Appraisal {
  const subject = readSubject(verified, inputs);
  const { id: policyId, digest: policyDigest, compiled } = assertPolicy(policy);
  const { written, defaults, asides } = judgePolicy(compiled, subject);
  const always = testsThatAlwaysRun(subject.expectedReportData, compiled.written).map((placed) =>
    judge(placed, subject),
  );
  const judged = [...written, ...defaults, ...always];
  const checks = Object.freeze(judged.map((one) => checkOf(one, subject, asides.get(one))));
  const base = {
    checks,
    warnings: Object.freeze(checks.filter(({ outcome, severity }) => outcome === "fail" && severity === "warning")),
    waived: Object.freeze(checks.filter(({ outcome }) => outcome === "waived")),
    unexamined: unexamined(judged, asides, subject),
    policyId,
    policyDigest,
    appraisedAt: new Date(subject.now).toISOString(),
    evidence: viewOf(subject.record).evidence,
  };
  return createAppraisal(
    base,
    checks.filter(({ outcome, severity }) => outcome === "fail" && severity === "error"),
  );
}
