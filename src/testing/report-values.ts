import type { ProductLine } from "../amd/product-lines.js";
import { encodeTcb } from "../amd/tcb.js";
import type { REPORT_LAYOUTS } from "../report/layouts.js";
import type { Chip } from "./chip.js";
import { DEFAULT_CPUID } from "./chip.js";

/** Every field of every version, by AMD's name in camelCase, as the parser reads it. */
export type ReportValues = ReturnType<(typeof REPORT_LAYOUTS)[5]["parse"]>["values"];

/** Firmware 1.55 with a build that each line has had. */
const BUILDS: Readonly<Record<ProductLine, number>> = { Milan: 29, Genoa: 40, Turin: 65 };

/** SMT allowed, and bit 17, which must be one. */
const POLICY = 0x30000n;
/** SMT and ECC on, the aliasing check done. */
const PLATFORM_INFO = 0x25n;
/** KEY_INFO with SIGNING_KEY VLEK. */
const SIGNED_BY_VLEK = 4;
const MITIGATIONS = 0xbn;

/** CHIP_ID is 64 bytes with the id first; under a VLEK the host usually masks it. */
function chipIdOf(chip: Chip): Uint8Array {
  const bytes = new Uint8Array(64);
  if (chip.signingKey === "VCEK") bytes.set(chip.hwId);
  return bytes;
}

/** What the guest's owner and firmware bring: no ID block, no migration agent. */
function guestValues(chip: Chip) {
  return {
    guestSvn: 0,
    policy: POLICY,
    familyId: new Uint8Array(16),
    imageId: new Uint8Array(16),
    vmpl: 0,
    reportData: new Uint8Array(64),
    measurement: chip.derive("measurement", 48),
    hostData: new Uint8Array(32),
    idKeyDigest: new Uint8Array(48),
    authorKeyDigest: new Uint8Array(48),
    reportId: chip.derive("report id", 32),
    reportIdMa: new Uint8Array(32).fill(0xff),
  };
}

/** What processor and firmware say. */
function platformValues(chip: Chip) {
  const cpuid = DEFAULT_CPUID[chip.productLine];
  const build = BUILDS[chip.productLine];
  const tcb = encodeTcb(chip.productLine, chip.tcb);
  return {
    signatureAlgo: 1,
    currentTcb: tcb,
    platformInfo: PLATFORM_INFO,
    keyInfo: chip.signingKey === "VLEK" ? SIGNED_BY_VLEK : 0,
    reportedTcb: tcb,
    cpuidFamId: cpuid.family,
    cpuidModId: cpuid.model,
    cpuidStep: cpuid.stepping,
    chipId: chipIdOf(chip),
    committedTcb: tcb,
    currentBuild: build,
    currentMinor: 55,
    currentMajor: 1,
    committedBuild: build,
    committedMinor: 55,
    committedMajor: 1,
    launchTcb: tcb,
    launchMitVector: MITIGATIONS,
    currentMitVector: MITIGATIONS,
  };
}

/** Values that verify: all TCBs the chip's, nothing reserved set, no signature yet. */
export function usualValues(chip: Chip, version: number): ReportValues {
  const signature = { signatureR: new Uint8Array(48), signatureS: new Uint8Array(48) };
  return { version, ...guestValues(chip), ...platformValues(chip), ...signature };
}
