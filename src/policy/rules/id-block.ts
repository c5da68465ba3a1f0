import * as v from "valibot";
import type { Subject, Test } from "../check.js";
import { accepts, defineRule, fail, inapplicable, oneOf, pass } from "../rule.js";
import { hexOf, listOf, saying } from "../words.js";

const ADVICE = "launch the guest with an ID block of a trusted signer";
const ZERO = /* @__PURE__ */ "0".repeat(96);
const REQUIRED = { id: "snp.idBlock.required", at: "/idBlock/required", claim: "idKeyDigest" } as const;

function isAbsent({ claims }: Subject): boolean {
  return claims.idKeyDigest === ZERO;
}

function present(): Test {
  return {
    ...REQUIRED,
    operator: "notZero",
    expected: true,
    run(subject) {
      const actual = subject.claims.idKeyDigest;
      if (!isAbsent(subject)) return pass(actual, "Found an ID block.");
      return fail(actual, `Expected an ID block; found ID_KEY_DIGEST all zero; ${ADVICE}.`);
    },
  };
}

/** Membership of a digest, where zeros never match whatever the list says. */
function trusted(name: "idKeyDigest" | "authorKeyDigest", digests: readonly string[]): Test {
  const expected = digests.map((digest) => digest.toLowerCase());
  const test = oneOf({
    id: `snp.idBlock.${name}s`,
    at: `/idBlock/${name}s`,
    claim: name,
    expected,
    advice: ADVICE,
  });
  return {
    ...test,
    run(subject) {
      const actual = subject.claims[name];
      if (actual === ZERO)
        return fail(actual, `Expected a trusted ${name}; found zeros, which no list can trust; ${ADVICE}.`);
      return test.run(subject);
    },
  };
}

/** AUTHOR_KEY_DIGEST means something only where KEY_INFO says that there is an author key. */
function trustedAuthor(digests: readonly string[]): Test {
  const test = trusted("authorKeyDigest", digests);
  return {
    ...test,
    run(subject) {
      if (subject.record.report.keyInfo.authorKeyEn) return test.run(subject);
      const actual = subject.claims.authorKeyDigest;
      return fail(actual, `Expected a trusted author key; found AUTHOR_KEY_EN clear in KEY_INFO; ${ADVICE}.`);
    },
  };
}

/** Where no ID block is asked for, one that is there must still be trusted. */
function whereThere(test: Test): Test {
  return {
    ...test,
    run(subject) {
      if (isAbsent(subject))
        return inapplicable(subject.claims.idKeyDigest, "The guest has no ID block, and none is required.");
      return test.run(subject);
    },
  };
}

/** `idBlock`: whether there must be one (unless it says false), and the keys that are trusted to sign it. */
export const idBlock = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    required: v.exactOptional(v.boolean()),
    idKeyDigests: v.exactOptional(listOf(hexOf(48))),
    authorKeyDigests: v.exactOptional(listOf(hexOf(48))),
  }),
  tests({ required = true, idKeyDigests, authorKeyDigests }) {
    const lists: Test[] = [];
    if (idKeyDigests !== undefined) lists.push(trusted("idKeyDigest", idKeyDigests));
    if (authorKeyDigests !== undefined) lists.push(trustedAuthor(authorKeyDigests));
    return required ? [present(), ...lists] : [accepts(REQUIRED), ...lists.map(whereThere)];
  },
});
