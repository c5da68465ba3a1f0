import { checkPrimeSync, constants, createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { createForge, type PssHash, type PssParameters } from "../../src/testing/index.js";
import { bytesToNumber, powerModulo } from "../../src/testing/numbers.js";
import { rsaKeyOfPrimes } from "../../src/testing/rsa.js";
import { PRIME_STEPS } from "../../src/testing/rsa-prime-steps.js";
import { PRIME_COUNT, primeStart, testPrime } from "../../src/testing/rsa-primes.js";

const EXPONENT = 65537n;
const text = (words: string) => new TextEncoder().encode(words);
const INDICES = [0, 1, 2, 3];
const key = rsaKeyOfPrimes(INDICES);

describe("the pool of test primes", () => {
  const primes = Array.from({ length: PRIME_COUNT }, (_, index) => testPrime(index));

  it("holds 256 numbers of 1024 bits, all different, that suit the exponent", () => {
    expect(PRIME_COUNT).toBe(256);
    expect(new Set(primes).size).toBe(PRIME_COUNT);
    for (const [index, prime] of primes.entries()) {
      expect(prime.toString(2), `prime ${index}`).toMatch(/^111[01]{1020}1$/);
      expect((prime - 1n) % EXPONENT, `prime ${index}`).not.toBe(0n);
    }
  });

  it("holds primes: each passes Fermat's test, and every sixty-fourth node:crypto's", { timeout: 120_000 }, () => {
    for (const [index, prime] of primes.entries()) {
      expect(powerModulo(2n, prime - 1n, prime), `prime ${index}`).toBe(1n);
      if (index % 64 === 0) expect(checkPrimeSync(prime), `prime ${index}`).toBe(true);
    }
  });

  it("holds the first prime after each start that the recipe would take", () => {
    const near = PRIME_STEPS.map((step, index) => ({ step, index })).filter(({ step }) => step <= 20);
    expect(near.length).toBeGreaterThan(3);
    for (const { step, index } of near) {
      const earlier = Array.from({ length: step }, (_, count) => primeStart(index) + 2n * BigInt(count));
      expect(
        earlier.some((number) => checkPrimeSync(number)),
        `prime ${index}`,
      ).toBe(false);
    }
  });

  it.each([-1, 256, 0.5])("has no prime %s", (index) => expect(() => testPrime(index)).toThrow(TypeError));
});

describe("a forged RSA key", () => {
  it("has a modulus of exactly 4096 bits and the exponent 65537", () => {
    expect(key.modulus).toHaveLength(512);
    expect(key.modulus[0]).toBeGreaterThanOrEqual(0x80);
    expect(bytesToNumber(key.modulus)).toBe(INDICES.reduce((all, index) => all * testPrime(index), 1n));
    expect(toHex(key.exponent)).toBe("010001");
  });

  it("has an SPKI that others read", () => {
    const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
    expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 4096, publicExponent: EXPONENT });
    expect(publicKey.export({ format: "der", type: "spki" })).toEqual(Buffer.from(key.spki));
  });

  it("always has exactly 4096 bits, also of the smallest primes of the pool", () => {
    const smallest = Array.from({ length: PRIME_COUNT }, (_, index) => index)
      .sort((a, b) => (testPrime(a) < testPrime(b) ? -1 : 1))
      .slice(0, 4);
    expect(rsaKeyOfPrimes(smallest).modulus[0]).toBeGreaterThanOrEqual(0x80);
  });

  it.each([[[3, 3, 4, 5]], [[1, 2, 3]], [[1, 2, 3, 4, 5]], [[]]])("is not made of %j", (indices) => {
    expect(() => rsaKeyOfPrimes(indices)).toThrow(TypeError);
  });
});

const nodePublic = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
const verifyPss = ({ hash, saltLength }: PssParameters, message: Uint8Array, signature: Uint8Array) =>
  verify(hash, message, { key: nodePublic, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
const AMD: PssParameters = { hash: "SHA-384", saltLength: 48 };

describe("signPss", () => {
  it.each<[PssHash, number]>([
    ["SHA-384", 48],
    ["SHA-384", 32],
    ["SHA-384", 0],
    ["SHA-256", 48],
    ["SHA-256", 32],
    ["SHA-512", 64],
  ])("makes what node:crypto verifies: %s, salt %i", (hash, saltLength) => {
    const message = text("a message");
    const signature = key.signPss(message, { hash, saltLength });
    expect(signature).toHaveLength(512);
    expect(verifyPss({ hash, saltLength }, message, signature)).toBe(true);
    expect(verifyPss({ hash, saltLength }, text("another message"), signature)).toBe(false);
    expect(verifyPss({ hash, saltLength: saltLength + 1 }, message, signature)).toBe(false);
  });

  it("is AMD's way by default: SHA-384, salt 48", () => {
    expect(verifyPss(AMD, text("m"), key.signPss(text("m")))).toBe(true);
  });

  it("makes sound signatures of many messages", () => {
    for (let count = 0; count < 12; count++) {
      const message = text(`message ${count}`);
      expect(verifyPss(AMD, message, key.signPss(message))).toBe(true);
    }
  });

  it("answers the same again, from another object of the same key too, and others to others", () => {
    const first = key.signPss(text("m"));
    expect(rsaKeyOfPrimes(INDICES).signPss(text("m"))).toEqual(first);
    expect(key.signPss(text("n"))).not.toEqual(first);
    expect(rsaKeyOfPrimes([0, 1, 2, 4]).signPss(text("m"))).not.toEqual(first);
  });

  it("hands out copies: changing a signature changes no later one", () => {
    const first = key.signPss(text("copy"));
    const kept = first.slice();
    first.fill(0);
    expect(key.signPss(text("copy"))).toEqual(kept);
    key.signPss(text("copy")).fill(0);
    expect(key.signPss(text("copy"))).toEqual(kept);
  });
});

describe("signPkcs1", () => {
  it("makes what node:crypto verifies, and no PSS signature", () => {
    const message = text("a message");
    const signature = key.signPkcs1(message);
    const padding = constants.RSA_PKCS1_PADDING;
    expect(verify("SHA-384", message, { key: nodePublic, padding }, signature)).toBe(true);
    expect(verify("SHA-384", text("other"), { key: nodePublic, padding }, signature)).toBe(false);
    expect(verifyPss(AMD, message, signature)).toBe(false);
  });
});

describe("the foreign CA key", () => {
  it("is one for all forges, and none of any role", async () => {
    const forges = await Promise.all(["a", "b", "c"].map((seed) => createForge({ seed })));
    const foreign = new Set(forges.map((forge) => toHex(forge.foreignCaKey().modulus)));
    expect(foreign.size).toBe(1);
    const roles = forges.flatMap((forge) =>
      (["ARK", "ASK", "ASVK"] as const).flatMap((role) =>
        (["Milan", "Genoa", "Turin"] as const).map((line) => toHex(forge.caKey(role, line).modulus)),
      ),
    );
    expect(new Set(roles).size).toBe(27);
    expect(roles.filter((modulus) => foreign.has(modulus))).toEqual([]);
  });
});
