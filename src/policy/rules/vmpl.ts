import type { Test } from "../check.js";
import { defineRule, oneOf } from "../rule.js";
import { listOf, wholeNumber } from "../words.js";

function test(expected: readonly number[]): Test {
  const advice = "ask for the report at a listed level, or list this one";
  return oneOf({ id: "snp.vmpl", at: "/vmpl", claim: "vmpl", expected, advice });
}

/** `vmpl`: the levels that are accepted; 0 to 3 where nobody says. The host's 0xFFFFFFFF cannot be written. */
export const vmpl = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(wholeNumber(0, 3)),
  tests: (said) => [test(said)],
  defaults: /* @__PURE__ */ [/* @__PURE__ */ test([0, 1, 2, 3])],
});
