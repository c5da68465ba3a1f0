import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { p384 } from "@noble/curves/nist.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, fromHex } from "../../src/bytes/codecs.js";
import { p384PublicKey } from "../../src/crypto/p384.js";
import { toBigInt, verifyByPoint, verifyEcdsa } from "../../src/noble/ecdsa.js";

const { Point } = p384;
const { Fn } = Point;
const N = Fn.ORDER;

function bytesOf(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(96, "0"));
}

function pair() {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const { x = "", y = "", d = "" } = privateKey.export({ format: "jwk" });
  const [px, py, secret] = [x, y, d].map((text) => Uint8Array.from(Buffer.from(text, "base64url")));
  if (px === undefined || py === undefined || secret === undefined) throw new Error("no key");
  const key = p384PublicKey(concatBytes(Uint8Array.of(4), px, py));
  if (key === null) throw new Error("no point");
  return {
    publicKey,
    privateKey,
    key,
    secret: toBigInt(secret),
    point: Point.fromBytes(key.point).precompute(6, false),
  };
}

function signed(message: Uint8Array, key: KeyObject): Uint8Array {
  return Uint8Array.from(sign("sha384", message, { key, dsaEncoding: "ieee-p1363" }));
}

const one = pair();
const message = Uint8Array.of(1, 2, 3);
const good = signed(message, one.privateKey);
const [r, s] = [toBigInt(good.subarray(0, 48)), toBigInt(good.subarray(48))];
const signature = (first: bigint, second: bigint) => concatBytes(bytesOf(first), bytesOf(second));

/** The three ways to verify: by the engine, with a table, and by OpenSSL. */
function answers(of: ReturnType<typeof pair>, text: Uint8Array, what: Uint8Array) {
  return [
    verifyEcdsa(of.key, text, what),
    verifyByPoint(of.point, text, what),
    verify("sha384", text, { key: of.publicKey, dsaEncoding: "ieee-p1363" }, what),
  ];
}

describe("ECDSA with a table of the key", () => {
  it("takes what OpenSSL signs, with s as it is and turned around", () => {
    expect(answers(one, message, good)).toEqual([true, true, true]);
    expect(answers(one, message, signature(r, N - s))).toEqual([true, true, true]);
  });

  it.each([
    ["r of zero", signature(0n, s)],
    ["s of zero", signature(r, 0n)],
    ["r of n", signature(N, s)],
    ["s of n", signature(r, N)],
    ["r above 384 bits minus one", signature(2n ** 384n - 1n, s)],
    ["s above 384 bits minus one", signature(r, 2n ** 384n - 1n)],
    ["another r", signature((r + 1n) % N, s)],
    ["another s", signature(r, (s + 1n) % N)],
    ["r and s swapped", signature(s, r)],
  ])("refuses %s", (_, bad) => expect(answers(one, message, bad)).toEqual([false, false, false]));

  it("refuses numbers whose sum is the point at infinity, and does not throw", () => {
    const hash = toBigInt(createHash("sha384").update(message).digest()) % N;
    const infinite = signature(Fn.mul(Fn.neg(hash), Fn.inv(one.secret)), s);
    expect(answers(one, message, infinite)).toEqual([false, false, false]);
  });

  it.each([0, 95, 97, 192])("refuses a signature of %i bytes", (length) => {
    const other = new Uint8Array(length);
    other.set(good.subarray(0, length));
    expect(verifyEcdsa(one.key, message, other)).toBe(false);
  });

  it("answers as OpenSSL does for any key, message and change", () => {
    const keys = [one, pair(), pair()];
    const any = fc.record({
      of: fc.constantFrom(...keys),
      by: fc.constantFrom(...keys),
      text: fc.uint8Array({ maxLength: 64 }),
      at: fc.nat(95),
      flip: fc.constantFrom(0, 0, 1, 0x80),
    });
    fc.assert(
      fc.property(any, ({ of, by, text, at, flip }) => {
        const what = signed(text, by.privateKey);
        what[at] = (what[at] ?? 0) ^ flip;
        const [engine, table, openssl] = answers(of, text, what);
        expect(openssl).toBe(of === by && flip === 0);
        expect([engine, table]).toEqual([openssl, openssl]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("the engine's own choice", () => {
  it("answers alike before and after a key has its table", () => {
    const { key, privateKey } = pair();
    const text = Uint8Array.of(9);
    const what = signed(text, privateKey);
    const reversed = what.slice().reverse();
    for (let turn = 0; turn < 12; turn++) {
      expect(verifyEcdsa(key, text, what)).toBe(true);
      expect(verifyEcdsa(key, text, reversed)).toBe(false);
    }
  });
});
