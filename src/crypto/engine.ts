/** The digests that an engine must offer. */
export type DigestAlgorithm = "SHA-256" | "SHA-384" | "SHA-512";

/**
 * A P-384 public key: 97 bytes, 0x04 then x and y, already known to lie on the curve.
 *
 * Engines may keep an imported form in a WeakMap keyed by this object; it is never changed.
 */
export interface P384PublicKey {
  readonly kind: "p384";
  readonly point: Uint8Array;
}

/** An RSA public key; modulus and exponent big-endian without leading zeros. Kept like `P384PublicKey`. */
export interface RsaPublicKey {
  readonly kind: "rsa";
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

/**
 * The three things that verification needs from cryptography.
 *
 * An engine answers `false` for a signature that does not verify, whatever its shape, and throws only
 * when it cannot work at all. Byte arguments are not changed and not kept.
 */
export interface CryptoEngine {
  /** Shown in errors. */
  readonly name: string;
  /** The digest of `data`. */
  digest(algorithm: DigestAlgorithm, data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** ECDSA P-384 with SHA-384; `signature` is r then s, 48 bytes each, big-endian; high s is accepted. */
  verifyEcdsaP384(key: P384PublicKey, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
  /** RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt of 48 bytes. */
  verifyRsaPss(key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}

/** An engine that answers at once. */
export interface SyncCryptoEngine extends CryptoEngine {
  digest(algorithm: DigestAlgorithm, data: Uint8Array): Uint8Array;
  verifyEcdsaP384(key: P384PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
  verifyRsaPss(key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}
