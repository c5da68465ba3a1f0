import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import { BINDING_SCHEMES, EVIDENCE_PARTS } from "../../src/binding/expected.js";
import { blockPolicy, checkOf, failedIds, judged, OPEN, treePolicy } from "./support.js";

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

  it.each([
    ["a strict default", {}, {}],
    ["a strict default beside a check that holds", { vmpl: [0] }, {}],
    ["a check of its own", { guestPolicy: { debug: "any" }, vmpl: [3] }, {}],
    ["a check of its own and a strict default", { vmpl: [3] }, {}],
    ["another strict default", { guestPolicy: { debug: "any" } }, { reserved: "any" }],
  ])("does not count where the rule that allows it fails by %s", async (_, failing, holding) => {
    const allowing = { snp: { ...OPEN, reportData: { scheme: "azure", parts: FROM }, ...failing } };
    const open = { snp: { ...OPEN, guestPolicy: { debug: "any" }, ...holding } };
    const report = { ...EVIDENCE.report, policy: 0xb0000n, keyInfo: "reserved" in holding ? 0x20 : 0 };
    for (const anyOf of [
      [allowing, open],
      [open, allowing],
    ]) {
      const policy = await treePolicy({ anyOf });
      const refused = judged(policy, { report }, { reportData: found });
      expect(refused.verdict).toBe("reject");
      expect(failedIds(refused)).toEqual(["input.reportData"]);
      expect(judged(policy, { report }, { reportData: own }).verdict).toBe("accept");
      expect(judged(policy, { report }).verdict).toBe("accept");
    }
  });

  it("counts where the rule that allows it is on a way that holds", async () => {
    const allowing = { snp: { reportData: { scheme: "azure", parts: FROM } } };
    const debug = { snp: { guestPolicy: { debug: "any" } } };
    const policy = await treePolicy({ allOf: [{ snp: OPEN }, { anyOf: [allowing, { snp: OPEN }] }, debug] });
    const report = { ...EVIDENCE.report, policy: 0xb0000n };
    expect(judged(policy, { report }, { reportData: found }).verdict).toBe("accept");
    const apart = await treePolicy({ allOf: [{ snp: OPEN }, { anyOf: [allowing, debug] }] });
    expect(failedIds(judged(apart, { report }, { reportData: found }))).toEqual(["input.reportData"]);
  });

  it("may be each part of a scheme but what the verifier alone can know", async () => {
    for (const scheme of BINDING_SCHEMES) {
      const parts = Object.fromEntries(EVIDENCE_PARTS[scheme].map((part) => [part, "fromEvidence"]));
      const reportData = EVIDENCE_PARTS[scheme].length === 0 ? { scheme } : { scheme, parts };
      await expect(blockPolicy({ reportData })).resolves.toBeDefined();
    }
  });
});
