import * as v from "valibot";
import type { BindingSchemeName } from "../../binding/expected.js";
import { BINDING_SCHEMES } from "../../binding/expected.js";
import { equalBytes, fromHex, toHex } from "../../bytes/codecs.js";
import type { Finding, Subject, Test } from "../check.js";
import { accepts, defineRule, fail, pass } from "../rule.js";
import { anyOr, exactlyOne, hexOf } from "../words.js";

const NAMED = { id: "snp.reportData", at: "/reportData", claim: "reportData" } as const;
const STALE = "the report answers another request: ask the guest for a fresh one, and drop this one";

function compare({ record, claims }: Subject, expected: Uint8Array): Finding {
  const actual = claims.reportData;
  // Constant time: whoever sends reports learns nothing of an expected value by measuring.
  if (equalBytes(record.report.reportData, expected)) return pass(actual, "Found REPORT_DATA as expected.");
  return fail(actual, `Expected REPORT_DATA ${toHex(expected)}; found ${String(actual)}; ${STALE}.`);
}

function exact(hex: string): Test {
  const expected = fromHex(hex);
  return { ...NAMED, operator: "equals", expected: hex.toLowerCase(), run: (subject) => compare(subject, expected) };
}

function compareInput(subject: Subject, scheme: BindingSchemeName): Finding {
  const { expectedReportData: input, claims } = subject;
  if (input?.scheme === scheme) {
    return { ...compare(subject, input.bytes), expected: { scheme, bytes: toHex(input.bytes) } };
  }
  const brought = input === null ? "nothing" : `the scheme ${input.scheme}`;
  const bring = `pass what bindReportData("${scheme}", ...) returned as reportData`;
  return fail(claims.reportData, `Expected REPORT_DATA bound by ${scheme}; the caller brought ${brought}; ${bring}.`);
}

/** A test that REPORT_DATA is what the caller brought, made by one scheme. */
export function bound(scheme: BindingSchemeName): Test {
  return { ...NAMED, operator: "bound", expected: { scheme }, run: (subject) => compareInput(subject, scheme) };
}

/** `reportData`: exact bytes, a named scheme whose value the caller brings, or "any". */
export const reportData = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(
    exactlyOne(["exact", "scheme"], {
      exact: v.exactOptional(hexOf(64)),
      scheme: v.exactOptional(v.picklist(BINDING_SCHEMES)),
    }),
  ),
  decision: '{ "scheme": NAME }, { "exact": HEX } or "any"',
  tests(said) {
    if (said === "any") return [accepts(NAMED)];
    const tests = said.exact === undefined ? [] : [exact(said.exact)];
    return said.scheme === undefined ? tests : [...tests, bound(said.scheme)];
  },
});
