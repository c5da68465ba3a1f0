import { concatBytes, equalBytes, fromBase64Url, fromHex, toBase64Url } from "../bytes/codecs.js";
import { P384_BYTES, P384_POINT_BYTES, p384PublicKey, p384Spki } from "../crypto/p384.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { readBitStringBytes, readNull, readOid, readUnsigned } from "../der/values.js";
import { isAttestationError } from "../errors.js";

/** A public key as JWK: the members that make up the key, and no other. */
export type PublicJwk =
  | { readonly kty: "EC"; readonly crv: "P-384"; readonly x: string; readonly y: string }
  | { readonly kty: "OKP"; readonly crv: "X25519"; readonly x: string }
  | { readonly kty: "RSA"; readonly n: string; readonly e: string };

const P384_SPKI_BYTES = 120;
/** What comes before the key of an X25519 key. Source: RFC 8410. */
const X25519_PREFIX = /* @__PURE__ */ fromHex("302a300506032b656e032100");
/** Bytes of a raw X25519 key. Source: RFC 7748. */
export const X25519_BYTES = 32;
const RSA_OID = "1.2.840.113549.1.1.1";
/** AlgorithmIdentifier of RSA keys. Source: RFC 3279, section 2.3.1. */
const RSA_ALGORITHM = /* @__PURE__ */ fromHex("300d06092a864886f70d0101010500");
/** The numbers of RSA-8192 and of any exponent in use. */
const MAX_MODULUS_BYTES = 1024;
const MAX_EXPONENT_BYTES = 8;

function derLength(length: number): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function derElement(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  return concatBytes(Uint8Array.of(tag, ...derLength(body.length)), body);
}

function derUnsigned(bytes: Uint8Array): Uint8Array {
  return derElement(TAG.integer, Number(bytes[0]) >= 0x80 ? concatBytes(Uint8Array.of(0), bytes) : bytes);
}

function rsaSpki(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  const key = derElement(TAG.sequence, derUnsigned(modulus), derUnsigned(exponent));
  return derElement(TAG.sequence, RSA_ALGORITHM, derElement(TAG.bitString, Uint8Array.of(0), key));
}

function readRsa(der: Uint8Array): PublicJwk | null {
  const whole = DerCursor.over(der, "public key");
  const spki = whole.enter(TAG.sequence);
  whole.finish();
  const algorithm = spki.enter(TAG.sequence);
  if (readOid(algorithm) !== RSA_OID) return null;
  readNull(algorithm);
  const numbers = DerCursor.over(readBitStringBytes(spki), "public key").enter(TAG.sequence);
  const n = readUnsigned(numbers, MAX_MODULUS_BYTES);
  return { kty: "RSA", n: toBase64Url(n), e: toBase64Url(readUnsigned(numbers, MAX_EXPONENT_BYTES)) };
}

function readJwk(der: Uint8Array): PublicJwk | null {
  if (der.length === P384_SPKI_BYTES) {
    const point = der.subarray(-P384_POINT_BYTES);
    const x = toBase64Url(point.subarray(1, 1 + P384_BYTES));
    return { kty: "EC", crv: "P-384", x, y: toBase64Url(point.subarray(1 + P384_BYTES)) };
  }
  if (der.length === X25519_PREFIX.length + X25519_BYTES) {
    return { kty: "OKP", crv: "X25519", x: toBase64Url(der.subarray(X25519_PREFIX.length)) };
  }
  try {
    return readRsa(der);
  } catch (error) {
    if (isAttestationError(error, "ERR_MALFORMED_DER")) return null;
    throw error;
  }
}

/** Null for texts that are no base64url of so many bytes; without a leading zero where they are numbers. */
function bytesOf(text: string, length: number | null): Uint8Array | null {
  try {
    const bytes = fromBase64Url(text);
    const sound = length === null ? bytes.length > 0 && bytes[0] !== 0 : bytes.length === length;
    return sound ? bytes : null;
  } catch (error) {
    if (isAttestationError(error, "ERR_MALFORMED_ENCODING")) return null;
    throw error;
  }
}

/**
 * The SubjectPublicKeyInfo of a JWK; null where the texts are no key: another length, a point that is not on the curve.
 */
export function jwkToSpki(jwk: PublicJwk): Uint8Array | null {
  if (jwk.kty === "RSA") {
    const [n, e] = [bytesOf(jwk.n, null), bytesOf(jwk.e, null)];
    if (n === null || e === null || n.length > MAX_MODULUS_BYTES || e.length > MAX_EXPONENT_BYTES) return null;
    return rsaSpki(n, e);
  }
  if (jwk.kty === "OKP") {
    const x = bytesOf(jwk.x, X25519_BYTES);
    return x === null ? null : concatBytes(X25519_PREFIX, x);
  }
  const [x, y] = [bytesOf(jwk.x, P384_BYTES), bytesOf(jwk.y, P384_BYTES)];
  const key = x === null || y === null ? null : p384PublicKey(concatBytes(Uint8Array.of(0x04), x, y));
  return key === null ? null : p384Spki(key);
}

/**
 * The JWK of a SubjectPublicKeyInfo in DER: P-384, X25519 or RSA; null for everything else, and for any spelling that
 * the JWK would not give back byte by byte.
 */
export function spkiToJwk(der: Uint8Array): PublicJwk | null {
  const jwk = readJwk(der);
  const again = jwk === null ? null : jwkToSpki(jwk);
  return again !== null && equalBytes(again, der) ? jwk : null;
}
