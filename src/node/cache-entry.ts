import { createHash } from "node:crypto";

/** What a cache file says beside its content. */
export interface CacheEntry {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly bytes: Uint8Array;
}

/** What every file begins with; another form is another text. */
const MAGIC = Buffer.from("attestry cache 1\n", "latin1");
const DIGEST_BYTES = 32;
const FIXED_BYTES = 8 + 4 + 4;
/** Bytes that a file has beside its key and its content. */
const FRAME_BYTES = MAGIC.length + FIXED_BYTES + DIGEST_BYTES;

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** How long the file of an entry is. */
export function frameLength(keyBytes: number, contentBytes: number): number {
  return FRAME_BYTES + keyBytes + contentBytes;
}

/** The file's name: a key may hold what no file name may, and be of any length. */
export function entryFileName(key: string): string {
  return `${sha256(Buffer.from(key, "utf8")).toString("hex")}.entry`;
}

/**
 * The bytes of a cache file: a line that names the form; expiry (u64), length of the key and of the content (u32
 * each), big-endian; key, content; SHA-256 of all that.
 */
export function encodeEntry({ key, expiresAt, bytes }: CacheEntry): Uint8Array {
  const name = Buffer.from(key, "utf8");
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeBigUInt64BE(BigInt(expiresAt), 0);
  fixed.writeUInt32BE(name.length, 8);
  fixed.writeUInt32BE(bytes.length, 12);
  const body = Buffer.concat([MAGIC, fixed, name, bytes]);
  return Buffer.concat([body, sha256(body)]);
}

/** What a cache file holds; null for a file that is torn, altered, of another form, or no cache file. Never throws. */
export function decodeEntry(file: Uint8Array): CacheEntry | null {
  const all = Buffer.from(file.buffer, file.byteOffset, file.length);
  if (all.length < FRAME_BYTES || !all.subarray(0, MAGIC.length).equals(MAGIC)) return null;
  const body = all.subarray(0, all.length - DIGEST_BYTES);
  if (!sha256(body).equals(all.subarray(body.length))) return null;
  const at = MAGIC.length;
  const expiresAt = Number(body.readBigUInt64BE(at));
  const keyBytes = body.readUInt32BE(at + 8);
  const contentBytes = body.readUInt32BE(at + 12);
  if (frameLength(keyBytes, contentBytes) !== all.length) return null;
  const start = at + FIXED_BYTES + keyBytes;
  const key = body.subarray(at + FIXED_BYTES, start).toString("utf8");
  return { key, expiresAt, bytes: Uint8Array.from(body.subarray(start)) };
}
