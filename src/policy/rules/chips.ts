import * as v from "valibot";
import { toHex } from "../../bytes/codecs.js";
import type { Finding, Subject, Test } from "../check.js";
import type { Json } from "../json.js";
import { defineRule, demand, inapplicable, named, oneOf, PASS, type Refuse } from "../rule.js";
import { hexOf, listOf } from "../words.js";

const DIGITS = 128;
const MASKED_ID = /* @__PURE__ */ "0".repeat(DIGITS);

/**
 * The id of a chip as CHIP_ID has it: a Turin chip fills 8 bytes and leaves the rest zero.
 *
 * @throws what `refuse` makes, for zeros: they are no chip's id
 */
export function chipIds(said: readonly string[], refuse: Refuse): readonly string[] {
  return said.map((entry, index) => {
    const id = entry.toLowerCase().padEnd(DIGITS, "0");
    if (id !== MASKED_ID) return id;
    throw refuse(`/${index}`, 'expected the id of a chip, found zeros; write "masked" in chipId to accept a masked id');
  });
}

function isMasked({ claims }: Subject): boolean {
  return claims.get("chipId") === MASKED_ID;
}

/** CHIP_ID, or the word for a masked one. */
function chipOf(subject: Subject): Json {
  return isMasked(subject) ? "masked" : subject.claims.get("chipId");
}

/** `chipId`: the chips that are accepted, and by the word "masked" a CHIP_ID of zeros. */
export const chipId = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(v.union([v.literal("masked"), hexOf(64, 8)])),
  tests(said, refuse) {
    const expected = said.map((entry, index) =>
      entry === "masked" ? entry : String(chipIds([entry], (_, reason) => refuse(`/${index}`, reason))[0]),
    );
    const advice = "run on a listed machine, or add this one to the list";
    const test = oneOf({ ...named("chipId"), expected, advice }, chipOf);
    return [
      {
        ...test,
        run(subject): Finding {
          const finding = test.run(subject);
          return isMasked(subject) ? { actual: "masked", ...finding } : finding;
        },
      },
    ];
  },
});

/** What is known of the chip: CHIP_ID unless it is masked, and the chip that a VCEK was made for. */
function knownChips({ record, claims }: Subject): readonly string[] {
  const { hwId } = record.chain.leaf;
  const ids = [String(claims.get("chipId")), hwId === null ? MASKED_ID : toHex(hwId).padEnd(DIGITS, "0")];
  return ids.filter((id) => id !== MASKED_ID);
}

const UNKNOWN_CHIP = /* @__PURE__ */ inapplicable(
  "CHIP_ID is masked, and the key is no chip's own: nothing tells which chip it is.",
);

/** `denyChips`: chips that are refused. A chip behind a VLEK that hides its id cannot be told. */
export const denyChips = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(hexOf(64, 8)),
  tests(said, refuse) {
    const expected = chipIds(said, refuse);
    const denied = new Set(expected);
    const parts = { ...named("chipId", "denyChips"), operator: "noneOf", expected } as const;
    const refused = demand(
      { ...parts, wanted: "to be none of the denied chips", advice: "run on another machine" },
      () => false,
    );
    return [
      {
        ...refused,
        run(subject) {
          const known = knownChips(subject);
          if (known.some((id) => denied.has(id))) return refused.run(subject);
          return known.length > 0 ? PASS : UNKNOWN_CHIP;
        },
      },
    ];
  },
});

function deniedCertificate(name: "leaf" | "intermediate", said: readonly string[]): Test {
  const expected = said.map((digest) => digest.toLowerCase());
  const claim = `${name}Sha256` as const;
  return demand(
    {
      id: `snp.denyCertificates.${name}`,
      at: "/denyCertificates",
      claim,
      operator: "noneOf",
      expected,
      wanted: "to be none of the denied ones",
      advice: "run on another machine, or with a key that is not denied",
    },
    ({ claims }) => !expected.includes(String(claims.get(claim))),
  );
}

/** `denyCertificates`: leaf and intermediate certificates that are refused, by their SHA-256. */
export const denyCertificates = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(hexOf(32)),
  tests: (said) => [deniedCertificate("leaf", said), deniedCertificate("intermediate", said)],
});
