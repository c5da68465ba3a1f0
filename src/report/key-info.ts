/** KEY_INFO, 0x048, 32 bits: which key signs. Table to come. */
export interface KeyInfo {
  readonly raw: number;
  readonly authorKeyEn: boolean;
  readonly maskChipKey: boolean;
  /** 0 VCEK, 1 VLEK, 2..6 reserved, 7 none. */
  readonly signingKey: number;
  /** Bits 31:5 that are set, as a mask. */
  readonly unknownBits: number;
}
