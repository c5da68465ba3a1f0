/** POLICY, 0x008, 64 bits: what the guest owner allowed at launch. Table to come. */
export interface GuestPolicy {
  readonly raw: bigint;
  readonly abiMinor: number;
  readonly abiMajor: number;
  readonly smt: boolean;
  /** Bit 17, must be one. */
  readonly reservedOne: boolean;
  readonly migrateMa: boolean;
  readonly debug: boolean;
  readonly singleSocket: boolean;
  readonly cxlAllow: boolean;
  readonly memAes256Xts: boolean;
  readonly raplDis: boolean;
  readonly ciphertextHidingDram: boolean;
  readonly pageSwapDisable: boolean;
  /** The bits set that this version does not know, as a mask. */
  readonly unknownBits: bigint;
}
