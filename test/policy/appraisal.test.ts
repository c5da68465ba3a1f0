import { describe, expect, it } from "vitest";
import { PolicyError } from "../../src/errors.js";
import {
  type Appraisal,
  assertAccepted,
  assertAppraisal,
  createAppraisal,
  isAcceptedAppraisal,
} from "../../src/policy/appraisal.js";
import type { Check } from "../../src/policy/check.js";
import { blockPolicy, judged, OPEN, treePolicy } from "./support.js";

async function accepted(): Promise<Appraisal> {
  return judged(await blockPolicy({}));
}

async function rejected(): Promise<Appraisal> {
  return judged(await blockPolicy({ vmpl: [1], hostData: ["11".repeat(32)] }));
}

function refusal(appraisal: Appraisal): unknown {
  try {
    assertAccepted(appraisal);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("assertAccepted", () => {
  it("returns for an accepting appraisal", async () => {
    const appraisal = await accepted();
    expect(assertAccepted(appraisal)).toBeUndefined();
    expect(isAcceptedAppraisal(appraisal)).toBe(true);
  });

  it("throws every failure of a rejecting one, a line each", async () => {
    const appraisal = await rejected();
    expect(isAcceptedAppraisal(appraisal)).toBe(false);
    const error = refusal(appraisal);
    expect(error).toBeInstanceOf(PolicyError);
    expect(error).toMatchObject({
      code: "ERR_POLICY_REJECTED",
      message:
        `policy "test" refuses: snp.hostData (/snp/hostData): Expected HOST_DATA to be one of ${"11".repeat(32)}; ` +
        `found ${"00".repeat(32)}; launch the guest with the host data of the list, or add this to it. (and 1 more)`,
      detail: {
        policyId: "test",
        failures: [
          expect.stringMatching(/^snp\.hostData \(\/snp\/hostData\): Expected HOST_DATA/),
          "snp.vmpl (/snp/vmpl): Expected VMPL to be one of 1; found 0; ask for the report at a listed level, or list this one.",
        ],
      },
    });
  });

  it("repeats the reason of the policy's author, and says of a check without a place that it always runs", async () => {
    const policy = await treePolicy({
      allOf: [{ snp: OPEN }, { reason: "INC-7", snp: { vmpl: [1] } }, { id: "x", snp: { vmpl: [2] } }],
    });
    expect(refusal(judged(policy))).toMatchObject({
      detail: {
        failures: [expect.stringMatching(/list this one\. \[INC-7\]$/), expect.stringMatching(/list this one\.$/)],
      },
    });
    const error = refusal(judged(await blockPolicy({}), {}, { now: Date.UTC(2026, 0, 1) }));
    expect(error).toMatchObject({
      message: expect.stringMatching(
        /^policy "test" refuses: time\.verification \(always\): Expected now at or after[^\n]+\.$/,
      ),
    });
  });

  it("takes nothing that appraise did not make", async () => {
    const genuine = await accepted();
    const fakes: unknown[] = [
      undefined,
      null,
      "accept",
      { verdict: "accept" },
      { ...genuine },
      Object.create(genuine),
      JSON.parse(JSON.stringify(genuine)),
      { ...(await rejected()), verdict: "accept", failures: [] },
    ];
    for (const fake of fakes) {
      const error = refusal(fake as Appraisal);
      expect(error).toBeInstanceOf(TypeError);
      expect(String(error)).toMatch(/appraisal must be what appraise returned/);
      expect(isAcceptedAppraisal(fake)).toBe(false);
    }
  });
});

describe("assertAppraisal", () => {
  it("knows the places of the checks that decide nothing", async () => {
    const policy = await treePolicy({
      allOf: [{ snp: OPEN }, { anyOf: [{ snp: { vmpl: [1], cpu: ["0x19-0x01-0x01"] } }, { snp: { vmpl: [0] } }] }],
    });
    const appraisal = judged(policy);
    const { setAside } = assertAppraisal(appraisal);
    const pointers = appraisal.checks.filter((_, place) => setAside.has(place)).map(({ pointer }) => pointer);
    expect(pointers).toEqual(["/allOf/1/anyOf/0/snp/cpu", "/allOf/1/anyOf/0/snp/vmpl"].map((at) => `/require${at}`));
    expect(setAside.size).toBe(2);
    expect(assertAppraisal(await accepted()).setAside.size).toBe(0);
    expect(assertAppraisal(await rejected()).setAside.size).toBe(0);
  });
});

describe("createAppraisal", () => {
  it("cannot be told a verdict: it follows from the failures", async () => {
    const appraisal = await rejected();
    const { evidence: record } = assertAppraisal(appraisal);
    const clock = { now: 0, nowText: "1970-01-01T00:00:00Z" };
    const subject = { record, claims: { get: () => null }, ...clock, expectedReportData: null, advisories: null };
    const verdictOf = (failed: readonly Check[]) =>
      createAppraisal(
        { failed, bound: false, setAside: new Set(), checks: () => failed, uncompared: () => [] },
        subject,
        {
          id: "x",
          digest: "",
        },
      ).verdict;
    expect(verdictOf([])).toBe("accept");
    expect(verdictOf(appraisal.failures)).toBe("reject");
    expect(verdictOf(appraisal.failures.map((check) => ({ ...check, severity: "warning" })))).toBe("accept");
    expect(verdictOf(appraisal.failures.map((check) => ({ ...check, outcome: "waived" })))).toBe("accept");
  });

  it("works out what is read once, and shows it in JSON", async () => {
    const appraisal = await rejected();
    expect(appraisal.checks).toBe(appraisal.checks);
    expect(appraisal.unexamined).toBe(appraisal.unexamined);
    expect(appraisal.evidence).toBe(appraisal.evidence);
    expect(appraisal.checks.filter(({ outcome }) => outcome === "fail")).toEqual(appraisal.failures);
    for (const failure of appraisal.failures) expect(appraisal.checks).toContain(failure);
    const { verdict, ...rest } = JSON.parse(JSON.stringify(appraisal));
    expect(verdict).toBe("reject");
    expect(Object.keys(rest)).toEqual(Object.keys(appraisal).slice(1));
    expect(structuredClone({ ...appraisal })).toEqual(JSON.parse(JSON.stringify(appraisal)));
    expect(rest.evidence.claims).toEqual(appraisal.evidence.claims);
  });

  it("says the same whenever it is read: before and after another appraisal of the same evidence", async () => {
    const policy = await blockPolicy({});
    const [early, late] = [judged(policy), judged(policy)];
    const text = JSON.stringify(early);
    expect(JSON.stringify(late)).toBe(text);
    expect(JSON.stringify(judged(policy))).toBe(text);
  });
});
