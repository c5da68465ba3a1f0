import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "../bytes/codecs.js";
import { bytesToNumber } from "./numbers.js";
import { PRIME_STEPS } from "./rsa-prime-steps.js";

/** The label that every test prime is made from; public, as is everything about these primes. */
const LABEL = "attestry public test prime, worthless for trust";

/** The two SHA-512 blocks that make 1024 bits. */
const BLOCKS = [0, 1];

/** How many primes there are; any four of them make another RSA-4096 key. */
export const PRIME_COUNT: number = PRIME_STEPS.length;

/**
 * The odd 1024-bit number from which prime `index` is searched upwards: SHA-512 of a public label,
 * with the three top bits set, so that the product of four such numbers has exactly 4096 bits.
 */
export function primeStart(index: number): bigint {
  const text = new TextEncoder();
  const bytes = concatBytes(...BLOCKS.map((block) => sha512(text.encode(`${LABEL} ${index}.${block}`))));
  return bytesToNumber(bytes) | (7n << 1021n) | 1n;
}

/**
 * Prime `index` of the pool: `primeStart(index)` plus twice the step that the recipe found.
 *
 * These primes are public. A key made of them proves nothing to anyone; it only lets a test sign.
 */
export function testPrime(index: number): bigint {
  const step = PRIME_STEPS[index];
  if (step === undefined) throw new TypeError(`index must be in 0..${PRIME_COUNT - 1}, not ${index}`);
  return primeStart(index) + 2n * BigInt(step);
}
