import { describe, expect, it } from "vitest";
import { rsaRecipient } from "../../src/release/rsa.js";
import { numberToBytes } from "../../src/testing/numbers.js";

const F4 = Uint8Array.of(1, 0, 1);

/** The least and the greatest odd number of so many bits, big-endian without leading zeros. */
function odd(bits: number): readonly [least: Uint8Array, greatest: Uint8Array] {
  const bytes = Math.ceil(bits / 8);
  return [numberToBytes(2n ** BigInt(bits - 1) + 1n, bytes), numberToBytes(2n ** BigInt(bits) - 1n, bytes)];
}

function exponent(value: number): Uint8Array {
  return numberToBytes(BigInt(value), Math.ceil(value.toString(2).length / 8));
}

describe("a modulus", () => {
  it.each([2048, 2049, 2056, 3072, 4096, 8191, 8192])("of %i bits is taken", (bits) => {
    for (const modulus of odd(bits)) {
      expect(rsaRecipient(modulus, F4, "key")).toEqual({ kind: "rsa", modulus, exponent: F4 });
    }
  });

  it.each([2, 512, 1024, 2040, 2047, 8193, 16_384])("of %i bits is refused, by its length", (bits) => {
    for (const modulus of odd(bits)) {
      expect(() => rsaRecipient(modulus, F4, "key")).toFailWith("ERR_RELEASE_KEY", { what: "key" });
      expect(() => rsaRecipient(modulus, F4, "key")).toThrow(`found ${bits} bits`);
    }
  });

  it("that is even is refused", () => {
    const modulus = numberToBytes(2n ** 2047n + 2n, 256);
    expect(() => rsaRecipient(modulus, F4, "key")).toFailWith("ERR_RELEASE_KEY");
  });
});

describe("an exponent", () => {
  const [modulus] = odd(2048);
  it.each([65_537, 65_539, 2 ** 24 + 1, 2 ** 32 - 1])("of %i is taken", (value) => {
    expect(rsaRecipient(modulus, exponent(value), "key").exponent).toEqual(exponent(value));
  });

  it.each([1, 2, 3, 17, 257, 65_535, 65_536, 65_538, 2 ** 32 - 2, 2 ** 32 + 1, 2 ** 40 + 1])(
    "of %i is refused",
    (value) => {
      expect(() => rsaRecipient(modulus, exponent(value), "key")).toFailWith("ERR_RELEASE_KEY", { what: "key" });
    },
  );
});

it("the numbers are copied", () => {
  const [modulus] = odd(2048);
  const given = modulus.slice();
  const key = rsaRecipient(given, F4, "key");
  given.fill(0);
  expect(key.modulus).toEqual(modulus);
});
