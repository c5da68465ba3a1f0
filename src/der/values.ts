import { equalBytes } from "../bytes/codecs.js";
import { type DerCursor, TAG } from "./cursor.js";

/** Longer than any OID in use; a UUID as an arc takes 19. */
const MAX_OID_BYTES = 64;

/** A BOOLEAN: 0x00 or 0xFF and nothing else. */
export function readBoolean(cursor: DerCursor): boolean {
  const element = cursor.take(TAG.boolean);
  const content = cursor.contentOf(element);
  if (content.length !== 1 || (content[0] !== 0x00 && content[0] !== 0xff)) {
    cursor.fail("a BOOLEAN that is neither 00 nor FF", element.start);
  }
  return content[0] === 0xff;
}

/** A NULL. */
export function readNull(cursor: DerCursor): void {
  const element = cursor.take(TAG.null);
  if (element.end !== element.content) cursor.fail("a NULL with content", element.start);
}

/**
 * A non-negative INTEGER in its minimal form, big-endian without leading zeros (zero is one zero byte), not copied.
 *
 * Negative ones are refused: nothing in the profile may be below zero.
 */
export function readUnsigned(cursor: DerCursor, maxBytes: number): Uint8Array {
  const element = cursor.take(TAG.integer);
  const content = cursor.contentOf(element);
  const first = content[0];
  const second = content[1];
  if (first === undefined) return cursor.fail("an INTEGER without content", element.start);
  if (first >= 0x80) cursor.fail("a negative INTEGER", element.start);
  if (first === 0 && second !== undefined && second < 0x80)
    cursor.fail("an INTEGER that is not minimal", element.start);
  const magnitude = first === 0 && second !== undefined ? content.subarray(1) : content;
  if (magnitude.length > maxBytes) cursor.fail(`an INTEGER of more than ${maxBytes} bytes`, element.start);
  return magnitude;
}

/** A non-negative INTEGER as a bigint. */
export function readBigInteger(cursor: DerCursor, maxBytes: number): bigint {
  return readUnsigned(cursor, maxBytes).reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** A non-negative INTEGER of one byte. */
export function readByteInteger(cursor: DerCursor): number {
  return Number(readBigInteger(cursor, 1));
}

/** An OCTET STRING, not copied. */
export function readOctetString(cursor: DerCursor): Uint8Array {
  return cursor.contentOf(cursor.take(TAG.octetString));
}

/** A BIT STRING of whole bytes, not copied. */
export function readBitStringBytes(cursor: DerCursor): Uint8Array {
  const element = cursor.take(TAG.bitString);
  const content = cursor.contentOf(element);
  if (content[0] !== 0) cursor.fail("a BIT STRING that is not whole bytes", element.start);
  return content.subarray(1);
}

/**
 * A BIT STRING of named bits: answers whether bit `n` is set. Unused bits must be zero.
 *
 * Zero bits at the end are let pass although X.690 section 11.2.2 leaves them out: AMD's ASK and ASVK write
 * keyUsage as 03 02 01 04, with one unused bit where two would be minimal.
 */
export function readNamedBits(cursor: DerCursor): (bit: number) => boolean {
  const element = cursor.take(TAG.bitString);
  const [unused, ...bits] = cursor.contentOf(element);
  const last = bits.at(-1);
  const unusedAreZero = last === undefined ? unused === 0 : (last & ((1 << Number(unused)) - 1)) === 0;
  if (unused === undefined || unused > 7 || !unusedAreZero) {
    cursor.fail("a BIT STRING with unused bits that are not zero, or too many of them", element.start);
  }
  return (bit) => (((bits[bit >> 3] ?? 0) << (bit & 7)) & 0x80) !== 0;
}

/** An OID as dotted decimal. */
export function readOid(cursor: DerCursor): string {
  const element = cursor.take(TAG.oid);
  const content = cursor.contentOf(element);
  if (content.length === 0 || content.length > MAX_OID_BYTES) {
    cursor.fail("an OID of an impossible length", element.start);
  }
  const dotted = readArcs(content);
  return dotted ?? cursor.fail("an OID arc that is cut or not minimal, or takes more than 53 bits", element.start);
}

/** Base-128 numbers, each in its shortest form and whole, below 2 to the 53rd, as dotted text; null otherwise. */
function readArcs(content: Uint8Array): string | null {
  let dotted = "";
  let open = false;
  let arc = 0;
  for (const byte of content) {
    if (!open && byte === 0x80) return null;
    arc = (open ? arc * 128 : 0) + (byte & 0x7f);
    open = byte >= 0x80;
    if (!Number.isSafeInteger(arc)) return null;
    if (!open) dotted += dotted === "" ? firstArcs(arc) : `.${arc}`;
  }
  return open ? null : dotted;
}

/** The first two arcs share one number: 40 times the first plus the second, which is free only under 2. */
function firstArcs(value: number): string {
  const root = value < 80 ? Math.floor(value / 40) : 2;
  return `${root}.${value - root * 40}`;
}

/** The characters of PrintableString (X.680 section 41.4). */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** A UTF8String, PrintableString or IA5String. */
export function readText(cursor: DerCursor): string {
  const tag = cursor.peek();
  if (tag !== TAG.utf8String && tag !== TAG.printableString && tag !== TAG.ia5String) {
    return cursor.fail("expected a UTF8String, PrintableString or IA5String");
  }
  const element = cursor.take(tag);
  const text = decodeUtf8(cursor.contentOf(element));
  if (text === null) return cursor.fail("text that is not UTF-8", element.start);
  if (tag === TAG.printableString && !PRINTABLE.test(text)) cursor.fail("not a PrintableString", element.start);
  // In UTF-8 a text has as many bytes as characters exactly when it is ASCII.
  if (tag === TAG.ia5String && text.length !== element.end - element.content) {
    cursor.fail("not an IA5String", element.start);
  }
  return text;
}

/** UTF-8 as text, byte for byte; null where it is none. */
function decodeUtf8(bytes: Uint8Array): string | null {
  // Nearly all of it is ASCII, where a byte is a character.
  const ascii = asciiText(bytes);
  if (ascii !== null) return ascii;
  // A BOM is kept and malformed bytes become U+FFFD, so encoding again gives the same bytes exactly for valid UTF-8.
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return equalBytes(new TextEncoder().encode(text), bytes) ? text : null;
}

/** The text of ASCII bytes; null when one is none. */
export function asciiText(bytes: Uint8Array): string | null {
  let text = "";
  for (const byte of bytes) {
    if (byte >= 0x80) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}
