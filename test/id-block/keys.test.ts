import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { PublicKeyInfo } from "pkijs";
import { describe, expect, it } from "vitest";
import type { P384PublicKey } from "../../src/crypto/engine.js";
import { p384Spki } from "../../src/crypto/p384.js";
import { isAttestationError } from "../../src/errors.js";
import { keyDigest, keyFromAmd, keyFromJwk, keyFromPem, keyFromSpki, keyToAmd } from "../../src/id-block/index.js";
import { nobleEngine } from "../../src/noble/engine.js";
import { nodeEngine } from "../../src/node/engine.js";
import { der } from "../../src/testing/index.js";
import { counting, ID_SIGNER, keyAt, patched } from "./support.js";

const KEY = ID_SIGNER.publicKey;
const SPKI = p384Spki(KEY);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const pem = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes).toString("base64")}\n-----END ${label}-----\n`;
const spkiOf = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ format: "der", type: "spki" }));
const jwkOf = (key: P384PublicKey) => createPublicKey({ key: Buffer.from(p384Spki(key)), format: "der", type: "spki" });
const JWK = jwkOf(KEY).export({ format: "jwk" });
const P256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey;
const RSA = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;
const ED = generateKeyPairSync("ed25519").publicKey;

/** An SPKI whose algorithm and key are whatever is given. */
function spki(algorithm: readonly Uint8Array[], point: Uint8Array): Uint8Array {
  return der.sequence(der.sequence(...algorithm), der.bitString(point));
}
const EC = der.objectIdentifier("1.2.840.10045.2.1");
const P384 = der.objectIdentifier("1.3.132.0.34");

describe("one key in every form", () => {
  const fresh = Array.from({ length: 8 }, () => generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey);

  it.each(fresh.map((key, index) => [index, key] as const))("reads key %i alike, as node:crypto wrote it", (_, key) => {
    const jwk = key.export({ format: "jwk" });
    const expected = keyAt(
      new Uint8Array(Buffer.from(String(jwk.x), "base64url")),
      new Uint8Array(Buffer.from(String(jwk.y), "base64url")),
    );
    expect(keyFromSpki(spkiOf(key))).toEqual(expected);
    expect(keyFromPem(text(String(key.export({ format: "pem", type: "spki" }))))).toEqual(expected);
    expect(keyFromJwk(jwk)).toEqual(expected);
    expect(keyFromAmd(keyToAmd(expected))).toEqual(expected);
    const second = PublicKeyInfo.fromBER(new Uint8Array(spkiOf(key))).parsedKey;
    expect(second).toMatchObject({ x: expected.point.slice(1, 49).buffer, y: expected.point.slice(49).buffer });
  });

  it("writes what node:crypto reads", () => {
    const key = keyFromAmd(keyToAmd(KEY));
    expect(jwkOf(key).export({ format: "jwk" })).toEqual(JWK);
  });
});

describe("keyFromSpki", () => {
  it.each<[string, Uint8Array, string]>([
    ["P-256", spkiOf(P256), "curve 1.2.840.10045.3.1.7"],
    ["RSA", spkiOf(RSA), "algorithm 1.2.840.113549.1.1.1"],
    ["Ed25519", spkiOf(ED), "algorithm 1.3.101.112"],
    ["explicit parameters", spki([EC, der.sequence(der.integer(1n))], KEY.point), "a curve without a name"],
    ["no parameters", spki([EC], KEY.point), "a curve without a name"],
    ["NULL parameters", spki([EC, der.nil()], KEY.point), "a curve without a name"],
    ["a compressed point, even", spki([EC, P384], patched(KEY.point.slice(0, 49), 0, 2)), "a compressed point"],
    ["a compressed point, odd", spki([EC, P384], patched(KEY.point.slice(0, 49), 0, 3)), "a compressed point"],
  ])("does not support %s", (_, bytes, found) => {
    expect(() => keyFromSpki(bytes)).toFailWith("ERR_UNSUPPORTED_PUBLIC_KEY", { what: "SPKI", found });
  });

  it.each<[string, Uint8Array]>([
    ["off the curve", spki([EC, P384], patched(KEY.point, 96, (KEY.point[96] ?? 0) ^ 1))],
    ["the point at infinity", spki([EC, P384], Uint8Array.of(0))],
    ["no point", spki([EC, P384], new Uint8Array(0))],
    ["a point of zeros", spki([EC, P384], patched(new Uint8Array(97), 0, 4))],
    ["a hybrid point", spki([EC, P384], patched(KEY.point, 0, 6))],
    ["a byte too many", spki([EC, P384], Uint8Array.of(...KEY.point, 0))],
    ["a byte too few", spki([EC, P384], KEY.point.slice(0, 96))],
  ])("refuses %s", (_, bytes) => {
    expect(() => keyFromSpki(bytes)).toFailWith("ERR_MALFORMED_PUBLIC_KEY", { what: "SPKI" });
  });

  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["a byte behind it", Uint8Array.of(...SPKI, 0)],
    ["a byte less", SPKI.slice(0, -1)],
    ["more in the algorithm", spki([EC, P384, der.nil()], KEY.point)],
    ["more behind the key", der.sequence(der.sequence(EC, P384), der.bitString(KEY.point), der.nil())],
    ["a point of odd bits", patched(SPKI, 22, 1)],
    ["PEM", text(pem("PUBLIC KEY", SPKI))],
  ])("is strict DER: refuses %s", (_, bytes) => {
    expect(() => keyFromSpki(bytes)).toFailWith("ERR_MALFORMED_DER");
  });

  it("is bounded, and wants bytes", () => {
    expect(() => keyFromSpki(new Uint8Array(1025))).toFailWith("ERR_MALFORMED_LENGTH");
    expect(() => keyFromSpki("x" as unknown as Uint8Array)).toThrow(TypeError);
  });

  it("answers any change of one byte with a key or an error of ours", () => {
    fc.assert(
      fc.property(fc.nat(SPKI.length - 1), fc.nat(255), (offset, byte) => {
        const bytes = patched(SPKI, offset, byte);
        try {
          return keyFromSpki(bytes).point.length === 97 && bytes.every((value, index) => value === SPKI[index]);
        } catch (error) {
          return isAttestationError(error);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("keyFromPem", () => {
  it.each<[string, string, string]>([
    ["a private key", pem("PRIVATE KEY", SPKI), "expected one block PUBLIC KEY, found PRIVATE KEY"],
    ["an EC private key", pem("EC PRIVATE KEY", SPKI), "expected one block PUBLIC KEY, found EC PRIVATE KEY"],
    ["a certificate", pem("CERTIFICATE", SPKI), "expected one block PUBLIC KEY, found CERTIFICATE"],
    ["two keys", pem("PUBLIC KEY", SPKI).repeat(2), "expected one block PUBLIC KEY, found several"],
  ])("refuses %s", (_, content, reason) => {
    expect(() => keyFromPem(text(content))).toFailWith("ERR_MALFORMED_PUBLIC_KEY", { what: "PEM", reason });
  });

  it.each<[string, Uint8Array]>([
    ["nothing", new Uint8Array(0)],
    ["DER", SPKI],
    ["text beside the block", text(`key:\n${pem("PUBLIC KEY", SPKI)}`)],
    ["broken base64", text("-----BEGIN PUBLIC KEY-----\nA\n-----END PUBLIC KEY-----\n")],
  ])("refuses %s", (_, bytes) => {
    expect(() => keyFromPem(bytes)).toFailWith("ERR_MALFORMED_ENCODING");
  });

  it("says PEM of what is wrong inside", () => {
    expect(() => keyFromPem(text(pem("PUBLIC KEY", spkiOf(P256))))).toFailWith("ERR_UNSUPPORTED_PUBLIC_KEY", {
      what: "PEM",
    });
  });

  it("is bounded, and wants bytes", () => {
    expect(() => keyFromPem(new Uint8Array(16_385))).toFailWith("ERR_MALFORMED_LENGTH");
    expect(() => keyFromPem(pem("PUBLIC KEY", SPKI) as unknown as Uint8Array)).toThrow(TypeError);
  });
});

describe("keyFromJwk", () => {
  const short = Buffer.from(counting(47)).toString("base64url");

  it("reads the coordinates and passes over other members", () => {
    expect(keyFromJwk({ ...JWK, kid: "k", use: "sig", alg: "ES384" })).toEqual(KEY);
  });

  it.each<[string, object]>([
    ["no x", { ...JWK, x: undefined }],
    ["no y", { kty: JWK.kty, crv: JWK.crv, x: JWK.x }],
    ["x of 47 bytes", { ...JWK, x: short }],
    ["x with padding", { ...JWK, x: `${JWK.x}=` }],
    ["x in base64", { ...JWK, x: `+${String(JWK.x).slice(1)}` }],
    ["x that is a number", { ...JWK, x: 5 }],
    ["x with a line feed behind it", { ...JWK, x: `${JWK.x}\n` }],
    ["x and y swapped", { ...JWK, x: JWK.y, y: JWK.x }],
    ["zeros", { ...JWK, x: "A".repeat(64), y: "A".repeat(64) }],
  ])("refuses %s", (_, jwk) => {
    expect(() => keyFromJwk(jwk)).toFailWith("ERR_MALFORMED_PUBLIC_KEY", { what: "JWK" });
  });

  it.each<[string, object]>([
    ["P-256", P256.export({ format: "jwk" })],
    ["RSA", RSA.export({ format: "jwk" })],
    ["OKP", ED.export({ format: "jwk" })],
    ["nothing", {}],
    ["another curve's name", { ...JWK, crv: "p-384" }],
    ["inherited members", Object.create(JWK)],
    ["members without text", { ...JWK, kty: Object.create(null) }],
  ])("does not support %s", (_, jwk) => {
    expect(() => keyFromJwk(jwk)).toFailWith("ERR_UNSUPPORTED_PUBLIC_KEY", { what: "JWK" });
  });

  it("refuses a private key without a word of it", () => {
    const secret = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey.export({ format: "jwk" });
    expect(() => keyFromJwk(secret)).toFailWith("ERR_MALFORMED_PUBLIC_KEY");
    try {
      keyFromJwk(secret);
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain(String(secret.d));
    }
  });

  it.each([null, undefined, "x", 5, [JWK]])("wants an object, not %j", (value) => {
    expect(() => keyFromJwk(value as unknown as object)).toThrow(TypeError);
  });
});

describe("AMD's form", () => {
  const amd = keyToAmd(KEY);

  it("has the curve, the coordinates little-endian, and zeros", () => {
    expect(amd).toHaveLength(0x404);
    expect(amd.slice(0, 4)).toEqual(Uint8Array.of(2, 0, 0, 0));
    expect(amd.slice(4, 52).reverse()).toEqual(KEY.point.slice(1, 49));
    expect(amd.slice(0x4c, 0x7c).reverse()).toEqual(KEY.point.slice(49));
    const rest = [amd.slice(52, 0x4c), amd.slice(0x7c)].map((bytes) => bytes.every((byte) => byte === 0));
    expect(rest).toEqual([true, true]);
  });

  it.each([0x34, 0x4b, 0x7c, 0x93, 0x94, 0x403])("refuses a reserved byte at 0x%i", (offset) => {
    expect(() => keyFromAmd(patched(amd, offset, 1))).toFailWith("ERR_MALFORMED_RESERVED", {
      what: "public key",
      offset,
    });
  });

  it.each([0, 1, 3, 0x102])("refuses curve %i", (found) => {
    const bytes = patched(amd, 0, found & 0xff, found >> 8);
    expect(() => keyFromAmd(bytes)).toFailWith("ERR_UNSUPPORTED_ID_BLOCK", { field: "CURVE", found, supported: 2 });
  });

  it("refuses what is no point, and other lengths", () => {
    expect(() => keyFromAmd(patched(amd, 4, (amd[4] ?? 0) ^ 1))).toFailWith("ERR_MALFORMED_PUBLIC_KEY");
    expect(() => keyFromAmd(amd.slice(1))).toFailWith("ERR_MALFORMED_LENGTH", { expected: 0x404, actual: 0x403 });
    expect(() => keyFromAmd(null as unknown as Uint8Array)).toThrow(TypeError);
  });

  it("leaves the caller's bytes as they are", () => {
    const copy = amd.slice();
    keyFromAmd(copy);
    expect(copy).toEqual(amd);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["bytes", KEY.point],
    ["another kind", { ...KEY, kind: "rsa" }],
    ["no kind", { point: KEY.point }],
    ["no point", { kind: "p384" }],
    ["a point off the curve", { kind: "p384", point: patched(KEY.point, 96, (KEY.point[96] ?? 0) ^ 1) }],
    ["a point that is no bytes", { kind: "p384", point: [...KEY.point] }],
  ])("keyToAmd refuses %s", async (_, key) => {
    expect(() => keyToAmd(key as P384PublicKey)).toThrow(TypeError);
    await expect(keyDigest(key as P384PublicKey)).rejects.toBeInstanceOf(TypeError);
  });
});

describe("keyDigest", () => {
  const expected = new Uint8Array(createHash("sha384").update(keyToAmd(KEY)).digest());

  it("is SHA-384 of AMD's form, by every engine", async () => {
    expect(await keyDigest(KEY)).toEqual(expected);
    for (const engine of [nobleEngine, nodeEngine]) expect(await keyDigest(KEY, { engine })).toEqual(expected);
  });

  it("is neither of the SPKI nor of the point", async () => {
    const digest = Buffer.from(await keyDigest(KEY));
    for (const bytes of [SPKI, KEY.point]) {
      expect(digest.equals(createHash("sha384").update(bytes).digest())).toBe(false);
    }
  });

  it("refuses an engine that is none, and unknown options", async () => {
    await expect(keyDigest(KEY, { engine: {} } as never)).rejects.toBeInstanceOf(TypeError);
    await expect(keyDigest(KEY, { motor: 1 } as never)).rejects.toBeInstanceOf(TypeError);
    const broken = { ...nobleEngine, digest: () => new Uint8Array(3) };
    await expect(keyDigest(KEY, { engine: broken })).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });
});
