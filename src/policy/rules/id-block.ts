import * as v from "valibot";
import { isZero } from "../../bytes/codecs.js";
import type { Finding, Subject, Test } from "../check.js";
import { type ClaimName, labelOf } from "../claims.js";
import { accepts, defineRule, demand, fail, inapplicable, named, PASS } from "../rule.js";
import { digestOf, listOf, saying } from "../words.js";
import { onHexList } from "./allow-list.js";

const ADVICE = "launch the guest with an ID block of a trusted signer";
const ZERO = /* @__PURE__ */ "0".repeat(96);

function required() {
  return named("idKeyDigest", "idBlock.required");
}

function isAbsent({ record }: Subject): boolean {
  return isZero(record.report.idKeyDigest);
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

/** Membership of a digest, where zeros never match. */
function trusted(name: "idKeyDigest" | "authorKeyDigest", expected: readonly string[]): Test {
  const test = onHexList({ ...named(name, `idBlock.${name}s`), expected, advice: ADVICE });
  return {
    ...test,
    run(subject) {
      if (subject.claims.get(name) !== ZERO) return test.run(subject);
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

const NOBODY = "drop this report: no firmware writes it";

/** What a report says of the ID block and its author beside ID_KEY_DIGEST, where that says there is none. */
function saidOfNone({ record: { report } }: Subject): readonly string[] {
  const ids = (["familyId", "imageId"] as const).filter((name) => !isZero(report[name]));
  const svn = report.guestSvn === 0 ? [] : (["guestSvn"] as const);
  const author = report.keyInfo.authorKeyEn ? (["keyInfo.authorKeyEn"] as const) : [];
  const digest = isZero(report.authorKeyDigest) ? [] : (["authorKeyDigest"] as const);
  return [...ids, ...svn, ...author, ...digest].map(labelOf);
}

function contradiction(subject: Subject): Finding {
  const said = isAbsent(subject) ? saidOfNone(subject) : [];
  if (said.length > 0) {
    const wanted = "nothing of an ID block or an author key where ID_KEY_DIGEST is zero";
    return fail(`Expected ${wanted}; found ${said.join(", ")}; ${NOBODY}.`);
  }
  const { authorKeyEn } = subject.record.report.keyInfo;
  if (authorKeyEn !== isZero(subject.record.report.authorKeyDigest)) return PASS;
  const wanted = "KEY_INFO.AUTHOR_KEY_EN to be set exactly where AUTHOR_KEY_DIGEST is not zero";
  return fail(`Expected ${wanted}; found it ${authorKeyEn ? "set" : "clear"}; ${NOBODY}.`);
}

/** A test that the parts of the report that tell of ID block and author tell the same. */
const CONSISTENT: Test = {
  id: "snp.idBlock.consistent",
  at: "/idBlock",
  claim: "keyInfo.authorKeyEn",
  operator: "consistent",
  expected: true,
  passed: "Found what the report says of ID block and author key as firmware writes it.",
  run: contradiction,
};

/**
 * A test of a claim that an ID block makes: without one nobody signed for it, and no value of it will do. Whose ID
 * block it is, is for the trusted ID keys to tell, which such a claim needs.
 */
export function signedFor(claim: ClaimName, test: Test): Test {
  const found = "found ID_KEY_DIGEST zero, so that nobody signed for it";
  const unsigned = fail(`Expected ${labelOf(claim)} from an ID block; ${found}; ${ADVICE}.`);
  return { ...test, run: (subject) => (isAbsent(subject) ? unsigned : test.run(subject)) };
}

/** Where no ID block is asked for, one that is there must still be trusted. */
function whereThere(test: Test): Test {
  const none = inapplicable("The guest has no ID block, and none is required.");
  return { ...test, run: (subject) => (isAbsent(subject) ? none : test.run(subject)) };
}

/**
 * `idBlock`: whether there must be one (unless it says false), and the keys that are trusted to sign it. A report whose
 * parts contradict each other fails either way.
 */
export const idBlock = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    required: v.exactOptional(v.boolean()),
    idKeyDigests: v.exactOptional(listOf(digestOf(48))),
    authorKeyDigests: v.exactOptional(listOf(digestOf(48))),
  }),
  gives: ({ idKeyDigests }) => (idKeyDigests === undefined ? [] : ["idBlock.idKeyDigests"]),
  tests({ required: must = true, idKeyDigests, authorKeyDigests }) {
    const lists: Test[] = [];
    if (idKeyDigests !== undefined) lists.push(trusted("idKeyDigest", idKeyDigests));
    if (authorKeyDigests !== undefined) lists.push(trustedAuthor(authorKeyDigests));
    return must ? [present(), CONSISTENT, ...lists] : [accepts(required()), CONSISTENT, ...lists.map(whereThere)];
  },
});
