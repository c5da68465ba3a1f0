import * as v from "valibot";
import type { Test } from "../check.js";
import { PLATFORM_INFO_FLAGS } from "../claims.js";
import { accepts, bit, defineRule, isZero, named } from "../rule.js";
import { bitWord, eachOf, saying, unknownBitsWord } from "../words.js";

const ADVICE = "run on a host that is configured so";

function unknownBits(word: "forbidden" | "any"): Test {
  const parts = named("platformInfo.unknownBits");
  return word === "any" ? accepts(parts) : isZero({ ...parts, zero: "0x0", advice: ADVICE });
}

/** `platformInfo`: the bits of PLATFORM_INFO. Unknown bits are accepted by default, and every result shows them. */
export const platformInfo = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    ...eachOf(PLATFORM_INFO_FLAGS, bitWord()),
    unknownBits: v.exactOptional(unknownBitsWord()),
  }),
  excusable: true,
  tests({ unknownBits: unknown, ...flags }) {
    const tests = PLATFORM_INFO_FLAGS.flatMap((name) => {
      const word = flags[name];
      return word === undefined ? [] : [bit({ ...named(`platformInfo.${name}`), word, advice: ADVICE })];
    });
    if (unknown !== undefined) tests.push(unknownBits(unknown));
    return tests;
  },
  defaults: /* @__PURE__ */ [/* @__PURE__ */ unknownBits("any")],
});
