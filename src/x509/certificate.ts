import { checkText, copyBytes } from "../bytes/arguments.js";
import type { P384PublicKey, RsaPublicKey } from "../crypto/engine.js";
import { type DerCursor, TAG } from "../der/cursor.js";
import { readTime } from "../der/time.js";
import { readBigInteger, readByteInteger } from "../der/values.js";
import { MalformedError } from "../errors.js";
import { type Extension, readExtensions } from "./extensions.js";
import { type DistinguishedName, readName } from "./name.js";
import { readPublicKey } from "./public-key.js";
import { openSigned, readInnerAlgorithm, type SignedDer } from "./signed.js";

/** AMD's certificates are 1.3 to 1.7 kB; what is far larger is none of them and not worth reading. */
export const MAX_CERTIFICATE_BYTES = 16_384;
/** RFC 5280 section 4.1.2.2. */
const MAX_SERIAL_BYTES = 20;
const VERSION_3 = 2;

/** A certificate as written. Times in milliseconds since 1970. Byte fields are views of one private copy. */
export interface Certificate extends SignedDer {
  readonly serial: bigint;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: RsaPublicKey | P384PublicKey;
  readonly extensions: readonly Extension[];
}

/**
 * Unverified: an X.509 version 3 certificate in strict DER, signed by RSASSA-PSS as AMD does, with an RSA-4096 or
 * P-384 key.
 *
 * Reads what is written and judges nothing of it: not the signature, the names, the dates or the extensions' values.
 *
 * @param what - names the certificate in errors
 * @throws MalformedError ERR_MALFORMED_DER, ERR_MALFORMED_LENGTH, ERR_MALFORMED_CERTIFICATE
 * @throws UnsupportedError ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM
 * @see RFC 5280 section 4.1
 */
export function parseCertificate(bytes: Uint8Array, what = "certificate"): Certificate {
  return readCertificate(copyBytes(bytes, checkText(what, "what"), MAX_CERTIFICATE_BYTES), what);
}

/** `parseCertificate` of bytes that are private already: what is read are views of them. */
export function readCertificate(der: Uint8Array, what: string): Certificate {
  const opened = openSigned(der, what);
  const { content, tbs, signatureAlgorithm, signature } = opened;
  readVersion(content);
  const serial = readBigInteger(content, MAX_SERIAL_BYTES);
  readInnerAlgorithm(opened);
  const issuer = readName(content);
  const validity = content.enter(TAG.sequence);
  const notBefore = readTime(validity);
  const notAfter = readTime(validity);
  validity.finish();
  const subject = readName(content);
  const publicKey = readPublicKey(content);
  const wrapper = content.enter(TAG.explicit(3));
  const extensions = readExtensions(wrapper);
  wrapper.finish();
  content.finish();
  const fields = { serial, issuer, subject, notBefore, notAfter, publicKey, extensions };
  return { der, tbs, signatureAlgorithm, signature, ...fields };
}

function readVersion(content: DerCursor): void {
  // Without the tag a certificate is of version 1.
  const wrapper = content.peek() === TAG.explicit(0) ? content.enter(TAG.explicit(0)) : undefined;
  const version = wrapper === undefined ? 0 : readByteInteger(wrapper);
  wrapper?.finish();
  if (version !== VERSION_3) {
    throw new MalformedError(
      "ERR_MALFORMED_CERTIFICATE",
      `${content.what}: expected X.509 version 3, found version ${version + 1}; AMD issues no other`,
      { what: content.what, field: "version", reason: `version ${version + 1}` },
    );
  }
}
