import * as v from "valibot";
import type { Test } from "../check.js";
import { accepts, defineRule, demand, named, oneOf } from "../rule.js";
import { anyOr, hexOf, listOf, wholeNumber } from "../words.js";
import { bytesRule, onHexList } from "./allow-list.js";
import { signedFor } from "./id-block.js";

const FROM_ID_BLOCK = "launch the guest with another ID block, or list this";
const LIST_IT = "add it to the list if it is the right one";

/** `measurement`: the launch digests that are accepted. */
export const measurement = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ anyOr(listOf(hexOf(48))),
  decision: 'a list of launch digests, or "any"',
  tests(said) {
    const parts = named("measurement");
    if (said === "any") return [accepts(parts)];
    return [onHexList({ ...parts, expected: said, advice: "run an image that is on the list, or add this one to it" })];
  },
});

/** `hostData`: the values of HOST_DATA that are accepted. The host chose it, and MEASUREMENT does not cover it. */
export const hostData = /* @__PURE__ */ bytesRule("hostData", {
  length: 32,
  advice: "launch the guest with the host data of the list, or add this to it",
});

/** The key that says whose ID blocks are trusted: anybody's ID key can claim any id and any GUEST_SVN. */
const WHOSE = ["idBlock.idKeyDigests"] as const;

/** An allow-list of ids that an ID block says. */
function blockId(claim: "familyId" | "imageId") {
  return defineRule({
    schema: listOf(hexOf(16)),
    needs: () => WHOSE,
    tests: (said) => [signedFor(claim, onHexList({ ...named(claim), expected: said, advice: FROM_ID_BLOCK }))],
  });
}

/** `familyId`: the values of FAMILY_ID that are accepted. An ID block says it, so it asks for the ID keys to trust. */
export const familyId = /* @__PURE__ */ blockId("familyId");

/** `imageId`: the values of IMAGE_ID that are accepted. An ID block says it, so it asks for the ID keys to trust. */
export const imageId = /* @__PURE__ */ blockId("imageId");

/** `reportId`: the guests that are accepted, by the random id that each gets at launch. */
export const reportId = /* @__PURE__ */ bytesRule("reportId", { length: 32, advice: LIST_IT });

/** `reportIdMa`: the migration agents that are accepted; all ff where there is none. */
export const reportIdMa = /* @__PURE__ */ bytesRule("reportIdMa", { length: 32, advice: LIST_IT });

function leastSvn(minimum: number): Test {
  const wanted = `of at least ${minimum}`;
  return demand(
    { ...named("guestSvn"), operator: "atLeast", expected: minimum, wanted, advice: "run a newer image" },
    ({ record }) => record.report.guestSvn >= minimum,
  );
}

/** `guestSvn`: the least GUEST_SVN. An ID block says it, so it asks for the ID keys to trust. */
export const guestSvn = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ v.strictObject({ minimum: /* @__PURE__ */ wholeNumber(0, 0xffff_ffff) }),
  needs: () => WHOSE,
  tests: ({ minimum }) => [signedFor("guestSvn", leastSvn(minimum))],
});

function level(expected: readonly number[]): Test {
  return oneOf({ ...named("vmpl"), expected, advice: "ask for the report at a listed level, or list this one" });
}

/** `vmpl`: the levels that are accepted; 0 to 3 where nobody says. The host's 0xFFFFFFFF cannot be written. */
export const vmpl = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ listOf(wholeNumber(0, 3)),
  tests: (said) => [level(said)],
  defaults: /* @__PURE__ */ [/* @__PURE__ */ level([0, 1, 2, 3])],
});
