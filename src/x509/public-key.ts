import { KEY_ALGORITHM } from "../amd/oids.js";
import type { P384PublicKey, RsaPublicKey } from "../crypto/engine.js";
import { p384PublicKey } from "../crypto/p384.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { readBitStringBytes, readNull, readOid, readUnsigned } from "../der/values.js";
import { UnsupportedError } from "../errors.js";
import { RSA_4096_BYTES } from "./algorithm.js";

/** 65537, the exponent of every key of AMD's, as String writes its bytes. */
const EXPONENT = "1,0,1";

/**
 * Reads a SubjectPublicKeyInfo: RSA-4096 with exponent 65537, or an uncompressed point on P-384.
 *
 * @throws UnsupportedError ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM for every other key.
 * @see RFC 3279 section 2.3.1, RFC 5480
 */
export function readPublicKey(cursor: DerCursor): RsaPublicKey | P384PublicKey {
  const spki = cursor.enter(TAG.sequence);
  const algorithm = spki.enter(TAG.sequence);
  const oid = readOid(algorithm);
  if (oid === KEY_ALGORITHM.rsaEncryption) {
    readNull(algorithm);
    algorithm.finish();
    return readRsaKey(spki);
  }
  if (oid !== KEY_ALGORITHM.ecPublicKey || readOid(algorithm) !== KEY_ALGORITHM.secp384r1) {
    throw unsupported(cursor, "RSA or EC P-384");
  }
  algorithm.finish();
  const point = readBitStringBytes(spki);
  spki.finish();
  const key = p384PublicKey(point);
  if (key === null) throw unsupported(cursor, "an uncompressed point on P-384");
  return key;
}

function readRsaKey(spki: DerCursor): RsaPublicKey {
  const content = readBitStringBytes(spki);
  spki.finish();
  const whole = DerCursor.over(content, `${spki.what}: public key`);
  const numbers = whole.enter(TAG.sequence);
  whole.finish();
  // Numbers of any length: a longer key is sound DER, and of a kind that AMD does not use.
  const modulus = readUnsigned(numbers, content.length).slice();
  const exponent = readUnsigned(numbers, content.length).slice();
  numbers.finish();
  const fullSize = modulus.length === RSA_4096_BYTES && Number(modulus[0]) >= 0x80;
  if (!fullSize || String(exponent) !== EXPONENT) throw unsupported(spki, "RSA-4096 with exponent 65537");
  return Object.freeze({ kind: "rsa", modulus, exponent });
}

function unsupported(cursor: DerCursor, expected: string): UnsupportedError {
  return new UnsupportedError(
    "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM",
    `${cursor.what}: expected a public key that is ${expected}, found another; AMD uses no other`,
    { what: cursor.what, field: "subjectPublicKey" },
  );
}
