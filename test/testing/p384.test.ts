import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { p384PublicKey } from "../../src/crypto/p384.js";
import { type ForgedP384Key, p384Spki, twinSignature } from "../../src/testing/index.js";
import { bytesToNumber } from "../../src/testing/numbers.js";
import { p384KeyOf } from "../../src/testing/p384.js";

const key = p384KeyOf(new Uint8Array(64).fill(7));
const message = new TextEncoder().encode("a message");
const HALF_ORDER =
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n >> 1n;

function holds(signer: ForgedP384Key, signed: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(signer.spki), format: "der", type: "spki" });
  return verify("SHA-384", signed, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
}

describe("a forged P-384 key", () => {
  it("is a point on the curve, 0x04 first", () => {
    expect(key.point).toHaveLength(97);
    expect(p384PublicKey(key.point)).not.toBeNull();
    expect(key.secretKey).toHaveLength(48);
  });

  it("has an SPKI that others read and write alike", () => {
    const publicKey = createPublicKey({ key: Buffer.from(key.spki), format: "der", type: "spki" });
    expect(publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "secp384r1" });
    expect(publicKey.export({ format: "der", type: "spki" })).toEqual(Buffer.from(key.spki));
    expect(p384Spki(key.point)).toEqual(key.spki);
  });

  it.each([0x00, 0xff])("is a scalar in 1..n-1 also from bytes of 0x%s", (byte) => {
    const extreme = p384KeyOf(new Uint8Array(64).fill(byte));
    expect(bytesToNumber(extreme.secretKey)).toBeGreaterThan(0n);
    expect(bytesToNumber(extreme.secretKey)).toBeLessThan(2n * HALF_ORDER + 1n);
    expect(holds(extreme, message, extreme.sign(message))).toBe(true);
  });

  it("signs what node:crypto verifies, the same each time", () => {
    const signature = key.sign(message);
    expect(signature).toHaveLength(96);
    expect(holds(key, message, signature)).toBe(true);
    expect(holds(key, new TextEncoder().encode("another"), signature)).toBe(false);
    expect(key.sign(message)).toEqual(signature);
    expect(p384KeyOf(new Uint8Array(64).fill(7)).sign(message)).toEqual(signature);
  });

  it("makes signatures with s above and below half of the order, as chips do", () => {
    const high = Array.from({ length: 24 }, (_, count) => key.sign(Uint8Array.of(count))).map(
      (signature) => bytesToNumber(signature.subarray(48)) > HALF_ORDER,
    );
    expect(high).toContain(true);
    expect(high).toContain(false);
  });
});

describe("twinSignature", () => {
  it("verifies too, differs in s alone, and undoes itself", () => {
    const signature = key.sign(message);
    const twin = twinSignature(signature);
    expect(twin).not.toEqual(signature);
    expect(twin.subarray(0, 48)).toEqual(signature.subarray(0, 48));
    expect(holds(key, message, twin)).toBe(true);
    expect(twinSignature(twin)).toEqual(signature);
    expect(signature).toEqual(key.sign(message));
  });
});
