import { concatBytes } from "../../../src/bytes/codecs.js";
import { utf8 } from "./bytes.js";

/** A varint in its shortest form. */
export function varint(value: bigint | number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** The tag of a field. */
export function tag(number: number, wireType: number): Uint8Array {
  return varint(BigInt(number) * 8n + BigInt(wireType));
}

/** A field: a varint for a number, length-delimited for all else. */
export function field(number: number, value: bigint | number | string | Uint8Array): Uint8Array {
  if (typeof value === "bigint" || typeof value === "number") return concatBytes(tag(number, 0), varint(value));
  const bytes = typeof value === "string" ? utf8(value) : value;
  return concatBytes(tag(number, 2), varint(bytes.length), bytes);
}

/** A message of these fields, in this order; numbers that are zero are left out, as proto3 has it. */
export function message(fields: readonly (readonly [number, bigint | number | string | Uint8Array])[]): Uint8Array {
  const present = fields.filter(([, value]) => value !== 0 && value !== 0n);
  return concatBytes(...present.map(([number, value]) => field(number, value)));
}
