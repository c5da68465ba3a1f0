import { createHash } from "node:crypto";

const KEYS = 25;
const LONGEST = 60_000;

/** Bytes that say which write they are of and can be told whole from torn: the number, then what follows from it. */
function contentOf(count: number): Uint8Array {
  const length = 4 + ((count * 7919) % LONGEST);
  const block = createHash("sha512").update(String(count)).digest();
  const bytes = Buffer.alloc(length, block);
  bytes.writeUInt32BE(count, 0);
  return bytes;
}

/** What the write of that number puts into the cache: few keys, so that entries are replaced all the time. */
export function entryAt(count: number): { key: string; bytes: Uint8Array } {
  return { key: `key ${count % KEYS}`, bytes: contentOf(count) };
}

/** Every key that a writer uses. */
export const ALL_KEYS: readonly string[] = Array.from({ length: KEYS }, (_, index) => `key ${index}`);

/** True for the whole content of some write under this key. */
export function isWhole(key: string, bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const found = Buffer.from(bytes);
  const written = entryAt(found.readUInt32BE(0));
  return written.key === key && found.equals(written.bytes);
}
