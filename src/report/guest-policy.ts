import { defineBits64 } from "../bytes/bits.js";

/** POLICY, 0x008, 64 bits: what the guest owner allowed at launch. */
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

/**
 * The bits of POLICY. Some permit (safer when clear), some require (safer when set); the text says which.
 *
 * Source: AMD 56860, guest policy.
 */
export const GUEST_POLICY_BITS = /* @__PURE__ */ defineBits64("POLICY", [
  { name: "abiMinor", low: 0, high: 7, doc: "ABI_MINOR: the least firmware ABI minor that may run the guest" },
  { name: "abiMajor", low: 8, high: 15, doc: "ABI_MAJOR: the least firmware ABI major that may run the guest" },
  { name: "smt", bit: 16, doc: "SMT: permits simultaneous multithreading on the host" },
  { name: "reservedOne", bit: 17, doc: "RSVD_ONE: reserved, must be one" },
  { name: "migrateMa", bit: 18, doc: "MIGRATE_MA: permits a migration agent" },
  { name: "debug", bit: 19, doc: "DEBUG: permits the host to read and write guest memory in clear" },
  { name: "singleSocket", bit: 20, doc: "SINGLE_SOCKET: requires that the guest stays on one socket" },
  { name: "cxlAllow", bit: 21, doc: "CXL_ALLOW: permits memory and devices on CXL" },
  { name: "memAes256Xts", bit: 22, doc: "MEM_AES_256_XTS: requires memory encryption by AES-256-XTS" },
  { name: "raplDis", bit: 23, doc: "RAPL_DIS: requires that power telemetry (RAPL) is off" },
  { name: "ciphertextHidingDram", bit: 24, doc: "CIPHERTEXT_HIDING_DRAM: requires ciphertext hiding for DRAM" },
  { name: "pageSwapDisable", bit: 25, doc: "PAGE_SWAP_DISABLE: requires that the host cannot swap guest pages" },
]);

/** Unverified: POLICY by bits. Judges none of them, bit 17 and unknown bits included. */
export function decodeGuestPolicy(raw: bigint): GuestPolicy {
  return GUEST_POLICY_BITS.decode(raw);
}
