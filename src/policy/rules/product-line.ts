import * as v from "valibot";
import { PRODUCT_LINES } from "../../amd/product-lines.js";
import { defineRule, oneOf } from "../rule.js";
import { listOf } from "../words.js";

const NAMED = { id: "snp.productLine", at: "/productLine", claim: "productLine" } as const;

/** `productLine`: the lines that are accepted. */
export const productLine = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(v.picklist(PRODUCT_LINES)),
  tests: (said) => [oneOf({ ...NAMED, expected: said, advice: "run on a machine of a listed line" })],
});
