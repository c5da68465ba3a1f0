import * as v from "valibot";
import type { Test } from "../check.js";
import { GUEST_POLICY_FLAGS, type GuestPolicyFlag } from "../claims.js";
import { accepts, type BitWord, bit, defineRule, demand, isZero, named } from "../rule.js";
import { bitWord, byteNumber, eachOf, saying, unknownBitsWord } from "../words.js";

const ADVICE = "launch the guest with another POLICY";

interface Abi {
  readonly major: number;
  readonly minor: number;
}

function flag(name: GuestPolicyFlag, word: BitWord): Test {
  return bit({ ...named(`guestPolicy.${name}`), word, advice: ADVICE });
}

function unknownBits(word: "forbidden" | "any"): Test {
  const parts = named("guestPolicy.unknownBits");
  if (word === "any") return accepts(parts);
  return isZero({ ...parts, zero: "0x0", advice: "use a version of this library that knows them" });
}

function minimumAbi({ major, minor }: Abi): Test {
  return demand(
    {
      ...named("guestPolicy.abi", "guestPolicy.minimumAbi"),
      operator: "atLeast",
      expected: { major, minor },
      wanted: `of at least ${major}.${minor}`,
      advice: ADVICE,
    },
    ({ record: { report } }) => {
      const { abiMajor, abiMinor } = report.policy;
      return abiMajor > major || (abiMajor === major && abiMinor >= minor);
    },
    ({ record: { report } }) => `${report.policy.abiMajor}.${report.policy.abiMinor}`,
  );
}

/** `guestPolicy`: the bits of POLICY. Debugging, migration agents and unknown bits are forbidden by default. */
export const guestPolicy = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    ...eachOf(GUEST_POLICY_FLAGS, bitWord()),
    unknownBits: v.exactOptional(unknownBitsWord()),
    minimumAbi: v.exactOptional(v.strictObject({ major: byteNumber(), minor: byteNumber() })),
  }),
  tests({ minimumAbi: abi, unknownBits: unknown, ...flags }) {
    const tests = GUEST_POLICY_FLAGS.flatMap((name) => {
      const word = flags[name];
      return word === undefined ? [] : [flag(name, word)];
    });
    if (unknown !== undefined) tests.push(unknownBits(unknown));
    if (abi !== undefined) tests.push(minimumAbi(abi));
    return tests;
  },
  defaults: /* @__PURE__ */ [
    /* @__PURE__ */ flag("debug", "forbidden"),
    /* @__PURE__ */ flag("migrateMa", "forbidden"),
    /* @__PURE__ */ unknownBits("forbidden"),
  ],
});
