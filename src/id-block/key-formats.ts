import { KEY_ALGORITHM } from "../amd/oids.js";
import { copyBytes } from "../bytes/arguments.js";
import { concatBytes, fromBase64 } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { p384PublicKey } from "../crypto/p384.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { readBitStringBytes, readOid } from "../der/values.js";
import { MalformedError, UnsupportedError } from "../errors.js";
import { parsePem } from "../x509/pem.js";

/** The SPKI of a P-384 key has 120 bytes, its PEM under 250. */
const MAX_SPKI_BYTES = 1024;
const MAX_PEM_BYTES = 16_384;
const PEM_LABEL = "PUBLIC KEY";
const UNCOMPRESSED = 0x04;
/** 48 bytes in base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{64}$/;

function malformed(what: string, reason: string): MalformedError {
  return new MalformedError("ERR_MALFORMED_PUBLIC_KEY", `${what}: ${reason}`, { what, reason });
}

function unsupported(what: string, found: string): UnsupportedError {
  const message = `${what}: expected an uncompressed public key on P-384, found ${found}; firmware takes no other`;
  return new UnsupportedError("ERR_UNSUPPORTED_PUBLIC_KEY", message, { what, found });
}

function keyOfPoint(point: Uint8Array, what: string): P384PublicKey {
  if (point[0] === 0x02 || point[0] === 0x03) throw unsupported(what, "a compressed point");
  const key = p384PublicKey(point);
  if (key === null) throw malformed(what, "the point is not on P-384, or not 0x04 and 96 bytes");
  return key;
}

/** The curve's OID; explicit parameters name no curve, whatever they spell. */
function checkAlgorithm(algorithm: DerCursor): void {
  const oid = readOid(algorithm);
  if (oid !== KEY_ALGORITHM.ecPublicKey) throw unsupported(algorithm.what, `algorithm ${oid}`);
  if (algorithm.peek() !== TAG.oid) throw unsupported(algorithm.what, "a curve without a name");
  const curve = readOid(algorithm);
  if (curve !== KEY_ALGORITHM.secp384r1) throw unsupported(algorithm.what, `curve ${curve}`);
  algorithm.finish();
}

function readSpki(der: Uint8Array, what: string): P384PublicKey {
  const whole = DerCursor.over(der, what);
  const spki = whole.enter(TAG.sequence);
  whole.finish();
  checkAlgorithm(spki.enter(TAG.sequence));
  const point = readBitStringBytes(spki);
  spki.finish();
  return keyOfPoint(point, what);
}

/**
 * Unverified: a P-384 public key from a SubjectPublicKeyInfo in strict DER. Nothing says whose it is.
 *
 * @throws TypeError when `der` is no `Uint8Array`.
 * @throws MalformedError `ERR_MALFORMED_LENGTH`, `ERR_MALFORMED_DER`; `ERR_MALFORMED_PUBLIC_KEY` for a point that is
 * not on the curve.
 * @throws UnsupportedError `ERR_UNSUPPORTED_PUBLIC_KEY` for another algorithm or curve, or a compressed point.
 *
 * Source: RFC 5480, section 2.
 */
export function keyFromSpki(der: Uint8Array): P384PublicKey {
  return readSpki(copyBytes(der, "der", MAX_SPKI_BYTES), "SPKI");
}

/**
 * Unverified: a P-384 public key from one PEM block `PUBLIC KEY`. Nothing says whose it is.
 *
 * A private key is refused: it has no business where public keys are read.
 *
 * @throws TypeError when `pem` is no `Uint8Array`.
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for anything but PEM; `ERR_MALFORMED_PUBLIC_KEY` for more than one
 * block or another label; and as `keyFromSpki`.
 * @throws UnsupportedError as `keyFromSpki`.
 *
 * Source: RFC 7468, section 13.
 */
export function keyFromPem(pem: Uint8Array): P384PublicKey {
  const [block, second] = parsePem(copyBytes(pem, "pem", MAX_PEM_BYTES), "PEM");
  if (block === undefined || second !== undefined || block.label !== PEM_LABEL) {
    throw malformed("PEM", `expected one block ${PEM_LABEL}, found ${second === undefined ? block?.label : "several"}`);
  }
  return readSpki(block.der, "PEM");
}

function coordinate(value: unknown, name: string): Uint8Array {
  if (typeof value !== "string" || !COORDINATE.test(value)) {
    throw malformed("JWK", `${name} must be 48 bytes in base64url without padding`);
  }
  return fromBase64(value.replaceAll("-", "+").replaceAll("_", "/"), `JWK ${name}`);
}

/**
 * Unverified: a P-384 public key from a JSON Web Key. Nothing says whose it is.
 *
 * Reads `kty`, `crv`, `x` and `y`; other members say nothing about the point. A private key (`d`) is refused, and its
 * value is not looked at.
 *
 * @throws TypeError when `jwk` is no object.
 * @throws MalformedError `ERR_MALFORMED_PUBLIC_KEY` for coordinates that are missing, of another length or not on the
 * curve, and for a private key.
 * @throws UnsupportedError `ERR_UNSUPPORTED_PUBLIC_KEY` for another type or curve.
 *
 * Source: RFC 7518, section 6.2.1.
 */
export function keyFromJwk(jwk: object): P384PublicKey {
  const value: unknown = jwk;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("jwk must be an object");
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined);
  const [type, curve, x, y] = [own("kty"), own("crv"), own("x"), own("y")];
  if (type !== "EC" || curve !== "P-384") throw unsupported("JWK", `kty ${shown(type)}, crv ${shown(curve)}`);
  if (Object.hasOwn(value, "d")) throw malformed("JWK", "it is a private key (d); hand in the public half alone");
  return keyOfPoint(concatBytes(Uint8Array.of(UNCOMPRESSED), coordinate(x, "x"), coordinate(y, "y")), "JWK");
}

/** A member for a message; a JWK may come from anywhere, so no more of it than is needed. */
function shown(value: unknown): string {
  return textOf(value).slice(0, 20);
}
