import { unfitKey } from "./key-error.js";

/** Below 2048 bits RSA is no longer safe (NIST SP 800-131A); above 8192 it only costs time. */
const LEAST_BITS = 2048;
const GREATEST_BITS = 8192;
/** Larger exponents are in nobody's use, and some runtimes do not take them. */
const GREATEST_EXPONENT_BYTES = 4;
const LEAST_EXPONENT = 65_537;

/** An RSA public key for encryption; both numbers big-endian without leading zeros. */
export interface RsaRecipient {
  readonly kind: "rsa";
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
}

function isOdd(number: Uint8Array): boolean {
  return (Number(number.at(-1)) & 1) === 1;
}

function bitsOf(number: Uint8Array): number {
  return 8 * number.length - Math.clz32(Number(number[0])) + 24;
}

function isSoundExponent(exponent: Uint8Array): boolean {
  if (exponent.length > GREATEST_EXPONENT_BYTES || !isOdd(exponent)) return false;
  return exponent.reduce((value, byte) => value * 256 + byte, 0) >= LEAST_EXPONENT;
}

/**
 * An RSA key of 2048 to 8192 bits with an odd exponent of 65537 or more, 32 bits at most.
 *
 * Not checked: that the modulus has two large prime factors; whoever holds the key chose it.
 *
 * @param modulus, exponent - big-endian, not empty, without leading zeros
 * @throws ReleaseError `ERR_RELEASE_KEY`
 */
export function rsaRecipient(modulus: Uint8Array, exponent: Uint8Array, what: string): RsaRecipient {
  const bits = bitsOf(modulus);
  if (bits < LEAST_BITS || bits > GREATEST_BITS || !isOdd(modulus)) {
    throw unfitKey(what, `expected an odd RSA modulus of ${LEAST_BITS} to ${GREATEST_BITS} bits, found ${bits} bits`);
  }
  if (!isSoundExponent(exponent)) {
    throw unfitKey(what, `expected an odd RSA exponent of ${LEAST_EXPONENT} or more, at most 32 bits`);
  }
  return { kind: "rsa", modulus: modulus.slice(), exponent: exponent.slice() };
}
