import type { BindingSchemeName, ExpectedRecord } from "../binding/expected.js";
import type { VerifiedRecord } from "../verify/record.js";
import type { Finding, Subject, Test } from "./check.js";
import type { Source } from "./claims.js";
import type { PlacedTest } from "./compile.js";
import { deepFreeze } from "./json.js";
import { inapplicable } from "./rule.js";
import { bound } from "./rules/report-data.js";

/** A time that must not be over, and what to do when it is. */
interface End {
  readonly name: "crl" | "leaf" | "intermediate" | "root";
  readonly what: string;
  readonly source: Source;
  readonly advice: string;
  /** Milliseconds since 1970; null where there is none. */
  read(record: VerifiedRecord): number | null;
}

function finding(
  outcome: "pass" | "fail",
  { nowText }: Subject,
  parts: { expected: string | null; reason: string },
): Finding {
  return { outcome, actual: nowText, reason: parts.reason, expected: parts.expected };
}

function judgeEnd(subject: Subject, { name, what, advice, read }: End): Finding {
  const end = read(subject.record);
  const expected = subject.times[name];
  // Written so that a missing time and NaN refuse.
  if (end !== null && subject.now <= end)
    return finding("pass", subject, { expected, reason: `Found now not after ${what}.` });
  const reason = `Expected now at or before ${what}, ${expected}; found ${subject.nowText}; ${advice}.`;
  return finding("fail", subject, { expected, reason });
}

function notAfter(end: End): Test {
  const { name, source } = end;
  const parts = { id: `time.${name}`, at: "", claim: "now", operator: "notAfter", expected: null, source } as const;
  return { ...parts, run: (subject) => judgeEnd(subject, end) };
}

function certificate(name: "leaf" | "intermediate" | "root"): Test {
  return notAfter({
    name,
    what: `notAfter of the ${name} certificate`,
    source: { kind: "certificate", field: `${name}.notAfter` },
    advice: "bring a certificate that is valid",
    read: ({ chain }) => chain[name].notAfter,
  });
}

function crl(): Test {
  const test = notAfter({
    name: "crl",
    what: "the end of the CRL's use",
    source: { kind: "crl", field: "nextUpdate" },
    advice: "verify again with a current CRL",
    read: ({ chain }) => chain.revocation.usableUntil,
  });
  return {
    ...test,
    run(subject) {
      const { status, usableUntil } = subject.record.chain.revocation;
      if (status === "checked" || usableUntil !== null) return test.run(subject);
      return inapplicable(subject.nowText, `The revocation status is ${status}, which the policy judges elsewhere.`);
    },
  };
}

function notBeforeVerification(): Test {
  return {
    id: "time.verification",
    at: "",
    claim: "now",
    operator: "notBefore",
    expected: null,
    source: { kind: "verification", field: "verifiedAt" },
    run(subject) {
      const { now, nowText, record, times } = subject;
      const expected = times.verification;
      if (now >= record.chain.verifiedAt) {
        return finding("pass", subject, { expected, reason: "Found now not before the verification." });
      }
      const advice = "set the clock, or appraise with the time of the verification";
      const reason = `Expected now at or after the verification at ${expected}; found ${nowText}; ${advice}.`;
      return finding("fail", subject, { expected, reason });
    },
  };
}

/** The caller brought an expectation that no rule compares: it must hold all the same, or nobody would notice. */
function broughtReportData(scheme: BindingSchemeName): Test {
  return { ...bound(scheme), id: "input.reportData", at: "" };
}

function clockTests(): readonly PlacedTest[] {
  const certificates = (["leaf", "intermediate", "root"] as const).map(certificate);
  return [notBeforeVerification(), crl(), ...certificates].map(implied);
}

function implied(test: Test): PlacedTest {
  return { test, pointer: "", implied: true, rule: null };
}

/** What holds for every policy: the evidence was verified before `now`, and nothing of it has ended since. */
export const CLOCK_TESTS: readonly PlacedTest[] = /* @__PURE__ */ deepFreeze(/* @__PURE__ */ clockTests());

/** The test of what the caller brought, for when no test that counts has compared it; none when nothing was brought. */
export function testsOfInputs(brought: ExpectedRecord | null): readonly PlacedTest[] {
  return brought === null ? [] : [implied(broughtReportData(brought.scheme))];
}
