import { generateKeyPairSync } from "node:crypto";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import { concatBytes, toBase64Url } from "../../src/bytes/codecs.js";
import { readAttestedKey } from "../../src/release/attested-key.js";
import { der, rsaSpki } from "../../src/testing/index.js";
import { hex } from "../support/hex.js";
import { changed, guestKeys, type KeyKind, publicJwk, utf8 } from "./support.js";

const spki = (bytes: Uint8Array) => readAttestedKey({ scheme: "attestry-v1", bytes });
const jwk = (text: string) => readAttestedKey({ scheme: "trustee", bytes: utf8(text) });

const X25519_OID = "1.3.101.110";
const EC_OID = "1.2.840.10045.2.1";
const OIDS = { "P-256": "1.2.840.10045.3.1.7", "P-384": "1.3.132.0.34", "P-521": "1.3.132.0.35" };

const KINDS: readonly KeyKind[] = ["X25519", "P-256", "P-384", "P-521", "RSA"];
const keys = new Map(await Promise.all(KINDS.map(async (kind) => [kind, await guestKeys(kind)] as const)));

function keysOf(kind: KeyKind) {
  const found = keys.get(kind);
  if (found === undefined) throw new Error(kind);
  return found;
}

const EXPECTED = {
  X25519: { kind: "x25519" },
  "P-256": { kind: "ec", curve: { name: "P-256" } },
  "P-384": { kind: "ec", curve: { name: "P-384" } },
  "P-521": { kind: "ec", curve: { name: "P-521" } },
  RSA: { kind: "rsa", exponent: Uint8Array.of(1, 0, 1) },
};

describe.each(KINDS)("a key of %s", (kind) => {
  it("is read from the SubjectPublicKeyInfo that WebCrypto writes", () => {
    expect(spki(keysOf(kind).spki)).toMatchObject({ key: EXPECTED[kind], algorithm: null });
  });

  it("is the same key as JWK, which may name an algorithm and its use", () => {
    const { key } = spki(keysOf(kind).spki);
    expect(jwk(publicJwk(keysOf(kind).jwk))).toEqual({ key, algorithm: null });
    expect(jwk(publicJwk(keysOf(kind).jwk, { alg: "X", use: "enc", kid: "1" }))).toEqual({ key, algorithm: "X" });
    // As WebCrypto writes those of ECDH and of RSA.
    expect(jwk(publicJwk(keysOf(kind).jwk, { key_ops: [] }))).toEqual({ key, algorithm: null });
    expect(jwk(publicJwk(keysOf(kind).jwk, { key_ops: ["encrypt"] }))).toEqual({ key, algorithm: null });
  });

  it("is no key when cut short, extended, or with any byte before the key changed", () => {
    const good = keysOf(kind).spki;
    const header = { X25519: 12, "P-256": 27, "P-384": 24, "P-521": 26, RSA: 32 }[kind];
    expect(() => spki(good.subarray(0, -1))).toFailWith("ERR_RELEASE_KEY");
    expect(() => spki(concatBytes(good, Uint8Array.of(0)))).toFailWith("ERR_RELEASE_KEY");
    for (let place = 0; place < header; place++) {
      const bad = good.slice();
      bad[place] = Number(bad[place]) ^ 1;
      expect(() => spki(bad), `byte ${place}`).toFailWith("ERR_RELEASE_KEY");
    }
  });

  it("is copied", () => {
    const bytes = keysOf(kind).spki.slice();
    const read = spki(bytes);
    bytes.fill(0);
    expect(read).toEqual(spki(keysOf(kind).spki));
  });
});

describe("32 bytes", () => {
  const raw = hex(`09${"00".repeat(31)}`);
  it.each(["attestry-v1", "tinfoil-v2", "atls"] as const)("are X25519 for %s", (scheme) => {
    expect(readAttestedKey({ scheme, bytes: raw })).toEqual({ key: { kind: "x25519", raw }, algorithm: null });
  });
  it("are no JWK", () => {
    expect(() => readAttestedKey({ scheme: "trustee", bytes: raw })).toFailWith("ERR_RELEASE_KEY");
  });
  it.each([31, 33])("are not %i", (length) => {
    expect(() => spki(new Uint8Array(length).fill(9))).toFailWith("ERR_RELEASE_KEY");
  });
});

const ecSpki = (oid: string, point: Uint8Array) =>
  der.sequence(der.sequence(der.objectIdentifier(EC_OID), der.objectIdentifier(oid)), der.bitString(point));
const xSpki = (raw: Uint8Array) => der.sequence(der.sequence(der.objectIdentifier(X25519_OID)), der.bitString(raw));
const offCurve = (point: Uint8Array) => changed(point, point.length - 1, Number(point.at(-1)) ^ 1);
const generators = { "P-256": p256, "P-384": p384, "P-521": p521 };
const ODD_2048 = new Uint8Array(256).fill(0xc1);
const F4 = Uint8Array.of(1, 0, 1);

describe("SubjectPublicKeyInfo written by hand", () => {
  it("is read: the twins of what is refused", () => {
    for (const name of ["P-256", "P-384", "P-521"] as const) {
      expect(spki(ecSpki(OIDS[name], generators[name].Point.BASE.toBytes(false))).key.kind).toBe("ec");
    }
    expect(spki(xSpki(hex(`09${"00".repeat(31)}`))).key.kind).toBe("x25519");
    expect(spki(rsaSpki(ODD_2048, F4)).key.kind).toBe("rsa");
    expect(spki(rsaSpki(new Uint8Array(1024).fill(0xff), Uint8Array.of(0xff, 0xff, 0xff, 0xff))).key.kind).toBe("rsa");
  });

  const even = changed(ODD_2048, 255, 0xc0);
  const rows: [string, Uint8Array, RegExp][] = [
    ["nothing", new Uint8Array(0), /SubjectPublicKeyInfo in DER/],
    ["P-256 off the curve", ecSpki(OIDS["P-256"], offCurve(p256.Point.BASE.toBytes(false))), /point on P-256/],
    ["P-384 off the curve", ecSpki(OIDS["P-384"], offCurve(p384.Point.BASE.toBytes(false))), /point on P-384/],
    ["P-521 off the curve", ecSpki(OIDS["P-521"], offCurve(p521.Point.BASE.toBytes(false))), /point on P-521/],
    ["a compressed point", ecSpki(OIDS["P-384"], p384.Point.BASE.toBytes(true)), /uncompressed point/],
    ["a point of another curve", ecSpki(OIDS["P-384"], p256.Point.BASE.toBytes(false)), /point on P-384/],
    ["infinity", ecSpki(OIDS["P-256"], Uint8Array.of(0)), /point on P-256/],
    ["secp256k1", ecSpki("1.3.132.0.10", p256.Point.BASE.toBytes(false)), /found curve 1\.3\.132\.0\.10/],
    ["X25519 of 31 bytes", xSpki(new Uint8Array(31).fill(9)), /32 bytes of X25519, found 31/],
    ["X25519 of small order", xSpki(new Uint8Array(32)), /small order/],
    [
      "Ed25519",
      new Uint8Array(generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" })),
      /1\.3\.101\.112/,
    ],
    ["RSA of 2047 bits", rsaSpki(changed(ODD_2048, 0, 0x41), F4), /2047 bits/],
    ["RSA of 1024 bits", rsaSpki(ODD_2048.subarray(128), F4), /1024 bits/],
    ["RSA of 8193 bits", rsaSpki(concatBytes(Uint8Array.of(1), new Uint8Array(1024).fill(1)), F4), /8193 bits/],
    ["an even modulus", rsaSpki(even, F4), /odd RSA modulus/],
    ["exponent 1", rsaSpki(ODD_2048, Uint8Array.of(1)), /odd RSA exponent/],
    ["exponent 3", rsaSpki(ODD_2048, Uint8Array.of(3)), /odd RSA exponent/],
    ["exponent 65535", rsaSpki(ODD_2048, Uint8Array.of(0xff, 0xff)), /odd RSA exponent/],
    ["exponent 65538", rsaSpki(ODD_2048, Uint8Array.of(1, 0, 2)), /odd RSA exponent/],
    ["an exponent of 33 bits", rsaSpki(ODD_2048, Uint8Array.of(1, 0, 0, 0, 1)), /odd RSA exponent/],
  ];
  it.each(rows)("is refused: %s", (_, bytes, reason) => {
    expect(() => spki(bytes)).toFailWith("ERR_RELEASE_KEY", { what: "attested key" });
    expect(() => spki(bytes)).toThrow(reason);
  });
});

describe("a JWK", () => {
  const ec = keysOf("P-256").jwk;
  const rsa = keysOf("RSA").jwk;
  const okp = keysOf("X25519").jwk;
  const { x = "", y = "" } = ec;
  const leadingZero = toBase64Url(concatBytes(Uint8Array.of(0), ODD_2048));
  const whole = { kty: "EC", crv: "P-256", x, y };
  const p256Off = toBase64Url(offCurve(p256.Point.BASE.toBytes(false)).subarray(33));
  const p256X = toBase64Url(p256.Point.BASE.toBytes(false).subarray(1, 33));
  const rows: [string, unknown, RegExp][] = [
    ["a list", [], /JWK in JSON/],
    ["null", null, /JWK in JSON/],
    ["text", "x", /JWK in JSON/],
    ["no type", { ...whole, kty: undefined }, /kty EC, RSA/],
    ["a symmetric key", { kty: "oct", k: "AAAA" }, /private member k/],
    ["a private EC key", { ...whole, d: "AAAA" }, /private member d/],
    ["a private RSA key without d", { ...rsa, p: "AAAA" }, /private member p/],
    ["a key for signing", { ...whole, use: "sig" }, /use enc/],
    ["a key that verifies", { ...whole, key_ops: ["verify"] }, /key_ops/],
    ["a key that signs among others", { ...whole, key_ops: ["deriveBits", "sign"] }, /key_ops/],
    ["operations that are no list", { ...whole, key_ops: "deriveBits" }, /key_ops/],
    ["an algorithm that is no text", { ...whole, alg: 5 }, /alg to be text/],
    ["no curve", { ...whole, crv: undefined }, /crv P-256/],
    ["secp256k1", { ...whole, crv: "secp256k1" }, /crv P-256/],
    ["no x", { ...whole, x: undefined }, /x in base64url/],
    ["a number for y", { ...whole, y: 5 }, /y in base64url/],
    ["padded base64", { ...whole, x: `${x}=` }, /x in base64url/],
    ["a curve of other lengths", { ...whole, crv: "P-384" }, /48 bytes each, found 32 and 32/],
    ["x and y cut elsewhere", { ...whole, x: x.slice(0, -3), y: `${"A".repeat(3)}${y}` }, /bytes each|base64url/],
    ["off the curve", { ...whole, x: p256X, y: p256Off }, /point on P-256/],
    ["Ed25519", { ...okp, crv: "Ed25519" }, /OKP with crv X25519/],
    ["X25519 of small order", { ...okp, x: toBase64Url(new Uint8Array(32)) }, /small order/],
    ["RSA without an exponent", { kty: "RSA", n: rsa.n }, /e in base64url/],
    ["RSA with an empty exponent", { kty: "RSA", n: rsa.n, e: "" }, /not empty/],
    ["RSA with a leading zero", { kty: "RSA", n: leadingZero, e: "AQAB" }, /leading zeros/],
    ["RSA of 1024 bits", { kty: "RSA", n: toBase64Url(ODD_2048.subarray(128)), e: "AQAB" }, /1024 bits/],
    ["RSA with exponent 3", { kty: "RSA", n: toBase64Url(ODD_2048), e: "Aw" }, /odd RSA exponent/],
  ];
  it.each(rows)("is refused: %s", (_, value, reason) => {
    expect(() => jwk(JSON.stringify(value))).toFailWith("ERR_RELEASE_KEY", { what: "attested key" });
    expect(() => jwk(JSON.stringify(value))).toThrow(reason);
  });

  it("is refused with a member twice", () => {
    expect(() => jwk(`{"kty":"EC",${JSON.stringify(whole).slice(1)}`)).toFailWith("ERR_RELEASE_KEY");
  });

  it("is its own object: what it inherits does not count", () => {
    expect(() => jwk('{"__proto__":{"kty":"EC"}}')).toFailWith("ERR_RELEASE_KEY");
  });
});
