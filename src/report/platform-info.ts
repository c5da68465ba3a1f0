import { defineBits64 } from "../bytes/bits.js";

/** PLATFORM_INFO, 0x040, 64 bits: how the host is configured. */
export interface PlatformInfo {
  readonly raw: bigint;
  readonly smtEn: boolean;
  readonly tsmeEn: boolean;
  readonly eccEn: boolean;
  readonly raplDis: boolean;
  readonly ciphertextHidingDramEn: boolean;
  readonly aliasCheckComplete: boolean;
  readonly tioEn: boolean;
  /** The bits set that this version does not know (bit 6 among them), as a mask. */
  readonly unknownBits: bigint;
}

/**
 * The bits of PLATFORM_INFO. Genuine reports also set bit 6, whose meaning AMD has not published.
 *
 * Source: AMD 56860, ATTESTATION_REPORT, PLATFORM_INFO.
 */
export const PLATFORM_INFO_BITS = /* @__PURE__ */ defineBits64("PLATFORM_INFO", [
  { name: "smtEn", bit: 0, doc: "SMT_EN: simultaneous multithreading is on" },
  { name: "tsmeEn", bit: 1, doc: "TSME_EN: transparent memory encryption is on" },
  { name: "eccEn", bit: 2, doc: "ECC_EN: DRAM uses error correction" },
  { name: "raplDis", bit: 3, doc: "RAPL_DIS: power telemetry (RAPL) is off" },
  { name: "ciphertextHidingDramEn", bit: 4, doc: "CIPHERTEXT_HIDING_DRAM_EN: ciphertext hiding for DRAM is on" },
  {
    name: "aliasCheckComplete",
    bit: 5,
    doc: "ALIAS_CHECK_COMPLETE: firmware has looked for aliased memory since the last reset (AMD-SB-3015)",
  },
  { name: "tioEn", bit: 7, doc: "TIO_EN: trusted I/O (SEV-TIO) is on" },
]);

/** Unverified: PLATFORM_INFO by bits. Judges none of them. */
export function decodePlatformInfo(raw: bigint): PlatformInfo {
  return PLATFORM_INFO_BITS.decode(raw);
}
