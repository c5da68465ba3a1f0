import { MalformedError } from "../errors.js";

const HEX_PAIRS: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

const BASE64_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const NO_DIGIT = 0xff;

/** Digit values by character code; everything that is not a digit maps to `NO_DIGIT`. */
function digitTable(...alphabets: readonly string[]): Uint8Array {
  const table = new Uint8Array(128).fill(NO_DIGIT);
  for (const alphabet of alphabets) {
    for (let value = 0; value < alphabet.length; value++) table[alphabet.charCodeAt(value)] = value;
  }
  return table;
}

const HEX_DIGITS = /* @__PURE__ */ digitTable("0123456789abcdef", "0123456789ABCDEF");
const BASE64_DIGITS = /* @__PURE__ */ digitTable(BASE64_ALPHABET);
const BASE64URL_DIGITS = /* @__PURE__ */ digitTable(BASE64URL_ALPHABET);

function encodingError(what: string, reason: string): MalformedError<"ERR_MALFORMED_ENCODING"> {
  return new MalformedError("ERR_MALFORMED_ENCODING", `${what}: ${reason}`, { what, reason });
}

function assertText(text: unknown, what: string): asserts text is string {
  if (typeof text !== "string") throw new TypeError(`${what} must be a string, not ${typeof text}`);
}

function digitAt(text: string, index: number, table: Uint8Array): number {
  return table[text.charCodeAt(index)] ?? NO_DIGIT;
}

/** The bytes as lower-case hex, without a prefix. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX_PAIRS[byte];
  return text;
}

/**
 * The bytes that a hex text spells, lower or upper case, without prefix, spaces or separators.
 *
 * @param what - names the text in errors
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for an odd length or any other character.
 */
export function fromHex(text: string, what = "hex text"): Uint8Array {
  assertText(text, what);
  if (text.length % 2 !== 0) {
    throw encodingError(what, `expected an even number of hex digits, found ${text.length} characters`);
  }
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    const high = digitAt(text, 2 * index, HEX_DIGITS);
    const low = digitAt(text, 2 * index + 1, HEX_DIGITS);
    if (high === NO_DIGIT || low === NO_DIGIT) {
      throw encodingError(what, `not a hex digit at character ${2 * index + (high === NO_DIGIT ? 0 : 1)}`);
    }
    bytes[index] = (high << 4) | low;
  }
  return bytes;
}

/** Six bits a digit, from the left; what is left over at the end is filled up with zeros. */
function encodeDigits(bytes: Uint8Array, alphabet: string): string {
  const digits = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (let index = 0; index < bytes.length; index++) {
    held = ((held << 8) | (bytes[index] ?? 0)) & 0xfff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      digits[length++] = alphabet.charCodeAt((held >> bits) & 63);
    }
  }
  if (bits > 0) digits[length] = alphabet.charCodeAt((held << (6 - bits)) & 63);
  return new TextDecoder().decode(digits);
}

/** The bytes as padded base64 of the standard alphabet (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  return encodeDigits(bytes, BASE64_ALPHABET).padEnd(4 * Math.ceil(bytes.length / 3), "=");
}

/** The bytes as base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return encodeDigits(bytes, BASE64URL_ALPHABET);
}

function paddingOf(text: string): number {
  if (text.endsWith("==")) return 2;
  return text.endsWith("=") ? 1 : 0;
}

/**
 * The bytes that a base64 text spells: standard alphabet, padded, no line breaks, unused bits zero
 * (RFC 4648 sections 3.3 and 3.5), so each byte string has exactly one text.
 *
 * @param what - names the text in errors
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for anything else.
 */
export function fromBase64(text: string, what = "base64 text"): Uint8Array {
  assertText(text, what);
  if (text.length % 4 !== 0) {
    throw encodingError(what, `expected padded base64, a multiple of 4 characters, found ${text.length}`);
  }
  return decodeDigits(text.slice(0, text.length - paddingOf(text)), BASE64_DIGITS, what);
}

/**
 * The bytes that a base64url text spells: no padding, no line breaks, unused bits zero (RFC 4648 sections 3.5 and 5),
 * so each byte string has exactly one text.
 *
 * @param what - names the text in errors
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for anything else.
 */
export function fromBase64Url(text: string, what = "base64url text"): Uint8Array {
  assertText(text, what);
  if (text.length % 4 === 1) throw encodingError(what, `no base64url text has ${text.length} characters`);
  return decodeDigits(text, BASE64URL_DIGITS, what);
}

function decodeDigits(digits: string, table: Uint8Array, what: string): Uint8Array {
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let length = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digitAt(digits, index, table);
    if (digit === NO_DIGIT) throw encodingError(what, `not a base64 digit at character ${index}`);
    held = ((held << 6) | digit) & 0xfff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = held >> bits;
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw encodingError(what, "unused bits of the last digit are not zero");
  return bytes;
}

/** One array with the parts in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** The parts in order, each behind its length as 32 bits big-endian: no other list of parts gives the same bytes. */
export function lengthPrefixed(...parts: readonly Uint8Array[]): Uint8Array {
  const prefixOf = ({ length }: Uint8Array): Uint8Array => {
    const prefix = new Uint8Array(4);
    new DataView(prefix.buffer).setUint32(0, length);
    return prefix;
  };
  return concatBytes(...parts.flatMap((part) => [prefixOf(part), part]));
}

const WORD = 4;

/** True when both hold the same bytes. The time taken depends on the lengths alone, not on the content. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a;
  if (length !== b.length) return false;
  const left = new DataView(a.buffer, a.byteOffset, length);
  const right = new DataView(b.buffer, b.byteOffset, length);
  let difference = 0;
  let index = 0;
  // Whole words first: certificates are compared at every verification.
  for (; index + WORD <= length; index += WORD) {
    difference |= left.getInt32(index, true) ^ right.getInt32(index, true);
  }
  for (; index < length; index++) difference |= left.getInt8(index) ^ right.getInt8(index);
  return difference === 0;
}

/** True when every byte is zero, also for no bytes. The time taken depends on the length alone. */
export function isZero(bytes: Uint8Array): boolean {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let all = 0;
  let index = 0;
  for (; index + WORD <= length; index += WORD) all |= view.getInt32(index, true);
  for (; index < length; index++) all |= view.getInt8(index);
  return all === 0;
}
