import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToNumber, inverseModulo, numberToBytes, powerModulo } from "../../src/testing/numbers.js";

describe("bytesToNumber and numberToBytes", () => {
  it("undo each other", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => {
        expect(numberToBytes(bytesToNumber(bytes), bytes.length)).toEqual(bytes);
      }),
    );
  });

  it.each([
    [[], 0n],
    [[0], 0n],
    [[1, 0], 256n],
    [[0, 0xff], 255n],
  ])("reads %j big-endian as %s", (bytes, value) => expect(bytesToNumber(Uint8Array.from(bytes))).toBe(value));

  it.each([
    [256n, 1],
    [-1n, 4],
    [2n ** 384n, 48],
  ])("refuses %s for %i bytes", (value, length) => expect(() => numberToBytes(value, length)).toThrow(TypeError));
});

describe("powerModulo", () => {
  it("agrees with repeated multiplication", () => {
    const small = fc.bigInt({ min: 0n, max: 2n ** 64n });
    fc.assert(
      fc.property(
        small,
        fc.bigInt({ min: 0n, max: 200n }),
        fc.bigInt({ min: 2n, max: 2n ** 64n }),
        (base, exponent, modulus) => {
          expect(powerModulo(base, exponent, modulus)).toBe(base ** exponent % modulus);
        },
      ),
    );
  });

  it.each([
    [{ base: 3n, exponent: 0n, modulus: 7n }, 1n],
    [{ base: 0n, exponent: 5n, modulus: 7n }, 0n],
    [{ base: 2n, exponent: 1024n, modulus: 1000n }, 2n ** 1024n % 1000n],
    [{ base: 5n, exponent: 31n, modulus: 97n }, 5n ** 31n % 97n],
    [{ base: 5n, exponent: 32n, modulus: 97n }, 5n ** 32n % 97n],
  ])("%o is %s", ({ base, exponent, modulus }, result) => {
    expect(powerModulo(base, exponent, modulus)).toBe(result);
  });
});

describe("inverseModulo", () => {
  it("gives what multiplies to one, or refuses", () => {
    const inverse = (value: bigint, modulus: bigint): bigint | undefined => {
      try {
        return inverseModulo(value, modulus);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return undefined;
      }
    };
    const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 80n }), fc.bigInt({ min: 2n, max: 2n ** 80n }), (value, modulus) => {
        const found = inverse(value, modulus);
        if (gcd(value, modulus) !== 1n) expect(found).toBeUndefined();
        else expect(((found ?? 0n) * value) % modulus).toBe(1n);
      }),
    );
  });

  it("lies between zero and the modulus", () => expect(inverseModulo(65537n, 101n)).toBe(42n));
});
