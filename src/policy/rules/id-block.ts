import * as v from "valibot";
import type { Subject, Test } from "../check.js";
import { accepts, defineRule, demand, fail, inapplicable, named } from "../rule.js";
import { hexOf, listOf, saying } from "../words.js";
import { onHexList } from "./allow-list.js";

const ADVICE = "launch the guest with an ID block of a trusted signer";
const ZERO = /* @__PURE__ */ "0".repeat(96);

function required() {
  return named("idKeyDigest", "idBlock.required");
}

function isAbsent({ claims }: Subject): boolean {
  return claims.idKeyDigest === ZERO;
}

function present(): Test {
  const parts = {
    ...required(),
    operator: "notZero",
    expected: true,
    wanted: "of an ID block",
    advice: ADVICE,
  } as const;
  return demand(
    parts,
    (subject) => !isAbsent(subject),
    () => "zeros",
  );
}

/** Membership of a digest, where zeros never match whatever the list says. */
function trusted(name: "idKeyDigest" | "authorKeyDigest", expected: readonly string[]): Test {
  const test = onHexList({ ...named(name, `idBlock.${name}s`), expected, advice: ADVICE });
  return {
    ...test,
    run(subject) {
      if (subject.claims[name] !== ZERO) return test.run(subject);
      return fail(`Expected a trusted ${name}; found zeros, which no list can trust; ${ADVICE}.`);
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
      return fail(`Expected a trusted author key; found AUTHOR_KEY_EN clear in KEY_INFO; ${ADVICE}.`);
    },
  };
}

/** Where no ID block is asked for, one that is there must still be trusted. */
function whereThere(test: Test): Test {
  const none = inapplicable("The guest has no ID block, and none is required.");
  return { ...test, run: (subject) => (isAbsent(subject) ? none : test.run(subject)) };
}

/** `idBlock`: whether there must be one (unless it says false), and the keys that are trusted to sign it. */
export const idBlock = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    required: v.exactOptional(v.boolean()),
    idKeyDigests: v.exactOptional(listOf(hexOf(48))),
    authorKeyDigests: v.exactOptional(listOf(hexOf(48))),
  }),
  gives: ({ idKeyDigests }) => (idKeyDigests === undefined ? [] : ["idBlock.idKeyDigests"]),
  tests({ required: must = true, idKeyDigests, authorKeyDigests }) {
    const lists: Test[] = [];
    if (idKeyDigests !== undefined) lists.push(trusted("idKeyDigest", idKeyDigests));
    if (authorKeyDigests !== undefined) lists.push(trustedAuthor(authorKeyDigests));
    return must ? [present(), ...lists] : [accepts(required()), ...lists.map(whereThere)];
  },
});
