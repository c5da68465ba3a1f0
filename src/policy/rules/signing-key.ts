import * as v from "valibot";
import type { SigningKey } from "../../amd/product-lines.js";
import type { Test } from "../check.js";
import { defineRule, oneOf } from "../rule.js";
import { listOf } from "../words.js";

function test(expected: readonly SigningKey[]): Test {
  const advice = "have the report signed by a listed key, or list this kind of key together with cspId";
  return oneOf({ id: "snp.signingKey", at: "/signingKey", claim: "signingKey", expected, advice });
}

/** `signingKey`: VCEK, VLEK or both; VCEK alone where nobody says. Allowing VLEK asks for `cspId`. */
export const signingKey = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(v.picklist(["VCEK", "VLEK"])),
  tests: (said) => [test(said)],
  defaults: /* @__PURE__ */ [/* @__PURE__ */ test(["VCEK"])],
  needs: (said) => (said.includes("VLEK") ? ["cspId"] : []),
});
