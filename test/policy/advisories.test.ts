import { describe, expect, it } from "vitest";
import {
  type AdvisoryAnswer,
  type AdvisoryData,
  type AdvisoryRecord,
  assertAdvisoryData,
  keepAdvisoryData,
} from "../../src/policy/advisory-data.js";
import { appraise } from "../../src/policy/appraise.js";
import { DAY, makeVerified, VERIFIED_AT } from "../support/records.js";
import { blockPolicy, checkOf, failedIds, judged } from "./support.js";

const DIGEST = "ab".repeat(48);
const WEEK = 604_800;
const ADVISORIES = { ids: ["AMD-SB-3019", "AMD-SB-3020"], dataSet: DIGEST.toUpperCase(), maxAgeSeconds: WEEK };
const policy = await blockPolicy({ advisories: ADVISORIES });

const FIXED: AdvisoryAnswer = { status: "fixed", reason: "SNP 24 reaches 24" };

/** A data set that answers for every advisory the same, but for those that are given. */
function dataSet(answers: Record<string, AdvisoryAnswer> = {}, more: Partial<AdvisoryRecord> = {}): AdvisoryData {
  return keepAdvisoryData({
    digest: DIGEST,
    publishedAt: VERIFIED_AT - DAY,
    assess: (id) => answers[id] ?? FIXED,
    ...more,
  });
}

describe("a data set", () => {
  it("shows its digest and nothing else", () => {
    expect({ ...dataSet() }).toEqual({ digest: DIGEST });
  });
});

describe("advisories that must be fixed", () => {
  it("pass where the pinned data set says so", () => {
    const appraisal = judged(policy, {}, { advisories: dataSet() });
    expect(failedIds(appraisal)).toEqual([]);
    const checks = appraisal.checks.filter(({ claim }) => claim === "advisories");
    expect(checks.map(({ id, pointer, expected, actual }) => [id, pointer, expected, actual])).toEqual([
      ["snp.advisories.dataSet", "/snp/advisories/dataSet", DIGEST, DIGEST],
      ["snp.advisories.maxAgeSeconds", "/snp/advisories/maxAgeSeconds", WEEK, "2026-05-31T00:00:00.000Z"],
      ["snp.advisories.fixed", "/snp/advisories/ids/0", "AMD-SB-3019", "fixed"],
      ["snp.advisories.fixed", "/snp/advisories/ids/1", "AMD-SB-3020", "fixed"],
    ]);
    expect(checks[0]?.source).toEqual({ kind: "verification", field: "advisories" });
    expect(JSON.parse(JSON.stringify(appraisal))).toEqual(appraisal);
  });

  it.each([
    ["not-affected", true],
    ["vulnerable", false],
    ["not-provable", false],
    ["unknown", false],
  ] as const)("%s: %s", (status, passes) => {
    const answer = { status, reason: "so it is" };
    const appraisal = judged(policy, {}, { advisories: dataSet({ "AMD-SB-3020": answer }) });
    expect(appraisal.verdict).toBe(passes ? "accept" : "reject");
    if (passes) return;
    expect(appraisal.failures).toMatchObject([
      {
        id: "snp.advisories.fixed",
        pointer: "/snp/advisories/ids/1",
        actual: status,
        reason:
          `Expected AMD-SB-3020 to be fixed; found it ${status}: so it is; ` +
          "update the host, or see what the advisory asks for.",
      },
    ]);
  });

  it("are asked of the record that was verified", () => {
    const seen: string[] = [];
    const note: AdvisoryRecord["assess"] = (id, { productLine }) => {
      seen.push(`${id} ${productLine}`);
      return FIXED;
    };
    const advisories = dataSet({}, { assess: note });
    judged(policy, { productLine: "Genoa" }, { advisories });
    expect(seen).toEqual(["AMD-SB-3019 Genoa", "AMD-SB-3020 Genoa"]);
  });

  it("fail, every one, where the caller brings no data set", () => {
    const appraisal = judged(policy);
    expect(failedIds(appraisal)).toEqual([
      "snp.advisories.dataSet",
      "snp.advisories.maxAgeSeconds",
      "snp.advisories.fixed",
      "snp.advisories.fixed",
    ]);
    for (const { reason, actual } of appraisal.failures) {
      expect(reason).toBe("Expected a data set of advisories; the caller brought none; pass it as advisories.");
      expect(actual).toBeNull();
    }
  });

  it("fail by another data set", () => {
    const digest = `${DIGEST.slice(0, -1)}c`;
    const appraisal = judged(policy, {}, { advisories: dataSet({}, { digest }) });
    expect(failedIds(appraisal)).toEqual(["snp.advisories.dataSet"]);
    expect(checkOf(appraisal, "snp.advisories.dataSet")).toMatchObject({ actual: digest, expected: DIGEST });
  });

  it.each([
    ["as old as may be", VERIFIED_AT - WEEK * 1000, true],
    ["older", VERIFIED_AT - WEEK * 1000 - 1, false],
    ["published now", VERIFIED_AT, true],
    ["published later", VERIFIED_AT + 1, false],
  ])("%s", (_, publishedAt, passes) => {
    const appraisal = judged(policy, {}, { advisories: dataSet({}, { publishedAt }) });
    expect(failedIds(appraisal)).toEqual(passes ? [] : ["snp.advisories.maxAgeSeconds"]);
  });

  it("take nothing for a data set that was not checked", () => {
    const genuine = dataSet();
    expect(assertAdvisoryData(genuine).digest).toBe(DIGEST);
    for (const fake of [null, 1, {}, { ...genuine }, Object.create(genuine), JSON.parse(JSON.stringify(genuine))]) {
      const inputs = { now: new Date(VERIFIED_AT), advisories: fake };
      expect(() => appraise(makeVerified(), policy, inputs)).toThrow(/advisories must be a data set that was read/);
    }
  });
});
