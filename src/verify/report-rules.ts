import type { SigningKey } from "../amd/product-lines.js";
import { tcbShortfalls } from "../amd/tcb.js";
import { UnsupportedError, UntrustedError } from "../errors.js";
import type { AttestationReport, FirmwareVersion } from "../report/report.js";
import type { VerifiedEvidence } from "./types.js";

const ECDSA_P384_SHA384 = 1;
const HOST_REQUESTED = 0xffffffff;
const MAX_VMPL = 3;

/** KEY_INFO's SIGNING_KEY by value. Source: AMD 56860, ATTESTATION_REPORT. */
const SIGNING_KEYS: readonly SigningKey[] = ["VCEK", "VLEK"];

/**
 * Refuses reports that no key may vouch for, before any certificate is looked at, and answers which key signs.
 *
 * Source: AMD 56860, ATTESTATION_REPORT, guest policy, signature algorithms.
 */
export function judgeReport(report: AttestationReport): SigningKey {
  judgeAlgorithm(report);
  judgeVmpl(report.vmpl);
  const { policy, keyInfo } = report;
  if (!policy.reservedOne) {
    const raw = `0x${policy.raw.toString(16)}`;
    throw new UntrustedError(
      "ERR_UNTRUSTED_GUEST_POLICY",
      `POLICY bit 17 must be one, found policy ${raw}; firmware launches no such guest`,
      { policy: raw, bit: 17 },
    );
  }
  if (keyInfo.maskChipKey) {
    const raw = `0x${keyInfo.raw.toString(16)}`;
    throw new UntrustedError(
      "ERR_UNTRUSTED_MASKED_CHIP_KEY",
      `KEY_INFO ${raw} says that the host masked the chip key, so nothing signed this report; unset MASK_CHIP_KEY on the host`,
      { keyInfo: raw },
    );
  }
  const signingKey = SIGNING_KEYS[keyInfo.signingKey];
  if (signingKey !== undefined) return signingKey;
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_SIGNING_KEY",
    `KEY_INFO: expected signing key 0 (VCEK) or 1 (VLEK), found ${keyInfo.signingKey}; 7 means that the report is unsigned`,
    { signingKey: keyInfo.signingKey },
  );
}

function judgeAlgorithm({ signatureAlgo }: AttestationReport): void {
  if (signatureAlgo === ECDSA_P384_SHA384) return;
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_SIGNATURE_ALGO",
    `SIGNATURE_ALGO: expected ${ECDSA_P384_SHA384} (ECDSA P-384 with SHA-384), found ${signatureAlgo}`,
    { signatureAlgo, supported: ECDSA_P384_SHA384 },
  );
}

function judgeVmpl(vmpl: number): void {
  if (vmpl === HOST_REQUESTED) {
    throw new UntrustedError(
      "ERR_UNTRUSTED_HOST_REQUESTED",
      "VMPL 0xffffffff: the host asked for this report, and REPORT_DATA is the host's; ask for it inside the guest",
      { vmpl },
    );
  }
  if (vmpl > MAX_VMPL) {
    throw new UntrustedError("ERR_UNTRUSTED_VMPL", `VMPL: expected 0 to ${MAX_VMPL}, found ${vmpl}`, { vmpl });
  }
}

/**
 * Refuses reports whose REPORTED_TCB, COMMITTED_TCB or committed firmware is above what runs: no firmware says so.
 *
 * Source: AMD 56860, TCB_VERSION and SNP_COMMIT.
 */
export function judgeOrder(report: AttestationReport, tcb: VerifiedEvidence["tcb"]): void {
  for (const field of ["reported", "committed"] as const) {
    const [above] = tcb[field] === tcb.current ? [] : tcbShortfalls(tcb.current, tcb[field]);
    if (above === undefined) continue;
    const { component, actual, floor } = above;
    const name = `${field}Tcb`;
    throw new UntrustedError(
      "ERR_UNTRUSTED_TCB_ORDER",
      `${name}.${component} is ${floor}, above currentTcb's ${actual}; firmware reports and commits nothing newer than it runs`,
      { field: name, component, value: floor, current: Number(actual) },
    );
  }
  const { committedFirmware: committed, currentFirmware: current } = report;
  if (firmwareNumber(committed) > firmwareNumber(current)) {
    throw new UntrustedError(
      "ERR_UNTRUSTED_FIRMWARE_ORDER",
      `committed firmware ${firmwareText(committed)} is above the current ${firmwareText(current)}`,
      { committed: firmwareText(committed), current: firmwareText(current) },
    );
  }
}

/** One number that orders versions; each part is a byte. */
function firmwareNumber({ major, minor, build }: FirmwareVersion): number {
  return (major * 256 + minor) * 256 + build;
}

function firmwareText({ major, minor, build }: FirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}
