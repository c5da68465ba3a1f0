import { buildFirmware, type FirmwareRecipe, type Section, SYNTHETIC } from "../../scripts/vectors/firmware.js";
import type { ImageReader } from "../../src/measure/index.js";

/** Numbers of 0 to 2^32 - 1 that a seed decides (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** The synthetic firmware with other tables. */
export function firmwareWith(changes: Partial<FirmwareRecipe> = {}): Uint8Array {
  return buildFirmware({ ...SYNTHETIC, ...changes });
}

/** An image of some pages whose bytes a seed decides, with the tables of the synthetic one. */
export function randomFirmware(seed: number, pages: number, changes: Partial<FirmwareRecipe> = {}): Uint8Array {
  const next = numbersFrom(seed);
  return firmwareWith({ size: pages * 4096, fill: () => next() & 0xff, ...changes });
}

/** An SVSM image: its entry lies at 0x200 of its bytes. */
export function svsmWith(changes: Partial<FirmwareRecipe> = {}): Uint8Array {
  const sections: Section[] = [
    [0x900000, 0x1000, 1],
    [0x901000, 0x1000, 2],
    [0x902000, 0x1000, 3],
  ];
  return firmwareWith({ size: 0x2000, sections, resetVector: null, hashTable: null, svsmEntry: 0x200, ...changes });
}

/** The bytes through a reader, and how it was asked. */
export function readerOf(bytes: Uint8Array): ImageReader & { readonly asked: { offset: number; length: number }[] } {
  const asked: { offset: number; length: number }[] = [];
  return {
    size: bytes.length,
    asked,
    read(offset, length) {
      asked.push({ offset, length });
      return Promise.resolve(bytes.slice(offset, offset + length));
    },
  };
}

/** The bytes in pieces of one size. */
export function* piecesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** The same, one after the other in time. */
export async function* slowPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (const piece of piecesOf(bytes, size)) yield await Promise.resolve(piece);
}
