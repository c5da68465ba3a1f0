import * as v from "valibot";
import type { AdvisoryRecord } from "../advisory-data.js";
import type { Finding, Operator, Subject, Test } from "../check.js";
import type { Json } from "../json.js";
import { defineRule, fail, PASS } from "../rule.js";
import { hexOf, listOf, seconds, shortText } from "../words.js";

interface Parts {
  readonly name: string;
  readonly at: string;
  readonly operator: Operator;
  readonly expected: Json;
  judge(data: AdvisoryRecord, subject: Subject): Finding;
}

/** A test of what the caller brought; without it the test fails. */
function test({ name, at, operator, expected, judge }: Parts): Test {
  return {
    id: `snp.advisories.${name}`,
    at: `/advisories/${at}`,
    claim: "advisories",
    operator,
    expected,
    passed: "Found the data set of advisories as expected, and what it says.",
    run(subject) {
      if (subject.advisories !== null) return judge(subject.advisories, subject);
      return fail("Expected a data set of advisories; the caller brought none; pass it as advisories.");
    },
  };
}

function pinned(digest: string): Test {
  const expected = digest.toLowerCase();
  return test({
    name: "dataSet",
    at: "dataSet",
    operator: "equals",
    expected,
    judge({ digest: actual }) {
      if (actual === expected) return { ...PASS, actual };
      const advice = "bring that one, or pin this one after reading it";
      return { ...fail(`Expected the data set ${expected}; found ${actual}; ${advice}.`), actual };
    },
  });
}

function young(expected: number): Test {
  return test({
    name: "maxAgeSeconds",
    at: "maxAgeSeconds",
    operator: "atMost",
    expected,
    judge({ publishedAt }, { now }) {
      const actual = new Date(publishedAt).toISOString();
      // Written so that a data set of the future refuses as well.
      const age = (now - publishedAt) / 1000;
      if (age >= 0 && age <= expected) return { ...PASS, actual };
      const wanted = `published at most ${expected} seconds ago`;
      return { ...fail(`Expected a data set ${wanted}; found one of ${actual}; bring and pin a newer one.`), actual };
    },
  });
}

function fixed(id: string, index: number): Test {
  return test({
    name: "fixed",
    at: `ids/${index}`,
    operator: "fixed",
    expected: id,
    judge(data, { record }) {
      const { status, reason } = data.assess(id, record);
      if (status === "fixed" || status === "not-affected") return { ...PASS, actual: status };
      const advice = "update the host, or see what the advisory asks for";
      return { ...fail(`Expected ${id} to be fixed; found it ${status}: ${reason}; ${advice}.`), actual: status };
    },
  });
}

/** `advisories`: what must be provably fixed, by a data set of advisories whose digest and age the policy pins. */
export const advisories = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ v.strictObject({
    ids: /* @__PURE__ */ listOf(shortText()),
    dataSet: /* @__PURE__ */ hexOf(48),
    maxAgeSeconds: /* @__PURE__ */ seconds(),
  }),
  excusable: true,
  tests: ({ ids, dataSet, maxAgeSeconds }) => [pinned(dataSet), young(maxAgeSeconds), ...ids.map(fixed)],
});
