import { describe, expect, it } from "vitest";
import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import type { Check } from "../../src/policy/check.js";
import { strictComplaints } from "../cli/schemas.js";
import type { RecordOptions } from "../support/records.js";
import { blockPolicy, checkOf, judged } from "./support.js";

const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const floors = { current: { major: 1, minor: 55, build: 29 }, committed: { major: 1, minor: 55, build: 29 } };

/** A key with evidence that it refuses, and what its check then shows. */
type Row = [id: string, snp: object, evidence: RecordOptions, shown: Partial<Check>];

const REPORT = (offset: number, length: number) => ({ source: { kind: "report", offset, length } }) as const;

const OURS = { idBlock: { idKeyDigests: ["01".repeat(48)] } };
const SIGNED: RecordOptions = { report: { idKeyDigest: filled(48, 1) } };

const ROWS: Row[] = [
  [
    "snp.cpu",
    { cpu: ["0x19-0x11-0x01"] },
    {},
    {
      claim: "cpuid",
      operator: "oneOf",
      expected: ["0x19-0x11-0x01"],
      actual: "0x19-0x01-0x01",
      reason:
        "Expected CPUID to be one of 0x19-0x11-0x01; found 0x19-0x01-0x01; run on a machine with a listed processor.",
      ...REPORT(0x188, 3),
    },
  ],
  [
    "snp.reportVersion",
    { reportVersion: { minimum: 5 } },
    { report: { version: 3 } },
    {
      claim: "reportVersion",
      operator: "within",
      expected: { minimum: 5 },
      actual: 3,
      reason: "Expected VERSION of 5 to 255; found 3; run on firmware that writes such reports.",
      ...REPORT(0, 4),
    },
  ],
  [
    "snp.denyChips",
    { denyChips: ["a1".repeat(8)] },
    { report: { chipId: Uint8Array.of(...filled(8, 0xa1), ...filled(56, 0)) } },
    {
      claim: "chipId",
      operator: "noneOf",
      expected: [`${"a1".repeat(8)}${"0".repeat(112)}`],
      reason: expect.stringMatching(/^Expected CHIP_ID to be none of the denied chips; found a1a1.+; run on another/),
      ...REPORT(0x1a0, 64),
    },
  ],
  [
    "snp.denyCertificates.leaf",
    { denyCertificates: ["AB".repeat(32)] },
    { fingerprints: { leaf: "ab".repeat(32) } },
    {
      claim: "leafSha256",
      operator: "noneOf",
      expected: ["ab".repeat(32)],
      actual: "ab".repeat(32),
      source: { kind: "certificate", field: "leaf" },
    },
  ],
  [
    "snp.denyCertificates.intermediate",
    { denyCertificates: ["ab".repeat(32)] },
    { fingerprints: { intermediate: "ab".repeat(32) } },
    { claim: "intermediateSha256", source: { kind: "certificate", field: "intermediate" } },
  ],
  ["snp.familyId", { familyId: ["01".repeat(16)], ...OURS }, SIGNED, { claim: "familyId", ...REPORT(0x10, 16) }],
  ["snp.imageId", { imageId: ["01".repeat(16)], ...OURS }, SIGNED, { claim: "imageId", ...REPORT(0x20, 16) }],
  ["snp.reportId", { reportId: ["01".repeat(32)] }, {}, { claim: "reportId", ...REPORT(0x140, 32) }],
  [
    "snp.reportIdMa",
    { reportIdMa: ["01".repeat(32)] },
    {},
    { claim: "reportIdMa", actual: "ff".repeat(32), ...REPORT(0x160, 32) },
  ],
  [
    "snp.guestSvn",
    { guestSvn: { minimum: 5 }, idBlock: { idKeyDigests: ["01".repeat(48)] } },
    { report: { idKeyDigest: filled(48, 1), guestSvn: 4 } },
    {
      claim: "guestSvn",
      operator: "atLeast",
      expected: 5,
      actual: 4,
      reason: "Expected GUEST_SVN of at least 5; found 4; run a newer image.",
      ...REPORT(4, 4),
    },
  ],
  [
    "snp.minimumFirmware.current",
    { minimumFirmware: floors },
    { report: { currentMajor: 1, currentMinor: 55, currentBuild: 28 } },
    {
      claim: "currentFirmware",
      operator: "atLeast",
      expected: "1.55.29",
      actual: "1.55.28",
      reason: "Expected the current firmware version of at least 1.55.29; found 1.55.28; update the host's firmware.",
      ...REPORT(0x1e8, 3),
    },
  ],
  [
    "snp.minimumFirmware.committed",
    { minimumFirmware: floors },
    { report: { committedMajor: 1, committedMinor: 54, committedBuild: 99 } },
    { claim: "committedFirmware", actual: "1.54.99", ...REPORT(0x1ec, 3) },
  ],
  [
    "snp.provisionalFirmware.tcb",
    { provisionalFirmware: "forbidden" },
    { report: { committedTcb: { snp: 1 } } },
    {
      claim: "committedTcb",
      operator: "equals",
      expected: "currentTcb",
      actual: expect.objectContaining({ snp: 1 }) as never,
      reason: expect.stringMatching(/^Expected COMMITTED_TCB to equal the current one; found \{.+\}; commit the firm/),
      ...REPORT(0x1e0, 8),
    },
  ],
  [
    "snp.provisionalFirmware.version",
    { provisionalFirmware: "forbidden" },
    { report: { committedBuild: 1, currentBuild: 2 } },
    { claim: "committedFirmware", expected: "currentFirmware", ...REPORT(0x1ec, 3) },
  ],
  [
    "snp.mitigations.launch",
    { mitigations: { launch: [0, 3] } },
    { report: { version: 5, launchMitVector: 1n } },
    {
      claim: "launchMitVector",
      operator: "includes",
      expected: [0, 3],
      actual: "0x1",
      reason:
        "Expected LAUNCH_MIT_VECTOR to have the bits 0, 3; found 0x1; update the host's firmware; " +
        "reports below version 5 have no such vector.",
      ...REPORT(0x1f8, 8),
    },
  ],
  [
    "snp.mitigations.current",
    { mitigations: { current: [0] } },
    { report: { version: 3 } },
    { claim: "currentMitVector", actual: null, source: { kind: "verification", field: "currentMitVector" } },
  ],
  [
    "snp.advisories.dataSet",
    { advisories: WHOLE_BLOCK.advisories },
    {},
    { claim: "advisories", operator: "equals", actual: null, source: { kind: "verification", field: "advisories" } },
  ],
];

describe("what the check of a refusal shows", () => {
  it.each(ROWS)("%s", async (id, snp, evidence, shown) => {
    const appraisal = judged(await blockPolicy(snp), evidence);
    const check = checkOf(appraisal, id);
    expect(check).toMatchObject({ id, outcome: "fail", severity: "error", implied: false, waiver: null, ...shown });
    expect(check.reason).toMatch(/^Expected [^\n]+; found [^\n]+; [^\n]+\.$|; the caller brought none; /);
    expect(Object.isFrozen(check)).toBe(true);
    expect(strictComplaints("check", JSON.parse(JSON.stringify(check)))).toEqual([]);
  });
});

describe("the whole language at once", () => {
  it("answers with every check once, each as the schema has it", async () => {
    const appraisal = judged(await blockPolicy(WHOLE_BLOCK));
    expect(strictComplaints("appraisal", JSON.parse(JSON.stringify(appraisal)))).toEqual([]);
    const written = appraisal.checks.filter(({ implied }) => !implied).map(({ id }) => id);
    expect(new Set(written).size).toBe(written.length);
    expect(written.length).toBeGreaterThan(50);
    // No strict default is left: the block speaks of everything.
    expect(appraisal.checks.filter(({ implied, id }) => implied && id.startsWith("snp."))).toEqual([]);
  });
});
