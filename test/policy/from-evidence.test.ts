import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import { BINDING_SCHEMES, EVIDENCE_PARTS } from "../../src/binding/expected.js";
import { blockPolicy, checkOf, failedIds, judged } from "./support.js";

const runtimeData = new TextEncoder().encode('{"keys":[]}');
const own = await bindReportData("azure", { runtimeData });
const found = await bindReportData("azure", { runtimeData }, { fromEvidence: ["runtimeData"] });
const EVIDENCE = { report: { reportData: own.bytes } };
const FROM = { runtimeData: "fromEvidence" };

describe("a part from the evidence", () => {
  it("counts only where the policy says so", async () => {
    const strict = await blockPolicy({ reportData: { scheme: "azure" } });
    expect(judged(strict, EVIDENCE, { reportData: own }).verdict).toBe("accept");
    const refused = judged(strict, EVIDENCE, { reportData: found });
    expect(failedIds(refused)).toEqual(["snp.reportData"]);
    expect(checkOf(refused, "snp.reportData")).toMatchObject({
      expected: { scheme: "azure" },
      reason:
        "Expected runtimeData from the verifier; found it taken from the evidence; " +
        'bring your own, or write "fromEvidence" for it in the policy.',
    });
    const open = await blockPolicy({ reportData: { scheme: "azure", parts: FROM } });
    for (const reportData of [own, found]) expect(judged(open, EVIDENCE, { reportData }).verdict).toBe("accept");
    expect(failedIds(judged(open, {}, { reportData: found }))).toEqual(["snp.reportData"]);
  });

  it("is told in what the check expects", async () => {
    const open = await blockPolicy({ reportData: { scheme: "azure", parts: FROM } });
    const check = checkOf(judged(open), "snp.reportData");
    expect(check).toMatchObject({ outcome: "fail", expected: { scheme: "azure", fromEvidence: ["runtimeData"] } });
  });

  it("does not count where no rule names the scheme", async () => {
    const policy = await blockPolicy({});
    expect(judged(policy, EVIDENCE, { reportData: own }).verdict).toBe("accept");
    expect(failedIds(judged(policy, EVIDENCE, { reportData: found }))).toEqual(["input.reportData"]);
  });

  it("may be each part of a scheme but what the verifier alone can know", async () => {
    for (const scheme of BINDING_SCHEMES) {
      const parts = Object.fromEntries(EVIDENCE_PARTS[scheme].map((part) => [part, "fromEvidence"]));
      const reportData = EVIDENCE_PARTS[scheme].length === 0 ? { scheme } : { scheme, parts };
      await expect(blockPolicy({ reportData })).resolves.toBeDefined();
    }
  });
});
