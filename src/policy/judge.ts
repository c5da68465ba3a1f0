import { CLOCK_TESTS, testsOfInputs } from "./always.js";
import type { Check, Finding, Subject } from "./check.js";
import type { ClaimName } from "./claims.js";
import { type CompiledPolicy, type PlacedDefault, uncomparedClaims } from "./compile.js";
import { decide } from "./deciding.js";
import { deepFreeze, type Json } from "./json.js";
import type { PlacedTest } from "./placed.js";
import { sourcesOf } from "./record-view.js";
import { usedWaiver, type Waiver } from "./waivers.js";
import type { Block, Node } from "./ways.js";

/** A test, what it found, and what excuses that. */
interface Judged<Placed extends PlacedTest = PlacedTest> {
  readonly placed: Placed;
  readonly finding: Finding;
  readonly waiver: Waiver | undefined;
}

/** Why a finding decides nothing, for those where that is so. */
type Asides = ReadonlyMap<Judged, string>;

function run<Placed extends PlacedTest>(placed: Placed, subject: Subject): Judged<Placed> {
  const finding = placed.test.run(subject);
  const { waivers } = placed;
  return { placed, finding, waiver: waivers.length === 0 ? undefined : usedWaiver(waivers, finding, subject) };
}

/** Failed, and nothing excuses it. */
function refuses({ finding, waiver }: Judged): boolean {
  return finding.outcome === "fail" && waiver === undefined;
}

/** Which tests decide nothing: those that are on no way that decides. */
function findAsides(root: Node, written: readonly Judged[], defaults: readonly Judged<PlacedDefault>[]): Asides {
  const asides = new Map<Judged, string>();
  // Where nothing refuses, every way holds.
  if (!written.some(refuses) && !defaults.some(refuses)) return asides;
  const failedDefaults = defaults.filter(refuses).reduce((bits, { placed }) => bits | placed.bit, 0);
  const holds = ({ first, end }: Block) => !written.slice(first, end).some(refuses);
  const { counting, aside } = decide(root, { holds, failedDefaults });
  for (const { block, anyOf } of aside) {
    const reason = `Not needed: another alternative of ${anyOf} holds.`;
    for (const one of written.slice(block.first, block.end)) asides.set(one, reason);
  }
  const idle = failedDefaults & ~counting;
  for (const one of defaults.filter(({ placed }) => (idle & placed.bit) !== 0)) {
    asides.set(one, "Not needed: every way that decides speaks of it itself.");
  }
  return asides;
}

/** How a check that failed ends, and why. */
function failureOf({ placed, waiver }: Judged, found: string, aside: string | undefined) {
  if (aside !== undefined)
    return { outcome: "not-applicable", severity: "error", reason: `${aside} ${found}` } as const;
  if (waiver === undefined) {
    const [over] = placed.waivers;
    const hint = over === undefined ? "" : ` ${over.shown.pointer} is over, or for other evidence.`;
    return { outcome: "fail", severity: "error", reason: found + hint } as const;
  }
  const { until, reason } = waiver.shown;
  const excused = `until ${until} (${reason}): ${found}`;
  return waiver.kind === "warn"
    ? ({ outcome: "fail", severity: "warning", reason: `Only a warning ${excused}` } as const)
    : ({ outcome: "waived", severity: "error", reason: `Waived ${excused}` } as const);
}

/** What was looked at. */
function actualOf({ placed: { test }, finding }: Judged, { claims, nowText }: Subject): Json {
  if (finding.actual !== undefined) return finding.actual;
  if (test.claim === "now") return nowText;
  return test.claim === "advisories" ? null : claims.get(test.claim);
}

function checkOf(judged: Judged, subject: Subject, aside: string | undefined): Check {
  const { placed, finding, waiver } = judged;
  const { test, pointer, implied, rule } = placed;
  const { id, claim, operator } = test;
  const { outcome, severity, reason } =
    finding.outcome === "fail"
      ? failureOf(judged, finding.reason, aside)
      : ({ outcome: finding.outcome, severity: "error", reason: finding.reason ?? test.passed } as const);
  return Object.freeze({
    id,
    pointer,
    implied,
    rule,
    claim,
    operator,
    expected: finding.expected === undefined ? test.expected : deepFreeze(finding.expected),
    actual: actualOf(judged, subject),
    outcome,
    severity,
    reason,
    waiver: waiver === undefined || aside !== undefined ? null : waiver.shown,
    source:
      finding.source === undefined ? (test.source ?? sourcesOf(subject.record)[claim]) : Object.freeze(finding.source),
  });
}

const NONE: ReadonlySet<number> = /* @__PURE__ */ new Set<number>();

/** The places of the tests that decide nothing. */
function placesOf(judged: readonly Judged[], asides: Asides): ReadonlySet<number> {
  if (asides.size === 0) return NONE;
  return new Set(judged.flatMap((one, index) => (asides.has(one) ? [index] : [])));
}

/** What came of all tests. */
export interface Judgement {
  /** True where the policy itself asks for REPORT_DATA by a scheme, on a way that decides, and found it so. */
  readonly bound: boolean;
  /** The places, in the list of checks, of those that decide nothing since another alternative of the policy holds. */
  readonly setAside: ReadonlySet<number>;
  /** The tests that failed on a way that decides, waived ones among them. */
  readonly failed: readonly Check[];
  /** All of them, in the order of the document; those that failed are those above. */
  checks(): readonly Check[];
  /** The claims that were compared with nothing; tests that were set aside or did not apply do not count. */
  uncompared(): readonly ClaimName[];
}

/**
 * Runs every test of a policy, those that always run, and those that the caller's inputs ask for. What is said of
 * them is worked out where it is read: a verdict alone costs the tests alone.
 *
 * A check has the outcome `fail` and the severity `error` only where it stands in the way: evidence is accepted exactly
 * when none has.
 */
export function judge(compiled: CompiledPolicy, subject: Subject): Judgement {
  const written = compiled.written.map((placed) => run(placed, subject));
  const defaults = compiled.defaults.map((placed) => run(placed, subject));
  const asides = findAsides(compiled.root, written, defaults);
  // An alternative without a nonce must not let the caller's nonce go uncompared.
  const comparing = written.filter((one) => one.placed.test.operator === "bound" && !asides.has(one));
  const asked = comparing.length > 0 ? [] : testsOfInputs(subject.expectedReportData);
  const around = [...compiled.validity, ...CLOCK_TESTS, ...asked].map((placed) => run(placed, subject));
  const judged: readonly Judged[] = [...written, ...defaults, ...around];
  const say = (one: Judged) => checkOf(one, subject, asides.get(one));
  const failing = judged.filter((one) => one.finding.outcome === "fail" && !asides.has(one));
  const failed = new Map(failing.map((one) => [one, say(one)]));
  const counts = (one: Judged) => one.finding.outcome !== "not-applicable" && !asides.has(one);
  return {
    setAside: placesOf(judged, asides),
    bound: comparing.some(({ finding }) => finding.outcome === "pass"),
    failed: [...failed.values()],
    checks: () => judged.map((one) => failed.get(one) ?? say(one)),
    uncompared: () => uncomparedClaims(judged.filter(counts).map(({ placed }) => placed)),
  };
}
