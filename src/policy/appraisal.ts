import type { ExpectedRecord } from "../binding/expected.js";
import { PolicyError } from "../errors.js";
import type { VerifiedRecord } from "../verify/record.js";
import type { Check, Subject } from "./check.js";
import type { ClaimName } from "./claims.js";
import type { Judgement } from "./judge.js";
import type { Policy } from "./policy.js";
import { viewOf } from "./record-view.js";
import type { EvidenceSummary } from "./summary.js";

declare const acceptedBrand: unique symbol;

/** What both verdicts carry: frozen and JSON-safe. */
interface AppraisalBase {
  /** Every check that the policy wrote or implies, in the order of the document. */
  readonly checks: readonly Check[];
  /** Failed checks of severity `warning`. */
  readonly warnings: readonly Check[];
  /** Failed checks that the policy excuses. */
  readonly waived: readonly Check[];
  /** Claims that nothing compared: no check that counted looked at them, or it accepts any value. */
  readonly unexamined: readonly ClaimName[];
  readonly policyId: string;
  /** SHA-384 of the policy's canonical form, lower-case hex. */
  readonly policyDigest: string;
  /** `inputs.now`, RFC 3339. */
  readonly appraisedAt: string;
  readonly evidence: EvidenceSummary;
}

/** The evidence is what the policy asks for. Made by `appraise` alone; see `assertAccepted`. */
export interface AcceptedAppraisal extends AppraisalBase {
  readonly [acceptedBrand]: true;
  readonly verdict: "accept";
  readonly failures: readonly [];
}

/** The evidence is not what the policy asks for; `failures` says why. */
export interface RejectedAppraisal extends AppraisalBase {
  readonly verdict: "reject";
  readonly failures: readonly [Check, ...Check[]];
}

/** The verdict of a policy on verified evidence, with every check that led to it. */
export type Appraisal = AcceptedAppraisal | RejectedAppraisal;

/** What an appraisal was made of. Read by results and releases; never handed out. */
export interface AppraisalRecord {
  readonly evidence: VerifiedRecord;
  /**
   * What REPORT_DATA was shown to be, where the policy itself asks for it by a scheme; null where the policy takes any,
   * names exact bytes, or the check failed. Its key is the one key that an appraisal speaks for.
   */
  readonly bound: ExpectedRecord | null;
  /**
   * Places in `checks` of those that decide nothing, since they stand in alternatives other than those that hold: what
   * they found is no reason for the verdict, even where they pass.
   */
  readonly setAside: ReadonlySet<number>;
}

const made = new WeakMap<object, AppraisalRecord>();

/** Answers what is worked out when it is first asked for. */
function once<Value>(make: () => Value): () => Value {
  let kept: { readonly value: Value } | undefined;
  return () => {
    kept ??= { value: make() };
    return kept.value;
  };
}

/**
 * Makes an appraisal; called by `appraise` alone. The verdict is `accept` exactly when nothing refuses. Verdict,
 * failures, warnings and waived failures are there at once, the rest where it is read.
 */
export function createAppraisal(
  { failed, bound, ...judgement }: Judgement,
  { record, claims, nowText, expectedReportData }: Subject,
  policy: Pick<Policy, "id" | "digest">,
): Appraisal {
  const failures = failed.filter(({ outcome, severity }) => outcome === "fail" && severity === "error");
  const checks = once(() => Object.freeze(judgement.checks()));
  const unexamined = once(() => Object.freeze(judgement.uncompared().filter((name) => claims.get(name) !== null)));
  const appraisal = Object.freeze({
    verdict: failures.length === 0 ? "accept" : "reject",
    failures: Object.freeze(failures),
    get checks() {
      return checks();
    },
    warnings: Object.freeze(failed.filter(({ severity }) => severity === "warning")),
    waived: Object.freeze(failed.filter(({ outcome }) => outcome === "waived")),
    get unexamined() {
      return unexamined();
    },
    policyId: policy.id,
    policyDigest: policy.digest,
    appraisedAt: nowText,
    get evidence() {
      return viewOf(record).evidence();
    },
  });
  made.set(appraisal, { evidence: record, bound: bound ? expectedReportData : null, setAside: judgement.setAside });
  // The verdict was just computed from the failures, and the brand exists in types alone: `made` stands for it.
  return appraisal as unknown as Appraisal;
}

/** True for an accepting appraisal that `appraise` made; false for everything else, look-alikes too. Never throws. */
export function isAcceptedAppraisal(value: unknown): value is AcceptedAppraisal {
  return isAppraisal(value) && value.verdict === "accept";
}

function isAppraisal(value: unknown): value is Appraisal {
  return typeof value === "object" && value !== null && made.has(value);
}

/**
 * The private record behind an appraisal, whatever its verdict.
 *
 * @throws TypeError for anything that `appraise` did not make, whatever its shape.
 */
export function assertAppraisal(appraisal: unknown): AppraisalRecord {
  const record = typeof appraisal === "object" && appraisal !== null ? made.get(appraisal) : undefined;
  if (record !== undefined) return record;
  throw new TypeError("appraisal must be what appraise returned; a look-alike or a copy does not count");
}

function failureLine({ id, pointer, rule, reason }: Check): string {
  const note = rule?.reason ?? null;
  return `${id} (${pointer === "" ? "always" : pointer}): ${reason}${note === null ? "" : ` [${note}]`}`;
}

/**
 * Returns when an appraisal accepts.
 *
 * @throws PolicyError `ERR_POLICY_REJECTED` when it rejects; `detail.failures` has a line for each failed check.
 * @throws TypeError for anything that `appraise` did not make, whatever its shape.
 */
export function assertAccepted(appraisal: Appraisal): asserts appraisal is AcceptedAppraisal {
  assertAppraisal(appraisal);
  if (appraisal.verdict === "accept") return;
  const { policyId } = appraisal;
  const failures = appraisal.failures.map(failureLine);
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
  throw new PolicyError("ERR_POLICY_REJECTED", `policy ${JSON.stringify(policyId)} refuses: ${failures[0]}${more}`, {
    policyId,
    failures,
  });
}
