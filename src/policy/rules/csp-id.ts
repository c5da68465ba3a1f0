import type { Test } from "../check.js";
import { accepts, defineRule, inapplicable, oneOf } from "../rule.js";
import { anyOr, listOf, shortText } from "../words.js";

const NAMED = { id: "snp.cspId", at: "/cspId", claim: "cspId" } as const;

const ADVICE = "run at a listed provider, or add this one to the list; for VCEKs write an anyOf";

/** Under a VCEK "any" decides nothing: whether a VCEK is accepted is for `signingKey` to say. */
function anyProvider(): Test {
  const test = accepts(NAMED);
  return {
    ...test,
    run(subject) {
      if (subject.record.signingKey === "VLEK") return test.run(subject);
      return inapplicable(null, "The report is signed by a VCEK, which names no cloud provider.");
    },
  };
}

/**
 * `cspId`: the providers whose VLEKs are accepted, as their certificates name them. A VCEK names none and is on no
 * list: "this chip, or that provider" is an `anyOf` of two blocks.
 */
export const cspId = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(listOf(shortText())),
  tests: (said) => [said === "any" ? anyProvider() : oneOf({ ...NAMED, expected: said, advice: ADVICE })],
});
