import { describe, expect, it } from "vitest";
import { encodeTcb, type Tcb } from "../../src/amd/tcb.js";
import { policySection, troubleSections } from "../../src/cli/appraisal-page.js";
import { evidenceSections } from "../../src/cli/evidence-page.js";
import type { Row, Section } from "../../src/cli/layout.js";
import { reportProduct, reportSections, tcbTexts } from "../../src/cli/report-page.js";
import type { Appraisal } from "../../src/policy/appraisal.js";
import type { Check } from "../../src/policy/check.js";
import { parseReport } from "../../src/report/report.js";
import { createForge, type ReportOptions } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";

const maker = await createForge({ seed: "attestry/cli/pages" });
const pageOf = (options: ReportOptions) => reportSections(parseReport(maker.report(options).bytes));

function rowsOf(sections: readonly Section[], title: string): readonly Row[] {
  return sections.find((section) => section.title === title)?.rows ?? [];
}

function rowOf(sections: readonly Section[], name: string): Row {
  const found = sections.flatMap(({ rows }) => rows).filter((row) => row.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] ?? { name, value: "" };
}

describe("tcbTexts", () => {
  const milan: Tcb = { bootLoader: 4, tee: 0, spl4: 0, spl5: 0, spl6: 0, spl7: 0, snp: 24, microcode: 219 };
  const turin: Tcb = { fmc: 1, bootLoader: 1, tee: 1, snp: 4, spl5: 0, spl6: 0, spl7: 0, microcode: 81 };

  it("names the components of the line, in the order of the bytes", () => {
    expect(tcbTexts("Milan", [milan])).toEqual(["boot loader 4  TEE 0  SNP 24  microcode 219"]);
    expect(tcbTexts("Turin", [turin])).toEqual(["FMC 1  boot loader 1  TEE 1  SNP 4  microcode 81"]);
  });

  it("sets the numbers of several below one another", () => {
    expect(tcbTexts("Milan", [milan, { ...milan, bootLoader: 10, snp: 9, microcode: 8 }])).toEqual([
      "boot loader  4  TEE 0  SNP 24  microcode 219",
      "boot loader 10  TEE 0  SNP  9  microcode   8",
    ]);
  });

  it("shows what AMD reserves where one of them has it set", () => {
    expect(tcbTexts("Milan", [milan, { ...milan, spl5: 7 }])).toEqual([
      "boot loader 4  TEE 0  spl5 0  SNP 24  microcode 219",
      "boot loader 4  TEE 0  spl5 7  SNP 24  microcode 219",
    ]);
  });
});

describe("the page of a report", () => {
  it("decodes each TCB from its own bytes", () => {
    const names = ["currentTcb", "reportedTcb", "committedTcb", "launchTcb"] as const;
    const tcb: Tcb = { bootLoader: 0, tee: 0, spl4: 0, spl5: 0, spl6: 0, spl7: 0, snp: 0, microcode: 0 };
    const bytes = names.map((_, index) => encodeTcb("Milan", { ...tcb, microcode: 101 + index }));
    const page = pageOf(Object.fromEntries(names.map((name, index) => [name, bytes[index]])));
    expect(rowsOf(page, "TCB").map(({ place, name, value }) => [place, name, String(value).slice(-13)])).toEqual([
      ["0x038", "CURRENT_TCB", "microcode 101"],
      ["0x180", "REPORTED_TCB", "microcode 102"],
      ["0x1E0", "COMMITTED_TCB", "microcode 103"],
      ["0x1F0", "LAUNCH_TCB", "microcode 104"],
    ]);
  });

  it("tells current from committed firmware, and prints versions in decimal", () => {
    const page = pageOf({
      currentMajor: 1,
      currentMinor: 58,
      currentBuild: 29,
      committedMajor: 1,
      committedMinor: 55,
      committedBuild: 3,
    });
    expect(rowOf(page, "CURRENT version")).toMatchObject({ place: "0x1E8", value: "1.58.29" });
    expect(rowOf(page, "COMMITTED version")).toMatchObject({ place: "0x1EC", value: "1.55.3" });
  });

  it("has mitigation vectors from version 5 on, and a processor from version 3 on", () => {
    const names = (version: number) => pageOf({ version }).flatMap(({ rows }) => rows.map(({ name }) => name));
    expect(names(5)).toContain("LAUNCH_MIT_VECTOR");
    expect(names(4)).not.toContain("LAUNCH_MIT_VECTOR");
    expect(names(4)).toContain("CPUID_FAM_ID");
    expect(names(2)).not.toContain("CPUID_FAM_ID");
  });

  it("tells launch from current mitigations", () => {
    const page = pageOf({ version: 5, launchMitVector: 0xbn, currentMitVector: 0x3fn });
    expect(rowOf(page, "LAUNCH_MIT_VECTOR").value).toBe("0x000000000000000b");
    expect(rowOf(page, "CURRENT_MIT_VECTOR").value).toBe("0x000000000000003f");
  });

  it.each([
    [0, "VCEK"],
    [1, "VLEK"],
    [7, "none"],
    [5, "unknown"],
  ])("names signing key %i %s", (key, note) => {
    expect(rowOf(pageOf({ keyInfo: key << 2 }), "SIGNING_KEY")).toMatchObject({ place: "bits 4:2", note });
  });

  it.each([
    ["DEBUG", { policy: 0xa0000n }, { policy: 0x20000n }],
    ["MIGRATE_MA", { policy: 0x60000n }, { policy: 0x20000n }],
    ["RSVD_ONE", { policy: 0n }, { policy: 0x20000n }],
    ["MASK_CHIP_KEY", { keyInfo: 2 }, { keyInfo: 0 }],
  ])("gives the alarm for %s, and not for its twin", (name, alarming, twin) => {
    expect(rowOf(pageOf(alarming), name).tone).toBe("bad");
    expect(rowOf(pageOf(twin), name).tone).not.toBe("bad");
  });

  it("marks an unknown signature algorithm", () => {
    expect(rowOf(pageOf({ signatureAlgo: 1 }), "SIGNATURE_ALGO").tone).toBeUndefined();
    expect(rowOf(pageOf({ signatureAlgo: 2 }), "SIGNATURE_ALGO")).toMatchObject({ tone: "warn", note: "unknown" });
  });

  it("says nothing of a processor that the report does not name", () => {
    expect(reportProduct(parseReport(maker.report({ version: 2 }).bytes))).toEqual({ name: null, productLine: null });
  });
});

describe("the page of an appraisal", () => {
  const check: Check = {
    id: "snp.vmpl",
    pointer: "/snp/vmpl",
    implied: false,
    rule: null,
    claim: "vmpl",
    operator: "oneOf",
    expected: [0],
    actual: 1,
    outcome: "fail",
    severity: "error",
    reason: "Expected 0; found 1; ask again.",
    source: { kind: "report", offset: 48, length: 4 },
    waiver: null,
  };
  const appraisal = (parts: Partial<Record<keyof Appraisal, unknown>>) =>
    // Only `appraise` makes appraisals; the page reads their fields and no more.
    ({
      failures: [],
      waived: [],
      warnings: [],
      checks: [],
      unexamined: [],
      policyId: "p",
      policyDigest: "ab".repeat(48),
      ...parts,
    }) as unknown as Appraisal;

  it("tells failures, waivers and warnings apart", () => {
    const sections = troubleSections(
      appraisal({ failures: [check], waived: [{ ...check, outcome: "waived" }], warnings: [check] }),
    );
    expect(sections.map(({ title, rows }) => [title, rows[0]?.nameTone])).toEqual([
      ["Failed checks", "bad"],
      ["Waived checks", "warn"],
      ["Warnings", "warn"],
    ]);
    expect(troubleSections(appraisal({}))).toEqual([]);
  });

  it("names a check by its place in the policy, and one without a place by its id", () => {
    const nameOf = (parts: Partial<Check>) =>
      troubleSections(appraisal({ failures: [{ ...check, ...parts }] }))[0]?.rows[0]?.name;
    expect(nameOf({})).toBe("/snp/vmpl");
    expect(nameOf({ pointer: "", id: "time.crl" })).toBe("time.crl");
  });

  it("points at --report-data where that is what is missing, and nowhere else", () => {
    const noteOf = (expected: Check["expected"]) =>
      troubleSections(appraisal({ failures: [{ ...check, expected }] }))[0]?.rows[0]?.note;
    expect(noteOf({ scheme: "exact" })).toContain("--report-data HEX");
    expect(noteOf({ scheme: "exact", bytes: "00" })).toBeUndefined();
    expect(noteOf({ scheme: "nonce" })).toBeUndefined();
    expect(noteOf([0])).toBeUndefined();
    expect(noteOf(null)).toBeUndefined();
  });

  it("counts outcomes, and leaves out kinds that there are none of", () => {
    const outcomes = ["pass", "pass", "fail", "waived", "not-applicable"] as const;
    const checks = outcomes.map((outcome) => ({ ...check, outcome }));
    const counts = (some: readonly Check[]) => rowOf([policySection(appraisal({ checks: some }))], "Checks").value;
    expect(counts(checks)).toBe("2 passed, 1 failed, 1 waived, 1 not applicable");
    expect(counts(checks.slice(0, 3))).toBe("2 passed, 1 failed");
  });

  it("says that everything was examined", () => {
    expect(rowOf([policySection(appraisal({}))], "Not examined").value).toBe("nothing");
    expect(rowOf([policySection(appraisal({ unexamined: ["a", "b"] }))], "Not examined").value).toBe("a, b");
  });
});

describe("the page of verified evidence", () => {
  it("shows the start of a long chip id, and a short one whole", async () => {
    for (const [productLine, id] of [
      ["Milan", /^VCEK of chip [0-9a-f]{16}…$/],
      ["Turin", /^VCEK of chip [0-9a-f]{16}$/],
    ] as const) {
      const { evidence, now, anchors } = maker.evidence({ productLine });
      const page = evidenceSections(await verifyEvidence(evidence, { now, anchors }));
      expect(rowOf(page, "Signed by").value).toMatch(id);
      expect(rowOf(page, "Version").value).toBe(`5, ${productLine}, VMPL 0`);
    }
  });

  it("has no CRL to show where there is none", async () => {
    const { evidence, now, anchors } = maker.evidence({ omit: ["crl"] });
    const page = evidenceSections(await verifyEvidence(evidence, { now, anchors, revocation: "if-available" }));
    expect(rowsOf(page, "Revocation").map(({ name }) => name)).toEqual(["Status", "Judged at"]);
    expect(rowOf(page, "Status")).toMatchObject({ value: "unavailable", tone: "warn" });
  });
});
