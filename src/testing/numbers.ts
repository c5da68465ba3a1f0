import { fromHex, toHex } from "../bytes/codecs.js";

/** The unsigned number that big-endian bytes spell. */
export function bytesToNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}

/**
 * A number as `length` big-endian bytes.
 *
 * @throws TypeError when it is negative or does not fit.
 */
export function numberToBytes(value: bigint, length: number): Uint8Array {
  const digits = value.toString(16);
  if (value < 0n || digits.length > 2 * length) throw new TypeError(`value must fit ${length} bytes unsigned`);
  return fromHex(digits.padStart(2 * length, "0"));
}

/** `base` to the power `exponent` modulo `modulus`, five bits of the exponent at a time. */
export function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const powers = [1n];
  for (let index = 1; index < 32; index++) powers.push(((powers[index - 1] ?? 1n) * base) % modulus);
  let result = 1n;
  // Digits of base 32 are exactly five bits each, most significant first.
  for (const digit of exponent.toString(32)) {
    for (let bit = 0; bit < 5; bit++) result = (result * result) % modulus;
    result = (result * (powers[Number.parseInt(digit, 32)] ?? 1n)) % modulus;
  }
  return result;
}

/**
 * The inverse of `value` modulo `modulus`.
 *
 * @throws TypeError when there is none.
 */
export function inverseModulo(value: bigint, modulus: bigint): bigint {
  let [previous, current] = [value % modulus, modulus];
  let [coefficient, next] = [1n, 0n];
  while (current !== 0n) {
    const quotient = previous / current;
    [previous, current] = [current, previous - quotient * current];
    [coefficient, next] = [next, coefficient - quotient * next];
  }
  if (previous !== 1n) throw new TypeError("value must have no factor in common with modulus");
  return ((coefficient % modulus) + modulus) % modulus;
}
