import { p256, p384, p521 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { type CurveName, findCurve } from "../../src/release/curves.js";
import { bytesToNumber, numberToBytes } from "../../src/testing/numbers.js";

/** A second implementation, the length of a coordinate, and the OID. */
const ROWS = [
  ["P-256", p256, 32, "1.2.840.10045.3.1.7"],
  ["P-384", p384, 48, "1.3.132.0.34"],
  ["P-521", p521, 66, "1.3.132.0.35"],
] as const satisfies readonly (readonly [CurveName, unknown, number, string])[];

describe.each(ROWS)("%s", (name, noble, bytes, oid) => {
  const curve = findCurve(name);
  const isPoint = (point: Uint8Array) => curve?.isPoint(point);
  const uncompressed = (x: bigint, y: bigint) =>
    concatBytes(Uint8Array.of(4), numberToBytes(x, bytes), numberToBytes(y, bytes));
  const generator = noble.Point.BASE.toBytes(false);
  const [x, y] = [bytesToNumber(generator.subarray(1, 1 + bytes)), bytesToNumber(generator.subarray(1 + bytes))];
  const prime = noble.Point.Fp.ORDER;

  it("is found by its name and its OID, with its length", () => {
    expect(curve).toMatchObject({ name, bytes, oid });
    expect(findCurve(oid)).toBe(curve);
  });

  it("has the generator, its negative, and its multiples", () => {
    expect(isPoint(generator)).toBe(true);
    expect(isPoint(uncompressed(x, prime - y))).toBe(true);
    for (const factor of [2n, 3n, 5n, 1_000_003n, noble.Point.Fn.ORDER - 1n]) {
      expect(isPoint(noble.Point.BASE.multiply(factor).toBytes(false)), String(factor)).toBe(true);
    }
  });

  it.each([
    ["y one off", uncompressed(x, y + 1n)],
    ["x one off", uncompressed(x + 1n, y)],
    ["x and y exchanged", uncompressed(y, x)],
    ["zeros behind 04", uncompressed(0n, 0n)],
    ["compressed", noble.Point.BASE.toBytes(true)],
    ["hybrid: 06 in front", concatBytes(Uint8Array.of(6), generator.subarray(1))],
    ["infinity", Uint8Array.of(0)],
    ["nothing", new Uint8Array(0)],
    ["a byte short", generator.subarray(0, -1)],
    ["a byte long", concatBytes(generator, Uint8Array.of(0))],
  ])("does not have %s", (_, point) => {
    expect(isPoint(point)).toBe(false);
  });

  it("has no point with a coordinate of p or more, although it would be one modulo p", () => {
    // y = 0 modulo the prime is on no curve of odd order, so x is moved: the point with the least x that has a y.
    for (let least = 0n; ; least++) {
      const [point] = liftings(noble, least);
      if (point === undefined) continue;
      expect(isPoint(uncompressed(least, point))).toBe(true);
      const moved = least + prime;
      if (moved < 2n ** BigInt(8 * bytes)) expect(isPoint(uncompressed(least + prime, point))).toBe(false);
      return;
    }
  });
});

type Noble = (typeof ROWS)[number][1];

/** The y of an x, where there is one. */
function liftings(noble: Noble, x: bigint): readonly bigint[] {
  const { Fp } = noble.Point;
  try {
    const { a, b } = noble.Point.CURVE();
    return [Fp.sqrt(Fp.create(x ** 3n + a * x + b))];
  } catch {
    return [];
  }
}

describe("findCurve", () => {
  it.each([undefined, null, "", "p-256", "secp256k1", "Ed25519", "1.3.132.0.10", 256, {}])("has no %s", (name) => {
    expect(findCurve(name)).toBeUndefined();
  });
});
