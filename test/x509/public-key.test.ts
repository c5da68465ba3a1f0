import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { DerCursor } from "../../src/der/cursor.js";
import type { ErrorCode } from "../../src/errors.js";
import { createForge, der, type ForgedP384Key, type ForgedRsaKey, p384Spki, rsaSpki } from "../../src/testing/index.js";
import { bytesToNumber, numberToBytes } from "../../src/testing/numbers.js";
import { readPublicKey } from "../../src/x509/public-key.js";
import { hex } from "../support/hex.js";

const { bitString, integer, nil, objectIdentifier, octetString, sequence } = der;

const RSA = "1.2.840.113549.1.1.1";
const EC = "1.2.840.10045.2.1";
const P384 = "1.3.132.0.34";
const E = hex("010001");

let rsa: ForgedRsaKey;
let ec: ForgedP384Key;

beforeAll(async () => {
  const forge = await createForge({ seed: "public key" });
  rsa = forge.caKey("ASK");
  ec = forge.chip().key;
});

function read(spki: Uint8Array) {
  const cursor = DerCursor.over(spki, "thing");
  const key = readPublicKey(cursor);
  cursor.finish();
  return key;
}

/** A number of so many bits: the highest set, the lowest set. */
const ofBits = (bits: bigint) => numberToBytes((1n << (bits - 1n)) + 1n, Math.ceil(Number(bits) / 8));

const rsaParts = (algorithm: Uint8Array, key: Uint8Array) => sequence(algorithm, bitString(key));
const rsaAlgorithm = () => sequence(objectIdentifier(RSA), nil());
const ecAlgorithm = (...parameters: Uint8Array[]) => sequence(objectIdentifier(EC), ...parameters);
const named = (curve: string) => ecAlgorithm(objectIdentifier(curve));
const modulus = () => integer(bytesToNumber(rsa.modulus));
const numbers = (...more: Uint8Array[]) => sequence(modulus(), integer(65537), ...more);

const UNSUPPORTED: ErrorCode = "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM";
const MALFORMED: ErrorCode = "ERR_MALFORMED_DER";
type Row = readonly [why: string, broken: () => Uint8Array, code: ErrorCode];

describe("an RSA key", () => {
  it("of 4096 bits with exponent 65537 is read", () => {
    const key = read(rsaSpki(rsa.modulus, E));
    expect(key).toEqual({ kind: "rsa", modulus: rsa.modulus, exponent: E });
    expect(Object.isFrozen(key)).toBe(true);
    expect(read(rsaParts(rsaAlgorithm(), numbers()))).toEqual(key);
  });

  it("fills all 4096 bits: the first byte is 80 at least", () => {
    const withFirst = (byte: number) => rsa.modulus.map((old, index) => (index === 0 ? byte : old));
    for (const byte of [0x80, 0x81, 0xff]) expect(read(rsaSpki(withFirst(byte), E)).kind).toBe("rsa");
    for (const byte of [0x7f, 0x01, 0x00]) expect(() => read(rsaSpki(withFirst(byte), E))).toFailWith(UNSUPPORTED);
  });

  it("is copied out of the certificate", () => {
    const spki = rsaSpki(rsa.modulus, E);
    const key = read(spki);
    spki.fill(0);
    expect(key).toMatchObject({ modulus: rsa.modulus, exponent: E });
  });

  it.each<Row>([
    ["1024 bits", () => rsaSpki(ofBits(1024n), E), UNSUPPORTED],
    ["2048 bits", () => rsaSpki(ofBits(2048n), E), UNSUPPORTED],
    ["3072 bits", () => rsaSpki(ofBits(3072n), E), UNSUPPORTED],
    ["4088 bits, a byte less", () => rsaSpki(ofBits(4088n), E), UNSUPPORTED],
    ["4095 bits in as many bytes", () => rsaSpki(ofBits(4095n), E), UNSUPPORTED],
    ["4097 bits", () => rsaSpki(ofBits(4097n), E), UNSUPPORTED],
    ["8192 bits", () => rsaSpki(ofBits(8192n), E), UNSUPPORTED],
    ["no bits: the modulus zero", () => rsaSpki(hex("00"), E), UNSUPPORTED],
    ["exponent 3", () => rsaSpki(rsa.modulus, hex("03")), UNSUPPORTED],
    ["exponent 1, under which every message is its own signature", () => rsaSpki(rsa.modulus, hex("01")), UNSUPPORTED],
    ["exponent 0", () => rsaSpki(rsa.modulus, hex("00")), UNSUPPORTED],
    ["exponent 65539", () => rsaSpki(rsa.modulus, hex("010003")), UNSUPPORTED],
    ["exponent 257", () => rsaSpki(rsa.modulus, hex("0101")), UNSUPPORTED],
    ["exponent 2^32 + 65537", () => rsaSpki(rsa.modulus, hex("0100010001")), UNSUPPORTED],
    ["the exponent as long as the modulus", () => rsaSpki(rsa.modulus, rsa.modulus), UNSUPPORTED],
    [
      "RSASSA-PSS as the key's algorithm",
      () => rsaParts(sequence(objectIdentifier("1.2.840.113549.1.1.10")), numbers()),
      UNSUPPORTED,
    ],
    [
      "RSAES-OAEP as the key's algorithm",
      () => rsaParts(sequence(objectIdentifier("1.2.840.113549.1.1.7")), numbers()),
      UNSUPPORTED,
    ],
    ["no NULL for parameters", () => rsaParts(sequence(objectIdentifier(RSA)), numbers()), MALFORMED],
    ["other parameters", () => rsaParts(sequence(objectIdentifier(RSA), sequence()), numbers()), MALFORMED],
    ["two NULLs", () => rsaParts(sequence(objectIdentifier(RSA), nil(), nil()), numbers()), MALFORMED],
    ["a negative modulus", () => rsaParts(rsaAlgorithm(), sequence(integer(-5), integer(65537))), MALFORMED],
    [
      "a modulus without its leading zero, which makes it negative",
      () => rsaParts(rsaAlgorithm(), sequence(concatBytes(hex("02820200"), rsa.modulus), integer(65537))),
      MALFORMED,
    ],
    [
      "a modulus with a zero too many",
      () => rsaParts(rsaAlgorithm(), sequence(concatBytes(hex("028202020000"), rsa.modulus), integer(65537))),
      MALFORMED,
    ],
    [
      "an exponent with a leading zero",
      () => rsaParts(rsaAlgorithm(), sequence(modulus(), hex("02 04 00010001"))),
      MALFORMED,
    ],
    ["the modulus alone", () => rsaParts(rsaAlgorithm(), sequence(modulus())), MALFORMED],
    ["a third number", () => rsaParts(rsaAlgorithm(), numbers(integer(1))), MALFORMED],
    ["bytes behind the numbers", () => rsaParts(rsaAlgorithm(), concatBytes(numbers(), nil())), MALFORMED],
    ["no numbers", () => rsaParts(rsaAlgorithm(), new Uint8Array(0)), MALFORMED],
    ["bytes behind the key", () => sequence(rsaAlgorithm(), bitString(numbers()), nil()), MALFORMED],
    ["a key in an OCTET STRING", () => sequence(rsaAlgorithm(), octetString(numbers())), MALFORMED],
    ["a key with an unused bit", () => sequence(rsaAlgorithm(), bitString(numbers(), 1)), MALFORMED],
    ["exponent before modulus", () => rsaParts(rsaAlgorithm(), sequence(integer(65537), modulus())), UNSUPPORTED],
  ])("%s", (_, broken, code) => {
    expect(read(rsaSpki(rsa.modulus, E)).kind).toBe("rsa");
    expect(() => read(broken())).toFailWith(code);
  });
});

describe("an EC key", () => {
  const p256 = hex(
    "04 6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
      "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
  );
  const p384 = (point: Uint8Array) => sequence(named(P384), bitString(point));

  it("of P-384, uncompressed, is read", () => {
    const key = read(p384Spki(ec.point));
    expect(key).toEqual({ kind: "p384", point: ec.point });
    expect(Object.isFrozen(key)).toBe(true);
    expect(read(p384(ec.point))).toEqual(key);
  });

  it.each<Row>([
    ["P-256", () => sequence(named("1.2.840.10045.3.1.7"), bitString(p256)), UNSUPPORTED],
    ["a P-256 point that says it is P-384", () => p384(p256), UNSUPPORTED],
    [
      "a P-384 point that says it is P-256",
      () => sequence(named("1.2.840.10045.3.1.7"), bitString(ec.point)),
      UNSUPPORTED,
    ],
    ["secp521r1", () => sequence(named("1.3.132.0.35"), bitString(ec.point)), UNSUPPORTED],
    [
      "brainpoolP384r1, of the same size",
      () => sequence(named("1.3.36.3.3.2.8.1.1.11"), bitString(ec.point)),
      UNSUPPORTED,
    ],
    [
      "the algorithm id-ecDH",
      () => sequence(sequence(objectIdentifier("1.3.132.1.12"), objectIdentifier(P384)), bitString(ec.point)),
      UNSUPPORTED,
    ],
    ["Ed25519", () => sequence(sequence(objectIdentifier("1.3.101.112")), bitString(new Uint8Array(32))), UNSUPPORTED],
    [
      "DSA",
      () => sequence(sequence(objectIdentifier("1.2.840.10040.4.1"), sequence()), bitString(integer(5))),
      UNSUPPORTED,
    ],
    ["a compressed point", () => p384(concatBytes(hex("02"), ec.point.subarray(1, 49))), UNSUPPORTED],
    ["a hybrid point", () => p384(concatBytes(hex("06"), ec.point.subarray(1))), UNSUPPORTED],
    ["the point at infinity", () => p384(hex("00")), UNSUPPORTED],
    ["zeros, which some take for infinity", () => p384(new Uint8Array(97)), UNSUPPORTED],
    ["(0, 0)", () => p384(concatBytes(hex("04"), new Uint8Array(96))), UNSUPPORTED],
    ["a point off the curve", () => p384(ec.point.map((byte, index) => (index === 96 ? byte ^ 1 : byte))), UNSUPPORTED],
    ["x alone", () => p384(ec.point.subarray(1, 49)), UNSUPPORTED],
    ["a point a byte short", () => p384(ec.point.subarray(0, 96)), UNSUPPORTED],
    ["a point a byte long", () => p384(concatBytes(ec.point, hex("00"))), UNSUPPORTED],
    ["a point in an OCTET STRING within", () => p384(octetString(ec.point)), UNSUPPORTED],
    ["no point", () => p384(new Uint8Array(0)), UNSUPPORTED],
    ["no curve", () => sequence(ecAlgorithm(), bitString(ec.point)), MALFORMED],
    ["the curve of the issuer, by NULL", () => sequence(ecAlgorithm(nil()), bitString(ec.point)), MALFORMED],
    // CVE-2020-0601: a curve of the attacker's own, with a generator that fits somebody else's public key.
    ["a curve spelled out", () => sequence(ecAlgorithm(sequence(integer(1))), bitString(ec.point)), MALFORMED],
    [
      "two curves",
      () => sequence(ecAlgorithm(objectIdentifier(P384), objectIdentifier(P384)), bitString(ec.point)),
      MALFORMED,
    ],
    ["a point with an unused bit", () => sequence(named(P384), bitString(ec.point, 1)), MALFORMED],
    ["bytes behind the point", () => sequence(named(P384), bitString(ec.point), nil()), MALFORMED],
    ["no BIT STRING", () => sequence(named(P384)), MALFORMED],
  ])("%s", (_, broken, code) => {
    expect(read(p384Spki(ec.point)).kind).toBe("p384");
    expect(() => read(broken())).toFailWith(code);
  });
});

describe("a SubjectPublicKeyInfo", () => {
  it.each<Row>([
    ["empty", () => sequence(), MALFORMED],
    ["without an algorithm's OID", () => sequence(sequence(), bitString(ec.point)), MALFORMED],
    ["with an algorithm that is a SET", () => sequence(der.set(objectIdentifier(EC)), bitString(ec.point)), MALFORMED],
    ["that is a BIT STRING", () => bitString(ec.point), MALFORMED],
  ])("%s", (_, broken, code) => {
    expect(() => read(broken())).toFailWith(code, { what: "thing" });
  });

  it("is named in errors, with the field that is at fault", () => {
    expect(() => read(rsaSpki(ofBits(2048n), E))).toFailWith(UNSUPPORTED, { what: "thing", field: "subjectPublicKey" });
    expect(() => read(rsaParts(rsaAlgorithm(), numbers(nil())))).toFailWith(MALFORMED, { what: "thing: public key" });
  });
});
