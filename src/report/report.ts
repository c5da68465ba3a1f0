import { byteLengthOf, copyBytes } from "../bytes/arguments.js";
import { MalformedError, UnsupportedError } from "../errors.js";
import type { AttestationReport } from "./fields.js";
import { isReportVersion, REPORT_LAYOUTS, REPORT_LENGTH, REPORT_VERSIONS } from "./layouts.js";
import { LazyReport } from "./lazy-report.js";

export type { ReservedBytes } from "../bytes/layout.js";
export type { AttestationReport, FirmwareVersion, ReportSignature } from "./fields.js";
export { REPORT_LENGTH, SIGNED_LENGTH } from "./layouts.js";

/** All fields decoded, as plain data of the caller's own. */
function plainReport(report: AttestationReport): AttestationReport {
  return Object.freeze({
    version: report.version,
    guestSvn: report.guestSvn,
    policy: report.policy,
    familyId: report.familyId,
    imageId: report.imageId,
    vmpl: report.vmpl,
    signatureAlgo: report.signatureAlgo,
    currentTcb: report.currentTcb,
    platformInfo: report.platformInfo,
    keyInfo: report.keyInfo,
    reportData: report.reportData,
    measurement: report.measurement,
    hostData: report.hostData,
    idKeyDigest: report.idKeyDigest,
    authorKeyDigest: report.authorKeyDigest,
    reportId: report.reportId,
    reportIdMa: report.reportIdMa,
    reportedTcb: report.reportedTcb,
    cpuid: report.cpuid,
    chipId: report.chipId,
    committedTcb: report.committedTcb,
    currentFirmware: report.currentFirmware,
    committedFirmware: report.committedFirmware,
    launchTcb: report.launchTcb,
    launchMitVector: report.launchMitVector,
    currentMitVector: report.currentMitVector,
    signature: report.signature,
    reserved: report.reserved,
  });
}

function copyReport(value: unknown): Uint8Array {
  const actual = byteLengthOf(value, "bytes");
  if (actual === REPORT_LENGTH) return copyBytes(value, "bytes", REPORT_LENGTH);
  throw new MalformedError(
    "ERR_MALFORMED_LENGTH",
    `report: expected exactly ${REPORT_LENGTH} bytes, found ${actual}; cut off what comes before or after it`,
    { what: "report", expected: REPORT_LENGTH, actual },
  );
}

/**
 * Unverified: the fields of an attestation report of version 2, 3, 4 or 5.
 *
 * Checks the length, the version, and the reserved bytes at 0x04C, above r and s, and behind the signature; other
 * reserved bytes are kept in `reserved`. Checks no signature, and judges no field: SIGNATURE_ALGO, VMPL, POLICY,
 * KEY_INFO and the order of the TCBs are for `verifyEvidence`.
 *
 * @param bytes - exactly 1184 bytes; copied, so changing them later changes nothing
 * @throws TypeError when `bytes` is no `Uint8Array`.
 * @throws MalformedError `ERR_MALFORMED_LENGTH`, `ERR_MALFORMED_RESERVED`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_REPORT_VERSION`.
 *
 * Source: AMD 56860, ATTESTATION_REPORT.
 */
export function parseReport(bytes: Uint8Array): AttestationReport {
  return plainReport(readReport(copyReport(bytes)));
}

/**
 * `parseReport` on 1184 bytes that are private already: they are not copied again and must not change. Everything is
 * checked at once; each field is decoded where it is asked for, since a verification needs few of them.
 */
export function readReport(copy: Uint8Array): AttestationReport {
  const version = new DataView(copy.buffer, copy.byteOffset, copy.length).getUint32(0, true);
  if (!isReportVersion(version)) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_REPORT_VERSION",
      `report: version ${version} is not known; known are ${REPORT_VERSIONS.join(", ")}`,
      { version, supported: REPORT_VERSIONS },
    );
  }
  return new LazyReport(REPORT_LAYOUTS[version].open(copy));
}
