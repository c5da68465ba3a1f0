/** PLATFORM_INFO, 0x040, 64 bits: how the host is configured. Table to come. */
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
