import * as v from "valibot";
import type { Test } from "../check.js";
import { defineRule, demand, named } from "../rule.js";
import { saying, seconds } from "../words.js";

/** From the best to the worst: a word accepts itself and what stands before it. */
const STATUSES = ["checked", "stale", "unavailable", "skipped"] as const;
type Status = (typeof STATUSES)[number];

const ADVICE = "bring a current CRL";

function leastStatus(least: Status): Test {
  const accepted: readonly Status[] = STATUSES.slice(0, STATUSES.indexOf(least) + 1);
  const wanted = `to be ${accepted.join(" or ")}`;
  return demand(
    { ...named("revocation.status"), operator: "atLeast", expected: least, wanted, advice: ADVICE },
    ({ record }) => accepted.includes(record.chain.revocation.status),
  );
}

function greatestAge(expected: number): Test {
  const parts = named("revocation.thisUpdate", "revocation.maxAgeSeconds");
  return demand(
    { ...parts, operator: "atMost", expected, wanted: `at most ${expected} seconds ago`, advice: ADVICE },
    ({ record, now }) => {
      const { thisUpdate } = record.chain.revocation;
      return thisUpdate !== null && (now - thisUpdate) / 1000 <= expected;
    },
    ({ claims }) => String(claims.get("revocation.thisUpdate") ?? "no CRL"),
  );
}

/** `revocation`: the least status, `checked` by default, and the greatest age of the CRL. */
export const revocation = /* @__PURE__ */ defineRule({
  schema: /* @__PURE__ */ saying({
    status: v.exactOptional(v.picklist(STATUSES)),
    maxAgeSeconds: v.exactOptional(seconds()),
  }),
  tests({ status, maxAgeSeconds }) {
    const tests: Test[] = [];
    if (status !== undefined) tests.push(leastStatus(status));
    if (maxAgeSeconds !== undefined) tests.push(greatestAge(maxAgeSeconds));
    return tests;
  },
  defaults: /* @__PURE__ */ [/* @__PURE__ */ leastStatus("checked")],
});
