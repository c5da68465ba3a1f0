import * as v from "valibot";
import { BINDING_SCHEMES, type BindingSchemeName, EVIDENCE_PARTS } from "../../binding/expected.js";
import { equalBytes, fromHex, toHex } from "../../bytes/codecs.js";
import type { Finding, Subject, Test } from "../check.js";
import { accepts, defineRule, fail, named, PASS } from "../rule.js";
import { anyOr, eachOf, exactlyOne, hexOf, saying } from "../words.js";

const NAMED = /* @__PURE__ */ named("reportData");
const PASSED = { ...NAMED, passed: "Found REPORT_DATA as expected." } as const;
const STALE = "the report answers another request: ask the guest for a fresh one, and drop this one";
const FROM_EVIDENCE = "fromEvidence";

function compare({ record, claims }: Subject, expected: Uint8Array): Finding {
  // Constant time: whoever sends reports learns nothing of an expected value by measuring.
  if (equalBytes(record.report.reportData, expected)) return PASS;
  return fail(`Expected REPORT_DATA ${toHex(expected)}; found ${String(claims.get("reportData"))}; ${STALE}.`);
}

function exact(hex: string): Test {
  const expected = fromHex(hex);
  return { ...PASSED, operator: "equals", expected: hex.toLowerCase(), run: (subject) => compare(subject, expected) };
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

/** `reportData`: exact bytes, a named scheme whose value the caller brings, or "any". */
export const reportData = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(
    exactlyOne(["exact", "scheme"], {
      exact: v.exactOptional(hexOf(64)),
      scheme: v.exactOptional(v.picklist(BINDING_SCHEMES)),
      parts: v.exactOptional(saying(eachOf(Object.values(EVIDENCE_PARTS).flat(), v.literal(FROM_EVIDENCE)))),
    }),
  ),
  decision: '{ "scheme": NAME }, { "exact": HEX } or "any"',
  tests(said, refuse) {
    if (said === "any") return [accepts(NAMED)];
    const { exact: hex, scheme, parts = {} } = said;
    const known: readonly string[] = scheme === undefined ? [] : EVIDENCE_PARTS[scheme];
    const allowed = Object.keys(parts);
    const foreign = allowed.find((part) => !known.includes(part));
    if (foreign !== undefined) {
      const names = known.join(", ") || "none";
      throw refuse(`/parts/${foreign}`, `expected parts that the scheme has (${names}), found another; remove it`);
    }
    const tests = hex === undefined ? [] : [exact(hex)];
    return scheme === undefined ? tests : [...tests, bound(scheme, allowed)];
  },
});
