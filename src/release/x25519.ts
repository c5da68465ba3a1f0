import { toHex } from "../bytes/codecs.js";

/** Bytes of a public key. */
export const X25519_BYTES = 32;

const PRIME = 2n ** 255n - 19n;
/** The curve's coefficient A. Source: RFC 7748, section 4.1. */
const A = 486662n;
/** 8 times a point is the neutral element exactly when its order divides the cofactors of the curve and its twist. */
const DOUBLINGS = 3;

/** The u-coordinate: little-endian, the top bit ignored. Source: RFC 7748, section 5. */
function coordinateOf(key: Uint8Array): bigint {
  return BigInt(`0x${toHex(key.slice().reverse())}`) % 2n ** 255n;
}

/**
 * True for a public key of small order, with which every private key agrees on zero: nothing sealed to it is secret.
 * Spellings above the prime count as well. `key` has 32 bytes.
 *
 * Checked here and not left to WebCrypto, whose older versions agreed on zero. Source: RFC 7748, section 6.1.
 */
export function isSmallOrder(key: Uint8Array): boolean {
  let x = coordinateOf(key) % PRIME;
  let z = 1n;
  for (let step = 0; step < DOUBLINGS; step++) {
    const [xx, xz, zz] = [x * x, x * z, z * z];
    x = (xx - zz) ** 2n % PRIME;
    z = (4n * xz * (xx + A * xz + zz)) % PRIME;
  }
  return z === 0n;
}
