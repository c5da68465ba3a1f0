import { checkText, copyBytes } from "../bytes/arguments.js";
import { fromBase64 } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";

/** A PEM text of a chain and a CRL is under 10 kB. */
const MAX_PEM_BYTES = 262_144;
const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\r\n]*?)\r?\n?-----END \1-----/g;

/** One block of a PEM text. */
export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

/** True when bytes begin as PEM does and not as DER. Never throws. */
export function looksLikePem(bytes: Uint8Array): boolean {
  return bytes[0] === 0x2d && bytes[1] === 0x2d;
}

/**
 * Unverified: the blocks of a PEM text, in their order. Nothing but white space may stand around them.
 *
 * The content is decoded from base64 and not looked into.
 *
 * @param what - names the text in errors
 * @throws MalformedError ERR_MALFORMED_ENCODING for no block, text between blocks, or broken base64;
 * ERR_MALFORMED_LENGTH for more than 256 KiB
 * @see RFC 7468 section 3
 */
export function parsePem(bytes: Uint8Array, what = "PEM"): PemBlock[] {
  const text = asciiOf(copyBytes(bytes, checkText(what, "what"), MAX_PEM_BYTES), what);
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0 || text.replaceAll(BLOCK, "").trim() !== "") {
    throw pemError(what, "expected PEM blocks with nothing but white space around them");
  }
  return blocks.map(([, label, body]) => ({
    label: String(label),
    der: fromBase64(String(body).replaceAll(/[\r\n]/g, ""), what),
  }));
}

/**
 * Unverified: the DER of each block of a PEM text, in their order, whatever the labels say.
 *
 * @throws MalformedError as `parsePem`
 */
export function pemToDer(bytes: Uint8Array, what = "PEM"): Uint8Array[] {
  return parsePem(bytes, what).map(({ der }) => der);
}

function asciiOf(bytes: Uint8Array, what: string): string {
  if (bytes.some((byte) => byte > 0x7e)) throw pemError(what, "a byte that is not ASCII");
  return new TextDecoder().decode(bytes);
}

function pemError(what: string, reason: string): MalformedError {
  return new MalformedError("ERR_MALFORMED_ENCODING", `${what}: ${reason}`, { what, reason });
}
