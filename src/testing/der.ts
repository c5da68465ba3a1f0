import { concatBytes } from "../bytes/codecs.js";
import { bytesToNumber, numberToBytes } from "./numbers.js";

/**
 * A tag, a length and content, written as DER: minimal definite length. The content is not looked at.
 *
 * Takes any tag byte, so that a test can also write what no encoder would.
 */
export function tlv(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  if (body.length < 0x80) return concatBytes(Uint8Array.of(tag, body.length), body);
  const size = minimalBytes(BigInt(body.length));
  return concatBytes(Uint8Array.of(tag, 0x80 | size.length), size, body);
}

function minimalBytes(value: bigint): Uint8Array {
  return numberToBytes(value, Math.max(1, Math.ceil(value.toString(16).length / 2)));
}

/** SEQUENCE of the parts. */
export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x30, ...parts);
}

/** SET of the parts in the order given; DER's sorting is the caller's affair. */
export function set(...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0x31, ...parts);
}

/** A constructed context tag, `[number]`, around the parts. */
export function explicit(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return tlv(0xa0 | number, ...parts);
}

/** INTEGER, minimal, negative numbers included. */
export function integer(value: bigint | number): Uint8Array {
  const number = BigInt(value);
  // Two's complement: the shortest length whose sign bit agrees.
  let length = 1;
  while (BigInt.asIntN(8 * length, number) !== number) length++;
  return tlv(0x02, numberToBytes(BigInt.asUintN(8 * length, number), length));
}

/** BOOLEAN. */
export function boolean(value: boolean): Uint8Array {
  return Uint8Array.of(0x01, 0x01, value ? 0xff : 0x00);
}

/** NULL. */
export function nil(): Uint8Array {
  return Uint8Array.of(0x05, 0x00);
}

/** OCTET STRING. */
export function octetString(content: Uint8Array): Uint8Array {
  return tlv(0x04, content);
}

/** BIT STRING; `unusedBits` of the last byte do not count. */
export function bitString(content: Uint8Array, unusedBits = 0): Uint8Array {
  return tlv(0x03, Uint8Array.of(unusedBits), content);
}

/** UTF8String. */
export function utf8String(text: string): Uint8Array {
  return tlv(0x0c, new TextEncoder().encode(text));
}

/** PrintableString; the characters are not checked. */
export function printableString(text: string): Uint8Array {
  return tlv(0x13, new TextEncoder().encode(text));
}

/** IA5String; the characters are not checked. */
export function ia5String(text: string): Uint8Array {
  return tlv(0x16, new TextEncoder().encode(text));
}

function arc(value: bigint): Uint8Array {
  const digits = [Number(value & 0x7fn)];
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from(digits);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0n, second = 0n, ...rest] = dotted.split(".").map((part) => BigInt(part));
  return tlv(0x06, ...[first * 40n + second, ...rest].map(arc));
}

/** UTCTime to the second; the year must be in 1950..2049. */
export function utcTime(time: Date): Uint8Array {
  return tlv(0x17, new TextEncoder().encode(timeText(time).slice(2)));
}

/** GeneralizedTime to the second. */
export function generalizedTime(time: Date): Uint8Array {
  return tlv(0x18, new TextEncoder().encode(timeText(time)));
}

function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19).replaceAll(/[-T:]/g, "")}Z`;
}

/** The content of a value: what follows its tag and length. Takes no more than a well-formed value that fills `der`. */
export function contentOf(der: Uint8Array): Uint8Array {
  const first = der[1] ?? 0;
  const header = first < 0x80 ? 2 : 2 + (first & 0x7f);
  const length = first < 0x80 ? first : Number(bytesToNumber(der.subarray(2, header)));
  if (header + length !== der.length) throw new TypeError("der must be one DER value and nothing after it");
  return der.subarray(header);
}
