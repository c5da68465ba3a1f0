const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
  '"': 34,
  "'": 39,
  "?": 63,
  "\\": 92,
};

/** Plain text; an octal byte; a hex byte; a code point of 4 or 8 digits; one character; or what is no escape. */
const PIECE = /([^\\]+)|\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|\\(.)/gsu;

function bytesOf(code: number): readonly number[] | null {
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  return surrogate || code > 0x10ffff ? null : [...new TextEncoder().encode(String.fromCodePoint(code))];
}

/** The bytes of one piece; null where it is no escape, or one of no byte or character. */
function pieceBytes([, plain, octal, hex, short, long, simple]: RegExpMatchArray): readonly number[] | null {
  if (plain !== undefined) return [...new TextEncoder().encode(plain)];
  if (octal !== undefined) return Number.parseInt(octal, 8) <= 0xff ? [Number.parseInt(octal, 8)] : null;
  if (hex !== undefined) return [Number.parseInt(hex, 16)];
  const point = short ?? long;
  if (point !== undefined) return bytesOf(Number.parseInt(point, 16));
  const byte = SIMPLE[String(simple)];
  return byte === undefined ? null : [byte];
}

/**
 * The bytes that string literals of protobuf's text format spell together, in their quotes; characters as UTF-8.
 * Null where one has an escape that the format does not know.
 */
export function decodeLiterals(literals: readonly string[]): Uint8Array | null {
  const bytes: number[] = [];
  for (const literal of literals) {
    for (const piece of literal.slice(1, -1).matchAll(PIECE)) {
      const decoded = pieceBytes(piece);
      if (decoded === null) return null;
      for (const byte of decoded) bytes.push(byte);
    }
  }
  return Uint8Array.from(bytes);
}
