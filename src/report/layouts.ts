import { defineLayout } from "../bytes/layout.js";

/** The length of a report in bytes, in every version. */
export const REPORT_LENGTH = 0x4a0;

/** The signature covers the bytes from 0 up to here. */
export const SIGNED_LENGTH = 0x2a0;

// Source of every row: AMD 56860, ATTESTATION_REPORT; R and S from its signature format for ECDSA P-384.

const HEAD = [
  { name: "version", offset: 0x000, size: 4, type: "u32", doc: "VERSION: the report's format" },
  { name: "guestSvn", offset: 0x004, size: 4, type: "u32", doc: "GUEST_SVN: guest security version of the ID block" },
  { name: "policy", offset: 0x008, size: 8, type: "u64", doc: "POLICY: guest policy given at launch" },
  { name: "familyId", offset: 0x010, size: 16, type: "bytes", doc: "FAMILY_ID: from the ID block or zero" },
  { name: "imageId", offset: 0x020, size: 16, type: "bytes", doc: "IMAGE_ID: from the ID block, else zero" },
  { name: "vmpl", offset: 0x030, size: 4, type: "u32", doc: "VMPL: the level asked for; 0xFFFFFFFF by the host" },
  { name: "signatureAlgo", offset: 0x034, size: 4, type: "u32", doc: "SIGNATURE_ALGO: 1 is ECDSA P-384, SHA-384" },
  { name: "currentTcb", offset: 0x038, size: 8, type: "bytes", doc: "CURRENT_TCB: TCB_VERSION running now" },
  { name: "platformInfo", offset: 0x040, size: 8, type: "u64", doc: "PLATFORM_INFO: configuration of the host" },
  { name: "keyInfo", offset: 0x048, size: 4, type: "u32", doc: "KEY_INFO: the signing key, and two flags" },
  { reserved: "refuse", offset: 0x04c, size: 4 },
  { name: "reportData", offset: 0x050, size: 64, type: "bytes", doc: "REPORT_DATA: from whoever asked for the report" },
  { name: "measurement", offset: 0x090, size: 48, type: "bytes", doc: "MEASUREMENT: launch digest, SHA-384" },
  { name: "hostData", offset: 0x0c0, size: 32, type: "bytes", doc: "HOST_DATA: from the host, not in MEASUREMENT" },
  { name: "idKeyDigest", offset: 0x0e0, size: 48, type: "bytes", doc: "ID_KEY_DIGEST: SHA-384 of the ID key or zero" },
  {
    name: "authorKeyDigest",
    offset: 0x110,
    size: 48,
    type: "bytes",
    doc: "AUTHOR_KEY_DIGEST: SHA-384 of the author key, else zero",
  },
  { name: "reportId", offset: 0x140, size: 32, type: "bytes", doc: "REPORT_ID: random identity of this guest" },
  {
    name: "reportIdMa",
    offset: 0x160,
    size: 32,
    type: "bytes",
    doc: "REPORT_ID_MA: REPORT_ID of the migration agent; all ones when there is none",
  },
  {
    name: "reportedTcb",
    offset: 0x180,
    size: 8,
    type: "bytes",
    doc: "REPORTED_TCB: TCB_VERSION that the signing key was derived from",
  },
] as const;

const WITHOUT_CPUID = [{ reserved: "keep", offset: 0x188, size: 24 }] as const;

const WITH_CPUID = [
  { name: "cpuidFamId", offset: 0x188, size: 1, type: "u8", doc: "CPUID_FAM_ID: combined family" },
  { name: "cpuidModId", offset: 0x189, size: 1, type: "u8", doc: "CPUID_MOD_ID: combined model" },
  { name: "cpuidStep", offset: 0x18a, size: 1, type: "u8", doc: "CPUID_STEP: stepping" },
  { reserved: "keep", offset: 0x18b, size: 21 },
] as const;

const IDENTITY = [
  { name: "chipId", offset: 0x1a0, size: 64, type: "bytes", doc: "CHIP_ID: the chip's id; zero where it is masked" },
  {
    name: "committedTcb",
    offset: 0x1e0,
    size: 8,
    type: "bytes",
    doc: "COMMITTED_TCB: TCB_VERSION that firmware cannot go back behind",
  },
  { name: "currentBuild", offset: 0x1e8, size: 1, type: "u8", doc: "CURRENT_BUILD: build of running firmware" },
  { name: "currentMinor", offset: 0x1e9, size: 1, type: "u8", doc: "CURRENT_MINOR: minor of running firmware" },
  { name: "currentMajor", offset: 0x1ea, size: 1, type: "u8", doc: "CURRENT_MAJOR: major of running firmware" },
  { reserved: "keep", offset: 0x1eb, size: 1 },
  { name: "committedBuild", offset: 0x1ec, size: 1, type: "u8", doc: "COMMITTED_BUILD: build of committed firmware" },
  { name: "committedMinor", offset: 0x1ed, size: 1, type: "u8", doc: "COMMITTED_MINOR: minor of committed firmware" },
  { name: "committedMajor", offset: 0x1ee, size: 1, type: "u8", doc: "COMMITTED_MAJOR: major of committed firmware" },
  { reserved: "keep", offset: 0x1ef, size: 1 },
  { name: "launchTcb", offset: 0x1f0, size: 8, type: "bytes", doc: "LAUNCH_TCB: TCB_VERSION recorded at launch" },
] as const;

const WITHOUT_VECTORS = [{ reserved: "keep", offset: 0x1f8, size: 168 }] as const;

const WITH_VECTORS = [
  {
    name: "launchMitVector",
    offset: 0x1f8,
    size: 8,
    type: "u64",
    doc: "LAUNCH_MIT_VECTOR: mitigations verified in force at launch",
  },
  {
    name: "currentMitVector",
    offset: 0x200,
    size: 8,
    type: "u64",
    doc: "CURRENT_MIT_VECTOR: mitigations verified in force now",
  },
  { reserved: "keep", offset: 0x208, size: 152 },
] as const;

const SIGNATURE = [
  { name: "signatureR", offset: 0x2a0, size: 48, type: "bytes", doc: "R: little-endian" },
  { reserved: "refuse", offset: 0x2d0, size: 24 },
  { name: "signatureS", offset: 0x2e8, size: 48, type: "bytes", doc: "S: little-endian" },
  { reserved: "refuse", offset: 0x318, size: 24 },
  { reserved: "refuse", offset: 0x330, size: 368 },
] as const;

const VERSION_2 = [...HEAD, ...WITHOUT_CPUID, ...IDENTITY, ...WITHOUT_VECTORS, ...SIGNATURE] as const;
const VERSION_3 = [...HEAD, ...WITH_CPUID, ...IDENTITY, ...WITHOUT_VECTORS, ...SIGNATURE] as const;
const VERSION_5 = [...HEAD, ...WITH_CPUID, ...IDENTITY, ...WITH_VECTORS, ...SIGNATURE] as const;

/** The structure of each version that is known. Version 4 has been seen in the field and looks like version 3. */
export const REPORT_LAYOUTS = /* @__PURE__ */ Object.freeze({
  2: /* @__PURE__ */ defineLayout("report", REPORT_LENGTH, VERSION_2),
  3: /* @__PURE__ */ defineLayout("report", REPORT_LENGTH, VERSION_3),
  4: /* @__PURE__ */ defineLayout("report", REPORT_LENGTH, VERSION_3),
  5: /* @__PURE__ */ defineLayout("report", REPORT_LENGTH, VERSION_5),
});

/** A version of the report that is known. */
export type ReportVersion = keyof typeof REPORT_LAYOUTS;

/** The versions that are known, rising. */
export const REPORT_VERSIONS: readonly ReportVersion[] = /* @__PURE__ */ Object.freeze([2, 3, 4, 5] as const);

/** True for a version that is known. Never throws. */
export function isReportVersion(version: unknown): version is ReportVersion {
  const known: readonly unknown[] = REPORT_VERSIONS;
  return known.includes(version);
}
