import * as v from "valibot";
import { defineRule, oneOf } from "../rule.js";
import { hexOf, listOf } from "../words.js";

const NAMED = { id: "snp.chipId", at: "/chipId", claim: "chipId" } as const;
const DIGITS = 128;
const MASKED_ID = /* @__PURE__ */ "0".repeat(DIGITS);
const ADVICE = "run on a listed machine, or add this one to the list";

/** `chipId`: the chips that are accepted, and by the word "masked" a CHIP_ID of zeros. */
export const chipId = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(v.union([v.literal("masked"), hexOf(64, 8)])),
  tests(said, refuse) {
    const expected = said.map((entry, index) => {
      // A Turin chip fills 8 bytes of CHIP_ID and leaves the rest zero.
      const id = entry === "masked" ? entry : entry.toLowerCase().padEnd(DIGITS, "0");
      if (id !== MASKED_ID) return id;
      throw refuse(`/${index}`, 'expected the id of a chip, found zeros; write "masked" to accept a masked id');
    });
    const test = oneOf({ ...NAMED, expected, advice: ADVICE });
    return [
      {
        ...test,
        run(subject) {
          const { chipId: id } = subject.claims;
          if (id !== MASKED_ID) return test.run(subject);
          return test.run({ ...subject, claims: { ...subject.claims, chipId: "masked" } });
        },
      },
    ];
  },
});
