import { copyBytes } from "../bytes/arguments.js";
import { toBase64Url } from "../bytes/codecs.js";
import type { Sha384 } from "./digest.js";

const LEAST = 16;
const GREATEST = 1024;
/** EAT has room for no longer one. Source: RFC 9711, section 4.1. */
const LONGEST_AS_IS = 64;

/** A private copy of a nonce. @throws TypeError for anything but 16 to 1024 bytes. */
export function checkNonce(value: unknown, name: string): Uint8Array {
  const nonce = copyBytes(value, name);
  if (nonce.length >= LEAST && nonce.length <= GREATEST) return nonce;
  throw new TypeError(`${name} must have ${LEAST} to ${GREATEST} bytes, found ${nonce.length}`);
}

/**
 * A nonce as `eat_nonce` has it: its bytes in base64url; of more than 64 bytes, as challenges are, their SHA-384.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where the digest cannot be had.
 */
export async function nonceText(nonce: Uint8Array, sha384: Sha384): Promise<string> {
  return toBase64Url(nonce.length <= LONGEST_AS_IS ? nonce : await sha384(nonce));
}
