import { CLOCK_TESTS, testsOfInputs } from "./always.js";
import type { Check, Finding, Subject } from "./check.js";
import type { ClaimName } from "./claims.js";
import { type CompiledPolicy, type PlacedDefault, type PlacedTest, uncomparedClaims } from "./compile.js";
import { deepFreeze } from "./json.js";
import { type Block, countingDefaults, evaluate, type Node, setAside } from "./ways.js";

/** A test and what it found. */
interface Judged<Placed extends PlacedTest = PlacedTest> {
  readonly placed: Placed;
  readonly finding: Finding;
}

/** Why a finding decides nothing, for those where that is so. */
type Asides = ReadonlyMap<Judged, string>;

function run<Placed extends PlacedTest>(placed: Placed, subject: Subject): Judged<Placed> {
  return { placed, finding: placed.test.run(subject) };
}

function hasFailed({ finding }: Judged): boolean {
  return finding.outcome === "fail";
}

/** Which tests decide nothing: those of an alternative that fails beside one that holds, and defaults spoken of. */
function findAsides(root: Node, written: readonly Judged[], defaults: readonly Judged<PlacedDefault>[]): Asides {
  const asides = new Map<Judged, string>();
  const failedDefaults = defaults.filter(hasFailed).reduce((bits, { placed }) => bits | placed.bit, 0);
  const holds = ({ first, end }: Block) => !written.slice(first, end).some(hasFailed);
  const outcome = evaluate(root, { holds, failedDefaults });
  const counting = countingDefaults(outcome, failedDefaults);
  for (const { block, anyOf } of setAside(outcome, counting)) {
    const reason = `Not needed: another alternative of ${anyOf} holds.`;
    for (const one of written.slice(block.first, block.end)) asides.set(one, reason);
  }
  const idle = failedDefaults & ~counting;
  for (const one of defaults.filter(({ placed }) => (idle & placed.bit) !== 0)) {
    asides.set(one, "Not needed: the way that holds speaks of it itself.");
  }
  return asides;
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
    expected: finding.expected === undefined ? test.expected : deepFreeze(finding.expected),
    actual: finding.actual,
    outcome: idle ? "not-applicable" : finding.outcome,
    severity: "error",
    reason: idle ? `${aside} ${finding.reason}` : finding.reason,
    source: finding.source === undefined ? (test.source ?? sources[claim]) : Object.freeze(finding.source),
  });
}

/** What came of all tests. */
export interface Judgement {
  readonly checks: readonly Check[];
  /** The claims that were compared with nothing; tests that were set aside do not count. */
  readonly uncompared: readonly ClaimName[];
}

/**
 * Runs every test of a policy, those that always run, and those that the caller's inputs ask for.
 *
 * A check has the outcome `fail` only where it stands in the way: evidence is accepted exactly when none has.
 */
export function judge(compiled: CompiledPolicy, subject: Subject): Judgement {
  const written = compiled.written.map((placed) => run(placed, subject));
  const defaults = compiled.defaults.map((placed) => run(placed, subject));
  const asides = findAsides(compiled.root, written, defaults);
  // An alternative without a nonce must not let the caller's nonce go uncompared.
  const compared = written.some((one) => one.placed.test.operator === "bound" && !asides.has(one));
  const asked = compared ? [] : testsOfInputs(subject.expectedReportData);
  const around = [...CLOCK_TESTS, ...asked].map((placed) => run(placed, subject));
  const judged: readonly Judged[] = [...written, ...defaults, ...around];
  const checks = judged.map((one) => checkOf(one, subject, asides.get(one)));
  if (asides.size === 0 && asked.length === 0) return { checks, uncompared: compiled.uncompared };
  return { checks, uncompared: uncomparedClaims(judged.filter((one) => !asides.has(one)).map(({ placed }) => placed)) };
}
