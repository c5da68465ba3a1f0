import type { Test } from "../check.js";
import { accepts, defineRule, inapplicable, oneOf } from "../rule.js";
import { anyOr, listOf, shortText } from "../words.js";

const NAMED = { id: "snp.cspId", at: "/cspId", claim: "cspId" } as const;

/** The test for a VLEK; a VCEK names no provider, and whether it is accepted is `signingKey`'s to say. */
function underVlek(test: Test): Test {
  return {
    ...test,
    run(subject) {
      if (subject.record.signingKey === "VLEK") return test.run(subject);
      return inapplicable(null, "The report is signed by a VCEK, which names no cloud provider.");
    },
  };
}

/** `cspId`: the providers whose VLEKs are accepted, as their certificates name them. */
export const cspId = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(listOf(shortText())),
  tests(said) {
    if (said === "any") return [underVlek(accepts(NAMED))];
    return [
      underVlek(oneOf({ ...NAMED, expected: said, advice: "run at a listed provider, or add this one to the list" })),
    ];
  },
});
