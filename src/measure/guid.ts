import { fromHex, toHex } from "../bytes/codecs.js";

/** The first three groups of a GUID are little-endian in EFI's tables, as these places of its hex digits say. */
const SWAPPED = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

function swap(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(SWAPPED, (place) => bytes[place] ?? 0);
}

/** The text of a GUID as EFI stores it; lower case, with hyphens. */
export function guidText(bytes: Uint8Array): string {
  return toHex(swap(bytes)).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** The bytes of a GUID as EFI stores it. */
export function guidBytes(text: string): Uint8Array {
  return swap(fromHex(text.replaceAll("-", "")));
}
