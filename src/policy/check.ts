import type { ExpectedRecord } from "../binding/expected.js";
import type { VerifiedRecord } from "../verify/record.js";
import type { AdvisoryRecord } from "./advisory-data.js";
import type { ClaimName, Source } from "./claims.js";
import type { Json } from "./json.js";

/** How a check compares what it expects with what it found. */
export type Operator =
  | "any"
  | "atLeast"
  | "atMost"
  | "bound"
  | "consistent"
  | "equals"
  | "fixed"
  | "forbidden"
  | "includes"
  | "noneOf"
  | "notAfter"
  | "notBefore"
  | "notZero"
  | "oneOf"
  | "required"
  | "within"
  | "zero";

/**
 * How a check went. `waived` is a failure that the policy excuses. `not-applicable` is a check that decides nothing
 * here: the evidence has no such claim, or another alternative of the policy holds.
 */
export type CheckOutcome = "pass" | "fail" | "waived" | "not-applicable";

/** `error`: a failure refuses. `warning`: a failure is listed and refuses nothing. */
export type CheckSeverity = "error" | "warning";

/** What the author of a policy wrote beside a rule. */
export interface RuleNote {
  readonly id: string | null;
  readonly reason: string | null;
}

/** The entry of `waivers` or `warn` that kept a failed check from refusing. */
export interface UsedWaiver {
  /** JSON Pointer of the entry. */
  readonly pointer: string;
  readonly until: string;
  readonly reason: string;
}

/** What a check looked at: a claim of the evidence, or an input of the appraisal. */
export type CheckedClaim = ClaimName | "now" | "advisories";

/** One check of an appraisal: frozen and JSON-safe. */
export interface Check {
  /** Stable over versions; docs/policy.md lists them. */
  readonly id: string;
  /** JSON Pointer into the policy; for an implied check the place where the policy could have spoken of it. */
  readonly pointer: string;
  /** True where the policy did not write the check: a strict default, or one that always runs. */
  readonly implied: boolean;
  /** The nearest rule around the check that has an id or a reason. */
  readonly rule: RuleNote | null;
  /** What was looked at: a name of `evidence.claims`, or the input `now` or `advisories`. */
  readonly claim: CheckedClaim;
  readonly operator: Operator;
  readonly expected: Json;
  readonly actual: Json;
  readonly outcome: CheckOutcome;
  readonly severity: CheckSeverity;
  /** A sentence for a person: what was expected, what was found, what to do. */
  readonly reason: string;
  /** Why a failure did not refuse; null for all other checks. */
  readonly waiver: UsedWaiver | null;
  readonly source: Source;
}

/** The claims of a record as JSON, each read when it is first asked for. */
export interface Claims {
  get(name: ClaimName): Json;
}

/** What a test may look at. */
export interface Subject {
  readonly record: VerifiedRecord;
  readonly claims: Claims;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The same as RFC 3339. */
  readonly nowText: string;
  /** What REPORT_DATA must be, where the caller brought it. */
  readonly expectedReportData: ExpectedRecord | null;
  /** What is known of advisories, where the caller brought it. */
  readonly advisories: AdvisoryRecord | null;
}

interface Found {
  /** Where it is other than the claim. */
  readonly actual?: Json;
  /** Where it is known only when the evidence is. */
  readonly expected?: Json;
  readonly source?: Source;
}

/** What one test found. */
export type Finding = Found &
  (
    | { readonly outcome: "fail" | "not-applicable"; readonly reason: string }
    /** The test says what there is to say. */
    | { readonly outcome: "pass"; readonly reason?: undefined }
  );

/** A check before there is evidence. Its parts are fixed when the policy is defined; `run` is pure and total. */
export interface Test {
  readonly id: string;
  /** JSON Pointer from the block, such as `/guestPolicy/debug`. */
  readonly at: string;
  readonly claim: CheckedClaim;
  readonly operator: Operator;
  readonly expected: Json;
  /** Further claims that it compares. */
  readonly reads?: readonly ClaimName[];
  /** What is said when it passes. */
  readonly passed: string;
  /** Where the claim itself does not say where it stands. */
  readonly source?: Source;
  run(subject: Subject): Finding;
}
