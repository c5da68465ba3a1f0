import { byteLengthOf, copyBytes } from "../bytes/arguments.js";
import { webCryptoDigest } from "../crypto/webcrypto-digest.js";

/** Bytes 0x000 to 0x29F: all that the firmware signs. Source: AMD 56860, ATTESTATION_REPORT. */
const SIGNED_BYTES = 0x2a0;
const REPORT_BYTES = 0x4a0;

/** SHA-384 over the bytes of a report that its signature covers. */
export function reportDigestOf(report: Uint8Array): Promise<Uint8Array> {
  return webCryptoDigest("SHA-384", report.subarray(0, SIGNED_BYTES));
}

/**
 * A private copy of a caller's report; nothing but its length is looked at.
 *
 * @throws TypeError for anything but 1184 bytes.
 */
export function copyReport(report: unknown, name: string): Uint8Array {
  const length = byteLengthOf(report, name);
  if (length === REPORT_BYTES) return copyBytes(report, name);
  throw new TypeError(`${name} must have ${REPORT_BYTES} bytes, found ${length}`);
}
