import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import { DAY, VERIFIED_AT } from "../support/records.js";
import { checkOf, failedIds, judged, OPEN } from "./support.js";

const define = (validity: unknown) => definePolicy({ version: 1, id: "x", snp: OPEN, validity });
const FROM = "2026-06-01T12:00:00Z";
const TO = "2026-06-02T00:00:00Z";
const NOON = VERIFIED_AT + DAY / 2;

describe("the validity of a policy", () => {
  it.each([
    ["notBefore", { notBefore: FROM }, NOON, NOON - 1],
    ["notAfter", { notAfter: TO }, VERIFIED_AT + DAY, VERIFIED_AT + DAY + 1],
    ["notBefore", { notBefore: FROM, notAfter: FROM }, NOON, NOON - 1],
    ["notAfter", { notBefore: FROM, notAfter: FROM }, NOON, NOON + 1],
  ])("%s includes its moment: %o", async (end, validity, inside, outside) => {
    const policy = await define(validity);
    const good = judged(policy, {}, { now: inside });
    expect(failedIds(good)).toEqual([]);
    const id = `time.policy.${end}`;
    expect(checkOf(good, id)).toMatchObject({ outcome: "pass", implied: false, pointer: `/validity/${end}` });
    const bad = judged(policy, {}, { now: outside });
    expect(failedIds(bad)).toEqual([id]);
    expect(checkOf(bad, id)).toMatchObject({
      claim: "now",
      operator: end,
      expected: Object.entries(validity).find(([key]) => key === end)?.[1],
      actual: new Date(outside).toISOString(),
      source: { kind: "verification", field: "now" },
      reason: expect.stringMatching(/^Expected now at or (?:after|before) the policy's not\w+, .+; found .+; .+\.$/),
    });
  });

  it("is judged before what always runs, and not at all where nobody wrote it", async () => {
    const ids = judged(await define({ notAfter: TO })).checks.map(({ id }) => id);
    expect(ids.indexOf("time.policy.notAfter")).toBe(ids.indexOf("time.verification") - 1);
    const { checks } = judged(await definePolicy({ version: 1, id: "x", snp: OPEN }));
    expect(checks.filter(({ id }) => id.startsWith("time.policy"))).toEqual([]);
  });

  const rows: [title: string, validity: unknown, pointer: string, message: RegExp][] = [
    ["nothing", {}, "/validity", /at least one key/],
    ["text", TO, "/validity", /expected Object/],
    ["a date", { notAfter: "2026-06-02" }, "/validity/notAfter", /a time such as/],
    ["a fraction", { notAfter: "2026-06-02T00:00:00.5Z" }, "/validity/notAfter", /a time such as/],
    ["hour 24", { notAfter: "2026-06-02T24:00:00Z" }, "/validity/notAfter", /a time such as/],
    ["a leap second", { notBefore: "2026-06-30T23:59:60Z" }, "/validity/notBefore", /a time such as/],
    ["30 February", { notBefore: "2026-02-30T00:00:00Z" }, "/validity/notBefore", /a day that its month has/],
    ["an end first", { notBefore: TO, notAfter: FROM }, "/validity/notAfter", /an end after the beginning/],
    ["another key", { until: TO }, "/validity/until", /correct its spelling/],
  ];
  it.each(rows)("a mistake: %s", async (...[, validity, pointer, message]) => {
    await expect(define(validity)).toFailWith("ERR_MALFORMED_POLICY", { pointer });
    await expect(define(validity)).rejects.toThrow(message);
  });

  it("a leap day is a day", async () => {
    await expect(define({ notAfter: "2028-02-29T23:59:59Z" })).resolves.toBeDefined();
  });
});
