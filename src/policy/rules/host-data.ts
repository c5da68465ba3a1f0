import { defineRule, oneOf } from "../rule.js";
import { hexOf, listOf } from "../words.js";

const NAMED = { id: "snp.hostData", at: "/hostData", claim: "hostData" } as const;

/** `hostData`: the values of HOST_DATA that are accepted. The host chose it, and MEASUREMENT does not cover it. */
export const hostData = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(hexOf(32)),
  tests(said) {
    const expected = said.map((data) => data.toLowerCase());
    return [
      oneOf({ ...NAMED, expected, advice: "launch the guest with the host data of the list, or add this to it" }),
    ];
  },
});
