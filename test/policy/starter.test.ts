import { describe, expect, it } from "vitest";
import { bindReportData } from "../../src/binding/bind.js";
import { appraise } from "../../src/policy/appraise.js";
import { definePolicy } from "../../src/policy/define.js";
import { diffReports } from "../../src/policy/diff.js";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import { policyFromReport } from "../../src/policy/starter.js";
import type { ReportOptions } from "../../src/testing/index.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";

const nonce = new Uint8Array(32).fill(7);
const reportData = await bindReportData("attestry-v1", { nonce });
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);

function evidence({ report = {}, ...options }: RecordOptions = {}) {
  return makeVerified({ ...options, report: { reportData: reportData.bytes, ...report } });
}

const SIGNED: ReportOptions = { keyInfo: 1, idKeyDigest: filled(48, 1), authorKeyDigest: filled(48, 2), guestSvn: 4 };
const rows: [title: string, seen: RecordOptions][] = [
  ["plain", {}],
  ["version 2", { report: { version: 2 } }],
  ["version 5 with mitigations", { report: { version: 5, launchMitVector: 0xbn, currentMitVector: 1n << 63n } }],
  ["version 5 without", { report: { version: 5 } }],
  ["Turin", { productLine: "Turin" }],
  ["a provider", { signingKey: "VLEK", report: { chipId: filled(64, 0) } }],
  ["an ID block", { report: { ...SIGNED, familyId: filled(16, 1), imageId: filled(16, 2) } }],
  ["an ID block without author", { report: { ...SIGNED, keyInfo: 0, authorKeyDigest: filled(48, 0) } }],
  ["debugging, unknown bits", { report: { policy: (1n << 63n) | 0xb0000n, platformInfo: 0x65n } }],
  ["provisional firmware", { report: { currentBuild: 30, committedBuild: 29 } }],
  ["reserved bits", { report: { keyInfo: 0x20 } }],
  ["a stale CRL", { revocation: { status: "stale" } }],
  ["host data", { report: { hostData: filled(32, 3) } }],
  ["the lowest level", { report: { vmpl: 3 } }],
];

describe("policyFromReport", () => {
  it.each(rows)("accepts what it was made of: %s", async (_, seen) => {
    const verified = evidence(seen);
    const starter = policyFromReport(verified);
    const policy = await definePolicy(starter.policy);
    const appraisal = appraise(verified, policy, { now: new Date(VERIFIED_AT), reportData });
    expect(appraisal.failures).toEqual([]);
    expect(JSON.parse(JSON.stringify(starter))).toEqual(starter);
    expect(Object.isFrozen(starter.comments)).toBe(true);
    for (const [pointer, text] of Object.entries(starter.comments)) {
      const [, , key = ""] = pointer.split("/");
      expect(Object.keys(starter.policy)).toContain("snp");
      expect(JSON.stringify(starter.policy)).toContain(`"${key}":`);
      expect(text).toMatch(/^[A-Z].+\.$/);
    }
  });

  const changes: [title: string, change: RecordOptions][] = [
    ["another image", { report: { measurement: filled(48, 9) } }],
    ["another chip", { report: { chipId: filled(64, 9) } }],
    ["another line", { productLine: "Genoa" }],
    ["an older TCB", { report: { reportedTcb: { snp: 23 } } }],
    ["older committed firmware", { report: { committedTcb: { snp: 23 } } }],
    ["an older launch", { report: { launchTcb: { snp: 23 } } }],
    ["another level", { report: { vmpl: 1 } }],
    ["SMT", { report: { platformInfo: 1n } }],
    ["host data", { report: { hostData: filled(32, 9) } }],
    ["a provider's key", { signingKey: "VLEK" }],
    ["debugging", { report: { policy: 0xb0000n } }],
    ["an older report", { report: { version: 2 } }],
    ["other report data", { report: { reportData: filled(64, 9) } }],
    ["a missing CRL", { revocation: { status: "unavailable" } }],
  ];
  it.each(changes)("refuses %s", async (_, change) => {
    const policy = await definePolicy(policyFromReport(evidence({ report: { platformInfo: 0n } })).policy);
    const plain = { platformInfo: 0n, reportData: reportData.bytes };
    const verified = makeVerified({ ...change, report: { ...plain, ...change.report } });
    expect(appraise(verified, policy, { now: new Date(VERIFIED_AT), reportData }).verdict).toBe("reject");
  });

  it("pins every key that a report can say, but emergency lists, advisories and ids of one run", () => {
    const all = rows.flatMap(([, seen]) => {
      const { policy } = policyFromReport(evidence(seen));
      return "snp" in policy ? Object.keys(policy.snp) : [];
    });
    const left = Object.keys(SNP_RULES).filter((key) => !all.includes(key));
    expect(left).toEqual(["denyChips", "denyCertificates", "reportId", "reportIdMa", "advisories"]);
  });

  it("warns of what should not be copied", () => {
    const { comments } = policyFromReport(evidence({ report: { policy: 0xb0000n, keyInfo: 0x20 } }));
    expect(comments["/snp/guestPolicy"]).toMatch(/debugged/);
    expect(comments["/snp/reserved"]).toMatch(/does not know/);
    expect(comments["/snp/productLine"]).toMatch(/root seed/);
  });

  it("takes nothing but verified evidence", () => {
    expect(() => policyFromReport({ report: {} } as never)).toThrow(/verified must be what verifyEvidence returned/);
  });
});

describe("diffReports", () => {
  it("finds nothing between the same, and each claim that differs by its name", () => {
    expect(diffReports(evidence(), evidence())).toEqual([]);
    const other = evidence({ report: { vmpl: 2, platformInfo: 0x21n, reportedTcb: { snp: 23 } }, cspId: "CN=x" });
    expect(diffReports(evidence({ report: { platformInfo: 0x20n } }), other)).toMatchObject([
      { claim: "cspId", label: "cspID", a: null, b: "CN=x" },
      { claim: "vmpl", label: "VMPL", a: 0, b: 2 },
      { claim: "platformInfo.smtEn", label: "PLATFORM_INFO.SMT_EN", a: false, b: true },
      { claim: "reportedTcb", label: "REPORTED_TCB", a: { snp: 24 }, b: { snp: 23 } },
    ]);
  });

  it("is frozen and JSON, and takes nothing but verified evidence", () => {
    const differences = diffReports(evidence(), evidence({ report: { vmpl: 1 } }));
    expect(JSON.parse(JSON.stringify(differences))).toEqual(differences);
    expect(Object.isFrozen(differences[0])).toBe(true);
    for (const [a, b] of [
      [{}, evidence()],
      [evidence(), {}],
    ] as const) {
      expect(() => diffReports(a as never, b as never)).toThrow(TypeError);
    }
  });
});
