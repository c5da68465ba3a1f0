import { p384 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { isP384Scalar, P384_BYTES, P384_POINT_BYTES, p384PublicKey } from "../../src/crypto/p384.js";
import { bytesToNumber, numberToBytes } from "../../src/testing/numbers.js";
import { p384KeyOf } from "../../src/testing/p384.js";
import { hex } from "../support/hex.js";

const P = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const ORDER = p384.Point.Fn.ORDER;

const coordinate = (value: bigint) => numberToBytes(value, P384_BYTES);
const uncompressed = (x: bigint, y: bigint) => concatBytes(hex("04"), coordinate(x), coordinate(y));

const generator = p384.Point.BASE.toBytes(false);
const [gx, gy] = [bytesToNumber(generator.subarray(1, 49)), bytesToNumber(generator.subarray(49))];

/** The point with x = 0, and one with y = 1: the only sizes at which a coordinate plus p still fits 48 bytes. */
const Y_OF_X_0 = 0xc306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793406d80d2b91ad54f9048bd487af1ade1n;
const X_OF_Y_1 = 0x2261b2bf605c22f2f3aef6338719b2c486388ad5240719a5257315969ef01ba27f0a104c89704773a81fdabee6ab5c78n;

describe("p384PublicKey", () => {
  it.each([
    ["the generator", generator],
    ["its negative", uncompressed(gx, P - gy)],
    ["x = 0", uncompressed(0n, Y_OF_X_0)],
    ["y = 1", uncompressed(X_OF_Y_1, 1n)],
    ["y = p - 1", uncompressed(X_OF_Y_1, P - 1n)],
  ])("takes %s", (_, point) => {
    expect(p384PublicKey(point)).toEqual({ kind: "p384", point });
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["the point at infinity as SEC 1 writes it", hex("00")],
    ["the point at infinity as zeros", new Uint8Array(97)],
    ["x = y = 0 behind 04", uncompressed(0n, 0n)],
    ["compressed, even", p384.Point.BASE.toBytes(true)],
    ["compressed, odd", p384.Point.BASE.negate().toBytes(true)],
    ["hybrid, 06", concatBytes(hex("06"), generator.subarray(1))],
    ["hybrid, 07", concatBytes(hex("07"), generator.subarray(1))],
    ["another first byte", concatBytes(hex("05"), generator.subarray(1))],
    ["without its first byte", generator.subarray(1)],
    ["one byte short", generator.subarray(0, 96)],
    ["one byte long", concatBytes(generator, hex("00"))],
    ["compressed, padded to full length", concatBytes(p384.Point.BASE.toBytes(true), new Uint8Array(48))],
    ["coordinates swapped", uncompressed(gy, gx)],
    ["y one more", uncompressed(gx, gy + 1n)],
    ["x one more", uncompressed(gx + 1n, gy)],
    ["x = p, which is zero once reduced", uncompressed(P, Y_OF_X_0)],
    ["y = p + 1, which is one once reduced", uncompressed(X_OF_Y_1, P + 1n)],
    ["the greatest of everything", uncompressed(2n ** 384n - 1n, 2n ** 384n - 1n)],
    // On y² = x³ - 3x + b' for another b': an invalid-curve attack chooses such points.
    ["a point of another curve", uncompressed(gx, gy - 1n)],
  ])("refuses %s", (_, point) => {
    expect(p384PublicKey(point)).toBeNull();
  });

  it("refuses a point of P-256 and P-521", () => {
    expect(p384PublicKey(concatBytes(hex("04"), new Uint8Array(64).fill(1)))).toBeNull();
    expect(p384PublicKey(concatBytes(hex("04"), new Uint8Array(132).fill(1)))).toBeNull();
  });

  it("refuses every single flipped bit", () => {
    for (let bit = 0; bit < P384_POINT_BYTES * 8; bit++) {
      const point = generator.slice();
      point[bit >> 3] = Number(point[bit >> 3]) ^ (1 << (bit & 7));
      expect(p384PublicKey(point), `bit ${bit}`).toBeNull();
    }
  });

  it("takes the public key of any secret key", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (seed) => {
        const { point } = p384KeyOf(seed);
        expect(p384PublicKey(point)?.point).toEqual(point);
      }),
      { numRuns: 20 },
    );
  });

  it("keeps a copy of its own", () => {
    const point = generator.slice();
    const key = p384PublicKey(point);
    point[1] = Number(point[1]) ^ 1;
    expect(key?.point).toEqual(generator);
    expect(Object.isFrozen(key)).toBe(true);
  });

  it("reads a view of a larger buffer", () => {
    const large = concatBytes(hex("ffff"), generator, hex("ff"));
    expect(p384PublicKey(large.subarray(2, 99))?.point).toEqual(generator);
    expect(p384PublicKey(large.subarray(2, 100))).toBeNull();
  });
});

describe("isP384Scalar", () => {
  it.each([
    [1n, true],
    [ORDER - 1n, true],
    [ORDER / 2n, true],
    [ORDER / 2n + 1n, true],
    [2n ** 383n, true],
    [0n, false],
    [ORDER, false],
    [ORDER + 1n, false],
    [P, false],
    [2n ** 384n - 1n, false],
  ])("%s: %s", (value, expected) => {
    expect(isP384Scalar(coordinate(value))).toBe(expected);
  });
});
