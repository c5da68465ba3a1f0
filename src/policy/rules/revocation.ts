import * as v from "valibot";
import type { Test } from "../check.js";
import { CLAIMS } from "../claims.js";
import { defineRule, fail, pass } from "../rule.js";
import { saying, wholeNumber } from "../words.js";

/** From the best to the worst: a word accepts itself and what stands before it. */
const STATUSES = ["checked", "stale", "unavailable", "skipped"] as const;
type Status = (typeof STATUSES)[number];

const TEN_YEARS = 315_360_000;

function leastStatus(least: Status): Test {
  const { label } = CLAIMS["revocation.status"];
  const accepted: readonly Status[] = STATUSES.slice(0, STATUSES.indexOf(least) + 1);
  return {
    id: "snp.revocation.status",
    at: "/revocation/status",
    claim: "revocation.status",
    operator: "atLeast",
    expected: least,
    run({ record }) {
      const { status } = record.chain.revocation;
      if (accepted.includes(status)) return pass(status, `Found ${label} ${status}.`);
      return fail(status, `Expected ${label} to be ${accepted.join(" or ")}; found ${status}; bring a current CRL.`);
    },
  };
}

function greatestAge(seconds: number): Test {
  const { label } = CLAIMS["revocation.thisUpdate"];
  return {
    id: "snp.revocation.maxAgeSeconds",
    at: "/revocation/maxAgeSeconds",
    claim: "revocation.thisUpdate",
    operator: "atMost",
    expected: seconds,
    run({ record, now, claims }) {
      const { thisUpdate } = record.chain.revocation;
      const actual = claims["revocation.thisUpdate"];
      if (thisUpdate === null) return fail(actual, "Expected a CRL of a known age; found no CRL; bring a current CRL.");
      const age = (now - thisUpdate) / 1000;
      if (age <= seconds) return pass(actual, "Found the CRL young enough.");
      return fail(
        actual,
        `Expected ${label} at most ${seconds} seconds ago; found ${String(actual)}; bring a current CRL.`,
      );
    },
  };
}

/** `revocation`: the least status, `checked` by default, and the greatest age of the CRL. */
export const revocation = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    status: v.exactOptional(v.picklist(STATUSES)),
    maxAgeSeconds: v.exactOptional(wholeNumber(1, TEN_YEARS)),
  }),
  tests({ status, maxAgeSeconds }) {
    const tests: Test[] = [];
    if (status !== undefined) tests.push(leastStatus(status));
    if (maxAgeSeconds !== undefined) tests.push(greatestAge(maxAgeSeconds));
    return tests;
  },
  defaults: /* @__PURE__ */ [/* @__PURE__ */ leastStatus("checked")],
});
