import { KEY_ALGORITHM } from "../amd/oids.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { readBitStringBytes, readNull, readOid, readUnsigned } from "../der/values.js";
import { isAttestationError } from "../errors.js";
import { findCurve } from "./curves.js";
import { ATTESTED_KEY, unfitKey } from "./key-error.js";
import { ecRecipient, type RecipientKey, x25519Recipient } from "./recipient-key.js";
import { rsaRecipient } from "./rsa.js";

/** Source: RFC 8410, section 3. */
const X25519_OID = "1.3.101.110";

function readEc(algorithm: DerCursor, spki: DerCursor): RecipientKey {
  const oid = readOid(algorithm);
  algorithm.finish();
  const point = readBitStringBytes(spki);
  spki.finish();
  const curve = findCurve(oid);
  if (curve === undefined) throw unfitKey(ATTESTED_KEY, `expected P-256, P-384 or P-521, found curve ${oid}`);
  return ecRecipient(curve, point, ATTESTED_KEY);
}

function readRsa(algorithm: DerCursor, spki: DerCursor): RecipientKey {
  readNull(algorithm);
  algorithm.finish();
  const content = readBitStringBytes(spki);
  spki.finish();
  const whole = DerCursor.over(content, `${ATTESTED_KEY}: RSA key`);
  const numbers = whole.enter(TAG.sequence);
  whole.finish();
  const modulus = readUnsigned(numbers, content.length);
  const exponent = readUnsigned(numbers, content.length);
  numbers.finish();
  return rsaRecipient(modulus, exponent, ATTESTED_KEY);
}

function readX25519(algorithm: DerCursor, spki: DerCursor): RecipientKey {
  algorithm.finish();
  const raw = readBitStringBytes(spki);
  spki.finish();
  return x25519Recipient(raw, ATTESTED_KEY);
}

function readKey(der: Uint8Array): RecipientKey {
  const whole = DerCursor.over(der, ATTESTED_KEY);
  const spki = whole.enter(TAG.sequence);
  whole.finish();
  const algorithm = spki.enter(TAG.sequence);
  const oid = readOid(algorithm);
  switch (oid) {
    case KEY_ALGORITHM.ecPublicKey:
      return readEc(algorithm, spki);
    case KEY_ALGORITHM.rsaEncryption:
      return readRsa(algorithm, spki);
    case X25519_OID:
      return readX25519(algorithm, spki);
    default:
      throw unfitKey(ATTESTED_KEY, `expected an EC, RSA or X25519 key, found algorithm ${oid}`);
  }
}

/**
 * The key in a SubjectPublicKeyInfo, strict DER: an uncompressed point on P-256, P-384 or P-521, RSA, or X25519.
 *
 * @throws ReleaseError `ERR_RELEASE_KEY` for everything else.
 * @see RFC 5480, RFC 3279 section 2.3.1, RFC 8410
 */
export function recipientFromSpki(der: Uint8Array): RecipientKey {
  try {
    return readKey(der);
  } catch (cause) {
    if (!isAttestationError(cause, "ERR_MALFORMED_DER")) throw cause;
    throw unfitKey(ATTESTED_KEY, `expected SubjectPublicKeyInfo in DER: ${cause.detail.reason}`, { cause });
  }
}
