import * as v from "valibot";
import type { Test } from "../check.js";
import { CLAIMS, GUEST_POLICY_FLAGS, type GuestPolicyFlag } from "../claims.js";
import { accepts, type BitWord, bit, defineRule, fail, isZero, pass } from "../rule.js";
import { bitWord, eachOf, saying, unknownBitsWord, wholeNumber } from "../words.js";

const ADVICE = "launch the guest with another POLICY";
const UNKNOWN = {
  id: "snp.guestPolicy.unknownBits",
  at: "/guestPolicy/unknownBits",
  claim: "guestPolicy.unknownBits",
} as const;

interface Abi {
  readonly major: number;
  readonly minor: number;
}

function flag(name: GuestPolicyFlag, word: BitWord): Test {
  const claim = `guestPolicy.${name}` as const;
  return bit({ id: `snp.${claim}`, at: `/guestPolicy/${name}`, claim, word, advice: ADVICE });
}

function unknownBits(word: "forbidden" | "any"): Test {
  if (word === "any") return accepts(UNKNOWN);
  return isZero({ ...UNKNOWN, zero: "0x0", advice: "use a version of this library that knows them" });
}

function minimumAbi({ major, minor }: Abi): Test {
  const { label } = CLAIMS["guestPolicy.abi"];
  return {
    id: "snp.guestPolicy.minimumAbi",
    at: "/guestPolicy/minimumAbi",
    claim: "guestPolicy.abi",
    operator: "atLeast",
    expected: { major, minor },
    run({ claims, record: { report } }) {
      const { abiMajor, abiMinor } = report.policy;
      const holds = abiMajor > major || (abiMajor === major && abiMinor >= minor);
      const actual = claims["guestPolicy.abi"];
      if (holds) return pass(actual, `Found ${label} at or above ${major}.${minor}.`);
      const found = `${abiMajor}.${abiMinor}`;
      return fail(actual, `Expected ${label} of at least ${major}.${minor}; found ${found}; ${ADVICE}.`);
    },
  };
}

/** `guestPolicy`: the bits of POLICY. Debugging, migration agents and unknown bits are forbidden by default. */
export const guestPolicy = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    ...eachOf(GUEST_POLICY_FLAGS, bitWord()),
    unknownBits: v.exactOptional(unknownBitsWord()),
    minimumAbi: v.exactOptional(v.strictObject({ major: wholeNumber(0, 255), minor: wholeNumber(0, 255) })),
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
