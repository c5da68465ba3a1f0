import * as v from "valibot";
import { BINDING_SCHEMES, EVIDENCE_PARTS } from "../../binding/expected.js";
import { fromHex } from "../../bytes/codecs.js";
import type { Test } from "../check.js";
import { accepts, defineRule } from "../rule.js";
import { anyOr, eachOf, exactlyOne, hexOf, saying } from "../words.js";
import { bound, compare, FROM_EVIDENCE, NAMED, PASSED } from "./bound.js";

function exact(hex: string): Test {
  const expected = fromHex(hex);
  return { ...PASSED, operator: "equals", expected: hex.toLowerCase(), run: (subject) => compare(subject, expected) };
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
