import { accepts, defineRule, oneOf } from "../rule.js";
import { anyOr, hexOf, listOf } from "../words.js";

const NAMED = { id: "snp.measurement", at: "/measurement", claim: "measurement" } as const;

/** `measurement`: the launch digests that are accepted. */
export const measurement = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(listOf(hexOf(48))),
  decision: 'a list of launch digests, or "any"',
  tests(said) {
    if (said === "any") return [accepts(NAMED)];
    const expected = said.map((digest) => digest.toLowerCase());
    return [oneOf({ ...NAMED, expected, advice: "run an image that is on the list, or add this one to it" })];
  },
});
