import type { BindingSchemeName } from "../../binding/expected.js";
import { equalBytes, toHex } from "../../bytes/codecs.js";
import type { Finding, Subject, Test } from "../check.js";
import { fail, named, PASS } from "../rule.js";

/** The name, the place and the claim of the tests of REPORT_DATA. */
export const NAMED = /* @__PURE__ */ named("reportData");
/** The same, and what is said when they pass. */
export const PASSED = { ...NAMED, passed: "Found REPORT_DATA as expected." } as const;
const STALE = "the report answers another request: ask the guest for a fresh one, and drop this one";
/** The word that allows a part to come from the evidence. */
export const FROM_EVIDENCE = "fromEvidence";

/** Compares REPORT_DATA with the bytes that it must be. */
export function compare({ record, claims }: Subject, expected: Uint8Array): Finding {
  // Constant time: whoever sends reports learns nothing of an expected value by measuring.
  if (equalBytes(record.report.reportData, expected)) return PASS;
  return fail(`Expected REPORT_DATA ${toHex(expected)}; found ${String(claims.get("reportData"))}; ${STALE}.`);
}

function compareInput(subject: Subject, scheme: BindingSchemeName, allowed: readonly string[]): Finding {
  const { expectedReportData: input } = subject;
  if (input?.scheme !== scheme) {
    const brought = input === null ? "nothing" : `the scheme ${input.scheme}`;
    const bring = `pass what bindReportData("${scheme}", ...) returned as reportData`;
    return fail(`Expected REPORT_DATA bound by ${scheme}; the caller brought ${brought}; ${bring}.`);
  }
  const expected = { scheme, bytes: toHex(input.bytes) };
  const foreign = input.fromEvidence.find((part) => !allowed.includes(part));
  if (foreign === undefined) return { ...compare(subject, input.bytes), expected };
  const advice = `bring your own, or write "${FROM_EVIDENCE}" for it in the policy`;
  return { ...fail(`Expected ${foreign} from the verifier; found it taken from the evidence; ${advice}.`), expected };
}

/** A test that REPORT_DATA is what the caller brought, made by one scheme of parts that may come from the evidence. */
export function bound(scheme: BindingSchemeName, allowed: readonly string[] = []): Test {
  const expected = allowed.length === 0 ? { scheme } : { scheme, [FROM_EVIDENCE]: allowed };
  return { ...PASSED, operator: "bound", expected, run: (subject) => compareInput(subject, scheme, allowed) };
}
