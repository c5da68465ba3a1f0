import type { BindingSchemeName, ExpectedRecord } from "../binding/expected.js";
import type { Finding, Subject, Test } from "./check.js";
import type { Source } from "./claims.js";
import type { PlacedTest } from "./compile.js";
import { timeText } from "./json.js";
import { fail, inapplicable, pass } from "./rule.js";
import { bound } from "./rules/report-data.js";

/** Where a time stands, and what to do when it is over. */
interface End {
  readonly id: string;
  readonly what: string;
  readonly source: Source;
  readonly advice: string;
  /** Milliseconds since 1970; null where there is none. */
  read(subject: Subject): number | null;
}

function judgeEnd(now: number, end: number | null, { what, advice }: End): Finding {
  const actual = timeText(now);
  const expected = timeText(end);
  // Written so that a missing time and NaN refuse.
  if (end !== null && now <= end) return { ...pass(actual, `Found now not after ${what}.`), expected };
  return {
    ...fail(actual, `Expected now to be at or before ${what}, ${expected}; found ${actual}; ${advice}.`),
    expected,
  };
}

function notAfter(end: End): Test {
  const { id, source } = end;
  return {
    id,
    at: "",
    claim: "now",
    operator: "notAfter",
    expected: null,
    source,
    run: (subject) => judgeEnd(subject.now, end.read(subject), end),
  };
}

function certificate(role: "leaf" | "intermediate" | "root"): Test {
  return notAfter({
    id: `time.${role}`,
    what: `notAfter of the ${role} certificate`,
    source: { kind: "certificate", field: `${role}.notAfter` },
    advice: "bring a certificate that is valid",
    read: ({ record }) => record.chain[role].notAfter,
  });
}

function crl(): Test {
  const test = notAfter({
    id: "time.crl",
    what: "nextUpdate of the CRL",
    source: { kind: "crl", field: "nextUpdate" },
    advice: "verify again with a current CRL",
    read: ({ record }) => record.chain.revocation.nextUpdate,
  });
  return {
    ...test,
    run(subject) {
      const { status } = subject.record.chain.revocation;
      if (status === "checked") return test.run(subject);
      return inapplicable(
        timeText(subject.now),
        `The revocation status is ${status}, which the policy judges elsewhere.`,
      );
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
    run({ now, record: { chain } }) {
      const actual = timeText(now);
      const expected = timeText(chain.verifiedAt);
      if (now >= chain.verifiedAt) return { ...pass(actual, "Found now not before the verification."), expected };
      const advice = "set the clock, or appraise with the time of the verification";
      return {
        ...fail(actual, `Expected now at or after the verification at ${expected}; found ${actual}; ${advice}.`),
        expected,
      };
    },
  };
}

/** The caller brought an expectation that no rule compares: it must hold all the same, or nobody would notice. */
function broughtReportData(scheme: BindingSchemeName): Test {
  return { ...bound(scheme), id: "input.reportData", at: "" };
}

const CLOCK: readonly PlacedTest[] = /* @__PURE__ */ clockTests();

function clockTests(): readonly PlacedTest[] {
  const certificates = (["leaf", "intermediate", "root"] as const).map(certificate);
  return [notBeforeVerification(), crl(), ...certificates].map(implied);
}

function implied(test: Test): PlacedTest {
  return { test, pointer: "", implied: true, rule: null };
}

/**
 * The tests that run whatever the policy says: the evidence was verified before `now`, nothing of it has ended since,
 * and REPORT_DATA is what the caller brought, where no written test compares that.
 */
export function testsThatAlwaysRun(
  brought: ExpectedRecord | null,
  written: readonly PlacedTest[],
): readonly PlacedTest[] {
  if (brought === null || written.some(({ test }) => test.operator === "bound")) return CLOCK;
  return [...CLOCK, implied(broughtReportData(brought.scheme))];
}
