import type { ExpectedRecord } from "../binding/expected.js";
import type { VerifiedRecord } from "../verify/record.js";
import type { Finding, Subject, Test } from "./check.js";
import type { Source } from "./claims.js";
import { deepFreeze, isoText, timeText } from "./json.js";
import type { PlacedTest } from "./placed.js";
import { bound } from "./rules/bound.js";

/** A time that must not be over, and what to do when it is. */
interface End {
  readonly name: string;
  readonly what: string;
  readonly source: Source;
  readonly advice: string;
  /** Milliseconds since 1970; null where there is none. */
  read(record: VerifiedRecord): number | null;
}

function judgeEnd({ record, now, nowText }: Subject, { what, advice, read }: End): Finding {
  const end = read(record);
  const expected = timeText(end);
  // Written so that a missing time and NaN refuse.
  if (end !== null && now <= end) return { outcome: "pass", expected };
  const reason = `Expected now at or before ${what}, ${expected}; found ${nowText}; ${advice}.`;
  return { outcome: "fail", expected, reason };
}

function notAfter(end: End): Test {
  const { name, source, what } = end;
  return {
    ...{ id: `time.${name}`, at: "", claim: "now", operator: "notAfter", expected: null, source },
    passed: `Found now not after ${what}.`,
    run: (subject) => judgeEnd(subject, end),
  };
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
      const reason = `The revocation status is ${status}, which the policy judges elsewhere.`;
      return { outcome: "not-applicable", reason };
    },
  };
}

function notBeforeVerification(): Test {
  return {
    ...{ id: "time.verification", at: "", claim: "now", operator: "notBefore", expected: null },
    passed: "Found now not before the verification.",
    source: { kind: "verification", field: "verifiedAt" },
    run({ now, nowText, record }) {
      const { verifiedAt } = record.chain;
      const expected = isoText(verifiedAt);
      if (now >= verifiedAt) return { outcome: "pass", expected };
      const advice = "set the clock, or appraise with the time of the verification";
      const reason = `Expected now at or after the verification at ${expected}; found ${nowText}; ${advice}.`;
      return { outcome: "fail", expected, reason };
    },
  };
}

function clockTests(): readonly PlacedTest[] {
  const certificates = (["leaf", "intermediate", "root"] as const).map(certificate);
  return [notBeforeVerification(), crl(), ...certificates].map(implied);
}

function implied(test: Test): PlacedTest {
  return { test, pointer: "", implied: true, rule: null, waivers: [] };
}

/** What holds for every policy: the evidence was verified before `now`, and nothing of it has ended since. */
export const CLOCK_TESTS: readonly PlacedTest[] = /* @__PURE__ */ deepFreeze(/* @__PURE__ */ clockTests());

/**
 * The test of what the caller brought, for when no test that counts has compared it: it must hold all the same, or
 * nobody would notice. None when nothing was brought.
 */
export function testsOfInputs(brought: ExpectedRecord | null): readonly PlacedTest[] {
  return brought === null ? [] : [implied({ ...bound(brought.scheme), id: "input.reportData", at: "" })];
}
