/** Attacks on the report, and sound reports that look odd. */
import { p384 } from "@noble/curves/nist.js";
import type { ReportOptions } from "../../src/testing/index.js";
import {
  alteredIn,
  cut,
  empty,
  flip,
  forged,
  type Group,
  judged,
  lengthen,
  omitted,
  overwrite,
  type Recipe,
  resigned,
  swapped,
  under,
} from "./recipe.js";

const little = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 48 }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
const ORDER = little(p384.Point.Fn.ORDER);
const ABOVE_ORDER = little(p384.Point.Fn.ORDER + 1n);
const ZERO = new Uint8Array(48);
const ALL_ONES = new Uint8Array(48).fill(0xff);

const altered = alteredIn("report");
const at = (offset: number, ...bytes: number[]): ReportOptions => ({
  patch: [{ offset, bytes: Uint8Array.from(bytes) }],
});
const report = (comment: string, code: Recipe["code"], options: ReportOptions): Recipe =>
  resigned(comment, code, { report: options });

const structure: readonly Recipe[] = [
  altered("one byte short", "ERR_MALFORMED_LENGTH", cut),
  altered("one byte long", "ERR_MALFORMED_LENGTH", lengthen),
  altered("empty", "ERR_MALFORMED_LENGTH", empty),
  ...[0, 1, 6, 99, 0xffffffff].map((version) =>
    report(`version ${version}`, "ERR_UNSUPPORTED_REPORT_VERSION", { version }),
  ),
  ...[0x4c, 0x4f].map((offset) =>
    report(`reserved byte 0x${offset.toString(16)} set, signed`, "ERR_MALFORMED_RESERVED", at(offset, 1)),
  ),
  ...[0x2d0, 0x2e7].map((offset) =>
    altered(`byte 0x${offset.toString(16)} above r set`, "ERR_MALFORMED_RESERVED", overwrite(offset, 1)),
  ),
  ...[0x318, 0x32f].map((offset) =>
    altered(`byte 0x${offset.toString(16)} above s set`, "ERR_MALFORMED_RESERVED", overwrite(offset, 1)),
  ),
  ...[0x330, 0x49f].map((offset) =>
    altered(`byte 0x${offset.toString(16)} behind s set`, "ERR_MALFORMED_RESERVED", overwrite(offset, 1)),
  ),
];

const rules: readonly Recipe[] = [
  ...[0, 2].map((signatureAlgo) =>
    report(`SIGNATURE_ALGO ${signatureAlgo}`, "ERR_UNSUPPORTED_SIGNATURE_ALGO", { signatureAlgo }),
  ),
  report("VMPL 3, the last there is", null, { vmpl: 3 }),
  report("VMPL 4", "ERR_UNTRUSTED_VMPL", { vmpl: 4 }),
  report("VMPL 0xfffffffe", "ERR_UNTRUSTED_VMPL", { vmpl: 0xfffffffe }),
  report("requested by the host", "ERR_UNTRUSTED_HOST_REQUESTED", { vmpl: 0xffffffff }),
  report("POLICY without bit 17", "ERR_UNTRUSTED_GUEST_POLICY", { policy: 0x10000n }),
  report("POLICY with an unknown bit: for the policy to judge", null, { policy: 0x4030000n }),
  report("POLICY with DEBUG: for the policy to judge", null, { policy: 0xb0000n }),
  report("PLATFORM_INFO with bit 6, as genuine Turin reports", null, { platformInfo: 0x65n }),
  report("chip key masked, signed nevertheless", "ERR_UNTRUSTED_MASKED_CHIP_KEY", { keyInfo: 2 }),
  report("chip key masked, not signed", "ERR_UNTRUSTED_MASKED_CHIP_KEY", { keyInfo: 2, signature: "none" }),
  report("signing key reserved", "ERR_UNSUPPORTED_SIGNING_KEY", { keyInfo: 2 << 2 }),
  report("signing key NONE", "ERR_UNSUPPORTED_SIGNING_KEY", { keyInfo: 7 << 2, signature: "none" }),
  report("a VCEK's report that says VLEK", "ERR_UNTRUSTED_SIGNING_KEY", { keyInfo: 1 << 2 }),
  report("KEY_INFO with a reserved bit: kept and reported", null, { keyInfo: 1 << 5 }),
  report("reserved bytes of the signed range set: kept and reported", null, at(0x18b, 1, 2, 3)),
];

const product: readonly Recipe[] = [
  report("CPUID of Genoa under Milan", "ERR_UNTRUSTED_PRODUCT_LINE", { cpuidModId: 0x11 }),
  report("CPUID of Turin under Milan", "ERR_UNTRUSTED_PRODUCT_LINE", { cpuidFamId: 0x1a, cpuidModId: 0x02 }),
  report("CPUID of Venice", "ERR_UNSUPPORTED_PRODUCT", { cpuidFamId: 0x1a, cpuidModId: 0x50 }),
  report("CPUID of a family without SEV-SNP", "ERR_UNSUPPORTED_PRODUCT", { cpuidFamId: 0x17, cpuidModId: 0x31 }),
  report("the last model of Milan", null, { cpuidModId: 0x0f }),
  report("one model after Genoa", "ERR_UNSUPPORTED_PRODUCT", { cpuidModId: 0x20 }),
  report("version 2: no CPUID, the certificates say the line", null, { version: 2 }),
  report("version 4, read as 3", null, { version: 4 }),
  report("version 5", null, { version: 5 }),
  judged("the caller expects another line", "ERR_UNTRUSTED_PRODUCT_LINE", { options: { productLine: "Genoa" } }),
  judged("the caller expects this line", null, { options: { productLine: "Milan" } }),
];

const tcb: readonly Recipe[] = [
  ...(["bootLoader", "tee", "snp", "microcode", "spl4"] as const).map((component) =>
    resigned(`REPORTED_TCB above CURRENT_TCB: ${component}`, "ERR_UNTRUSTED_TCB_ORDER", ({ made }) => ({
      report: { reportedTcb: { [component]: (made.chip.tcb[component] ?? 0) + 1 } },
    })),
  ),
  report("COMMITTED_TCB above CURRENT_TCB: microcode", "ERR_UNTRUSTED_TCB_ORDER", { committedTcb: { microcode: 220 } }),
  report("COMMITTED_TCB above in snp, below in microcode", "ERR_UNTRUSTED_TCB_ORDER", {
    committedTcb: { snp: 25, microcode: 0 },
  }),
  report("CURRENT_TCB above REPORTED_TCB", null, { currentTcb: { microcode: 255 } }),
  report("LAUNCH_TCB above CURRENT_TCB: for the policy to judge", null, { launchTcb: { microcode: 255 } }),
  report("committed firmware above current: build", "ERR_UNTRUSTED_FIRMWARE_ORDER", { committedBuild: 30 }),
  report("committed firmware above current: minor, build below", "ERR_UNTRUSTED_FIRMWARE_ORDER", {
    committedMinor: 56,
    committedBuild: 0,
  }),
  report("committed firmware above current: major", "ERR_UNTRUSTED_FIRMWARE_ORDER", { committedMajor: 2 }),
  report("current firmware above committed", null, { currentMinor: 56, currentBuild: 0 }),
  report("REPORTED_TCB below the certificate's: microcode", "ERR_UNTRUSTED_TCB_MISMATCH", {
    reportedTcb: { microcode: 218 },
  }),
  report("REPORTED_TCB below the certificate's: bootLoader", "ERR_UNTRUSTED_TCB_MISMATCH", {
    reportedTcb: { bootLoader: 3 },
  }),
];

const chip: readonly Recipe[] = [
  resigned("CHIP_ID of another chip", "ERR_UNTRUSTED_CHIP_ID", ({ forge }) => ({
    report: { chipId: forge.chip({ chip: "another" }).hwId },
  })),
  resigned("CHIP_ID that differs in its last byte", "ERR_UNTRUSTED_CHIP_ID", ({ made }) => ({
    report: { chipId: flip(63)(made.chip.hwId) },
  })),
  report("CHIP_ID masked", "ERR_UNTRUSTED_MASKED_CHIP_ID", { chipId: new Uint8Array(64) }),
  under(
    { options: { allowMaskedChipId: true } },
    report("CHIP_ID masked, allowed by the caller", null, { chipId: new Uint8Array(64) }),
  ),
  under(
    { options: { allowMaskedChipId: true } },
    report("another CHIP_ID where masking is allowed", "ERR_UNTRUSTED_CHIP_ID", { chipId: new Uint8Array(64).fill(1) }),
  ),
];

const signature: readonly Recipe[] = [
  ...[
    ["MEASUREMENT", 0x90],
    ["REPORT_DATA", 0x8f],
    ["GUEST_SVN", 0x04],
    ["HOST_DATA", 0xc0],
    ["REPORT_ID", 0x140],
    ["a reserved byte that is kept", 0x29f],
  ].map(([name, offset]) => altered(`${name} altered`, "ERR_UNTRUSTED_REPORT_SIGNATURE", flip(Number(offset)))),
  altered("r altered", "ERR_UNTRUSTED_REPORT_SIGNATURE", flip(0x2a0)),
  altered("s altered", "ERR_UNTRUSTED_REPORT_SIGNATURE", flip(0x2e8)),
  altered("r and s exchanged", "ERR_UNTRUSTED_REPORT_SIGNATURE", (bytes) => {
    const r = bytes.slice(0x2a0, 0x2d0);
    bytes.copyWithin(0x2a0, 0x2e8, 0x318);
    bytes.set(r, 0x2e8);
    return bytes;
  }),
  altered("r big-endian", "ERR_UNTRUSTED_REPORT_SIGNATURE", (bytes) => {
    bytes.subarray(0x2a0, 0x2d0).reverse();
    return bytes;
  }),
  report("not signed: r and s zero", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signature: "none" }),
  report("r zero", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signatureR: ZERO }),
  report("s zero", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signatureS: ZERO }),
  report("r is the order of the curve", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signatureR: ORDER }),
  report("s is the order of the curve", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signatureS: ORDER }),
  report("s above the order of the curve", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signatureS: ABOVE_ORDER }),
  report("r and s all ones", "ERR_UNTRUSTED_REPORT_SIGNATURE", { signatureR: ALL_ONES, signatureS: ALL_ONES }),
  report("the twin: s replaced by n - s; a report's hash is no replay key", null, { signature: "twin" }),
  forged("signed by a foreign key", "ERR_UNTRUSTED_REPORT_SIGNATURE", ({ forge }) => ({
    report: { signWith: forge.foreignLeafKey() },
  })),
  forged("signed by another chip of the line", "ERR_UNTRUSTED_REPORT_SIGNATURE", ({ forge }) => ({
    report: { signWith: forge.chip({ chip: "another" }).key },
  })),
];

const turin: readonly Recipe[] = [
  ...(["fmc", "bootLoader", "tee", "snp", "microcode"] as const).map((component) =>
    resigned(`REPORTED_TCB below the certificate's: ${component}`, "ERR_UNTRUSTED_TCB_MISMATCH", ({ made }) => ({
      report: { reportedTcb: { [component]: (made.chip.tcb[component] ?? 0) - 1 } },
    })),
  ),
  report("REPORTED_TCB above CURRENT_TCB: fmc", "ERR_UNTRUSTED_TCB_ORDER", { reportedTcb: { fmc: 2 } }),
  resigned("CHIP_ID with a byte after the 8 of the id", "ERR_UNTRUSTED_CHIP_ID", ({ made }) => ({
    report: { chipId: Uint8Array.from({ length: 64 }, (_, index) => made.chip.hwId[index] ?? Number(index === 63)) },
  })),
  report("CPUID of Turin Dense", null, { cpuidModId: 0x11 }),
  report("CPUID of Milan under Turin", "ERR_UNTRUSTED_PRODUCT_LINE", { cpuidFamId: 0x19, cpuidModId: 0x01 }),
];

const genoa: readonly Recipe[] = [
  report("CPUID of Bergamo or Siena", null, { cpuidModId: 0xa0, cpuidStep: 2 }),
  report("the last model of Bergamo or Siena", null, { cpuidModId: 0xaf }),
  swapped("the report of Milan", "ERR_UNTRUSTED_PRODUCT_LINE", { part: "report", from: "milan-vcek" }),
];

const vlek: readonly Recipe[] = [
  report("a VLEK's report that says VCEK", "ERR_UNTRUSTED_SIGNING_KEY", { keyInfo: 0 }),
  resigned("CHIP_ID not masked under a VLEK", null, ({ made }) => ({ report: { chipId: made.chip.hwId } })),
  omitted("version 2 without certificates: nobody says the line", "ERR_COLLATERAL_MISSING", [
    "leaf",
    "intermediate",
    "root",
  ]),
  swapped("the report of a VCEK", "ERR_UNTRUSTED_SIGNING_KEY", { part: "report", from: "milan-vcek" }),
];

export const REPORT_GROUPS: readonly Group[] = [
  { base: "milan-vcek", recipes: [...structure, ...rules, ...product, ...tcb, ...chip, ...signature] },
  { base: "turin-vcek", recipes: turin },
  { base: "genoa-vcek", recipes: genoa },
  { base: "milan-vlek", recipes: vlek },
];
