import { defineBits32 } from "../bytes/bits.js";

/** KEY_INFO, 0x048, 32 bits: which key signs. */
export interface KeyInfo {
  readonly raw: number;
  readonly authorKeyEn: boolean;
  readonly maskChipKey: boolean;
  /** 0 VCEK, 1 VLEK, 2..6 reserved, 7 none. */
  readonly signingKey: number;
  /** Bits 31:5 that are set, as a mask. */
  readonly unknownBits: number;
}

/**
 * The bits of KEY_INFO.
 *
 * Source: AMD 56860, ATTESTATION_REPORT, AUTHOR_KEY_EN, MASK_CHIP_KEY, SIGNING_KEY.
 */
export const KEY_INFO_BITS = /* @__PURE__ */ defineBits32("KEY_INFO", [
  { name: "authorKeyEn", bit: 0, doc: "AUTHOR_KEY_EN: AUTHOR_KEY_DIGEST holds the digest of an author key" },
  { name: "maskChipKey", bit: 1, doc: "MASK_CHIP_KEY: firmware does not sign with the chip's key" },
  { name: "signingKey", low: 2, high: 4, doc: "SIGNING_KEY: 0 VCEK, 1 VLEK, 7 none" },
]);

/** Unverified: KEY_INFO by bits. Judges none of them. */
export function decodeKeyInfo(raw: number): KeyInfo {
  return KEY_INFO_BITS.decode(raw);
}
