import type { Cpuid } from "../amd/product-lines.js";
import type { ReservedBytes } from "../bytes/layout.js";
import type { GuestPolicy } from "./guest-policy.js";
import type { KeyInfo } from "./key-info.js";
import type { PlatformInfo } from "./platform-info.js";

/** A firmware version; compared as (major, minor, build). */
export interface FirmwareVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
}

/** The ECDSA P-384 signature over the first 0x2A0 bytes. */
export interface ReportSignature {
  /** 48 bytes, big-endian. */
  readonly r: Uint8Array;
  /** 48 bytes, big-endian. */
  readonly s: Uint8Array;
}

/**
 * Unverified: the fields of an attestation report, named as AMD names them. Byte strings are in the report's order.
 *
 * Fields that the version does not have are null. TCBs are the 8 bytes as found: their layout depends on the
 * product line (`decodeTcb`).
 */
export interface AttestationReport {
  readonly version: number;
  readonly guestSvn: number;
  readonly policy: GuestPolicy;
  readonly familyId: Uint8Array;
  readonly imageId: Uint8Array;
  readonly vmpl: number;
  readonly signatureAlgo: number;
  readonly currentTcb: Uint8Array;
  readonly platformInfo: PlatformInfo;
  readonly keyInfo: KeyInfo;
  readonly reportData: Uint8Array;
  readonly measurement: Uint8Array;
  readonly hostData: Uint8Array;
  readonly idKeyDigest: Uint8Array;
  readonly authorKeyDigest: Uint8Array;
  readonly reportId: Uint8Array;
  readonly reportIdMa: Uint8Array;
  readonly reportedTcb: Uint8Array;
  /** From version 3. */
  readonly cpuid: Cpuid | null;
  readonly chipId: Uint8Array;
  readonly committedTcb: Uint8Array;
  readonly currentFirmware: FirmwareVersion;
  readonly committedFirmware: FirmwareVersion;
  readonly launchTcb: Uint8Array;
  /** From version 5. */
  readonly launchMitVector: bigint | null;
  /** From version 5. */
  readonly currentMitVector: bigint | null;
  /** r and s, 48 bytes each, big-endian. */
  readonly signature: ReportSignature;
  /** Reserved ranges of the signed bytes that are not zero. */
  readonly reserved: readonly ReservedBytes[];
}
