import { X509_EXTENSION } from "../amd/oids.js";
import { checkText, copyBytes } from "../bytes/arguments.js";
import { type DerCursor, TAG } from "../der/cursor.js";
import { readTime } from "../der/time.js";
import { readBigInteger, readByteInteger } from "../der/values.js";
import { MalformedError } from "../errors.js";
import { type Extension, readExtension, readExtensions } from "./extensions.js";
import { type DistinguishedName, readName } from "./name.js";
import { openSigned, readInnerAlgorithm, type SignedDer } from "./signed.js";

/** AMD's CRLs are under 1 kB; a thousand revoked CAs would still fit. */
export const MAX_CRL_BYTES = 65_536;
const MAX_SERIAL_BYTES = 20;
const VERSION_2 = 1;

/** A certificate revocation list as written. Times in milliseconds since 1970. */
export interface Crl extends SignedDer {
  readonly issuer: DistinguishedName;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** Serial to time of revocation. */
  readonly revoked: ReadonlyMap<bigint, number>;
  /** cRLNumber, null where there is none. */
  readonly number: bigint | null;
  /** Key identifier of the issuer, null where there is none. */
  readonly authorityKeyId: Uint8Array | null;
  /** All extensions of the list, the two above included. */
  readonly extensions: readonly Extension[];
  /** OIDs of critical extensions of single entries; none is known. */
  readonly criticalEntryExtensions: readonly string[];
}

/**
 * Unverified: a version 2 CRL in strict DER with a nextUpdate, signed by RSASSA-PSS as AMD does.
 *
 * Reads what is written and judges nothing of it: not the signature, the issuer, the window or unknown extensions.
 *
 * @param what - names the CRL in errors
 * @throws MalformedError ERR_MALFORMED_DER, ERR_MALFORMED_LENGTH, ERR_MALFORMED_CRL
 * @throws UnsupportedError ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM
 * @see RFC 5280 section 5.1
 */
export function parseCrl(bytes: Uint8Array, what = "CRL"): Crl {
  const opened = openSigned(copyBytes(bytes, checkText(what, "what"), MAX_CRL_BYTES), what);
  const { content, der, tbs, signatureAlgorithm, signature } = opened;
  readVersion(content);
  readInnerAlgorithm(opened);
  const issuer = readName(content);
  const thisUpdate = readTime(content);
  const nextUpdate = readTime(content);
  const { revoked, criticalEntryExtensions } = readRevoked(content);
  const wrapper = content.peek() === TAG.explicit(0) ? content.enter(TAG.explicit(0)) : undefined;
  const extensions = wrapper === undefined ? [] : readExtensions(wrapper);
  wrapper?.finish();
  content.finish();
  const find = (wanted: string) => extensions.find(({ oid }) => oid === wanted);
  const number = readExtension(find(X509_EXTENSION.cRLNumber), what, readNumber);
  const authorityKeyId = readExtension(find(X509_EXTENSION.authorityKeyIdentifier), what, readAuthorityKeyId);
  const fields = { issuer, thisUpdate, nextUpdate, revoked, number, authorityKeyId };
  return { der, tbs, signatureAlgorithm, signature, ...fields, extensions, criticalEntryExtensions };
}

function readVersion(content: DerCursor): void {
  // Without the INTEGER a CRL is of version 1.
  const version = content.peek() === TAG.integer ? readByteInteger(content) : 0;
  if (version !== VERSION_2) {
    throw new MalformedError(
      "ERR_MALFORMED_CRL",
      `${content.what}: expected a version 2 CRL, found version ${version + 1}; AMD issues no other`,
      { what: content.what, field: "version", reason: `version ${version + 1}` },
    );
  }
}

/** The list of revoked certificates; absent when there is none. */
function readRevoked(content: DerCursor): Pick<Crl, "revoked" | "criticalEntryExtensions"> {
  const revoked = new Map<bigint, number>();
  const criticalEntryExtensions: string[] = [];
  if (content.peek() !== TAG.sequence) return { revoked, criticalEntryExtensions };
  const list = content.enter(TAG.sequence);
  do {
    const entry = list.enter(TAG.sequence);
    const serial = readBigInteger(entry, MAX_SERIAL_BYTES);
    const at = readTime(entry);
    const extensions = entry.peek() === undefined ? [] : readExtensions(entry);
    entry.finish();
    if (revoked.has(serial)) list.fail("a serial listed twice");
    revoked.set(serial, at);
    criticalEntryExtensions.push(...extensions.filter(({ critical }) => critical).map(({ oid }) => oid));
  } while (list.peek() !== undefined);
  return { revoked, criticalEntryExtensions };
}

function readNumber(cursor: DerCursor): bigint {
  return readBigInteger(cursor, MAX_SERIAL_BYTES);
}

/** The key identifier alone; an issuer and serial beside it would name what the signature proves anyway. */
function readAuthorityKeyId(cursor: DerCursor): Uint8Array {
  const sequence = cursor.enter(TAG.sequence);
  const keyId = sequence.contentOf(sequence.take(TAG.implicit(0)));
  sequence.finish();
  return keyId;
}
