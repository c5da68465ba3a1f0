import { resolve } from "node:path";
import { checkNow, checkText, copyBytes, readOptions } from "../bytes/arguments.js";
import { checkCount } from "../kds/counts.js";
import type { Cache } from "../kds/types.js";
import { decodeEntry, encodeEntry, entryFileName, frameLength } from "./cache-entry.js";
import { type FolderLimits, type FolderSize, look, sweep, writeWhole } from "./cache-folder.js";
import { fileErrorCode, readPlainFile } from "./read-file.js";

/** Options of `createFileCache`; an unknown name is a TypeError. */
export interface FileCacheOptions {
  /** The clock that entries expire by. Default: the machine's. */
  now?: () => Date;
  /** How many entries are kept; default 10,000. The oldest go first. */
  maxEntries?: number;
  /** How many bytes all files together may have; default 64 MiB. The oldest go first. */
  maxBytes?: number;
  /** A longer content is not kept; default 64 KiB, which every CRL and certificate of the KDS fits in. */
  maxEntryBytes?: number;
}

interface Settings extends FolderLimits {
  readonly folder: string;
  readonly now: () => number;
  readonly maxEntryBytes: number;
}

const NAMES = ["now", "maxEntries", "maxBytes", "maxEntryBytes"] as const satisfies (keyof FileCacheOptions)[];
const DEFAULT_MAX_ENTRIES = 10_000;
const DEFAULT_MAX_BYTES = 67_108_864;
const DEFAULT_MAX_ENTRY_BYTES = 65_536;
/** The longest key; the client's have some 300 bytes. */
const MAX_KEY_BYTES = 4096;
/** Half of a pair: in UTF-8 every one of them is the same U+FFFD, and two keys would be one. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function checkSettings(directory: unknown, options: FileCacheOptions): Settings {
  const { now = () => new Date(), ...counts } = readOptions(options, "options", NAMES);
  if (typeof now !== "function") throw new TypeError("options.now must be a function that returns a Date");
  const count = (name: keyof typeof counts, usual: number) => checkCount(counts[name] ?? usual, `options.${name}`, 1);
  const folder = checkText(directory, "directory");
  if (folder === "" || folder.includes("\0")) throw new TypeError("directory must name a folder");
  return {
    folder: resolve(folder),
    now: () => checkNow(now(), "options.now()"),
    maxEntries: count("maxEntries", DEFAULT_MAX_ENTRIES),
    maxBytes: count("maxBytes", DEFAULT_MAX_BYTES),
    maxEntryBytes: count("maxEntryBytes", DEFAULT_MAX_ENTRY_BYTES),
  };
}

function keyBytesOf(key: unknown): number {
  const text = checkText(key, "key");
  if (LONE_SURROGATE.test(text)) throw new TypeError("key must be well-formed text, found a lone surrogate");
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_KEY_BYTES) return bytes;
  throw new TypeError(`key must have at most ${MAX_KEY_BYTES} bytes, found ${bytes}`);
}

/** Milliseconds since 1970; what is out of all bounds was never to be kept. */
function expiryOf(value: unknown): number {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return Math.max(0, value.getTime());
  throw new TypeError("expiresAt must be a valid Date");
}

async function readEntry({ folder, now, maxEntryBytes }: Settings, key: string): Promise<Uint8Array | undefined> {
  const time = now();
  const name = entryFileName(key);
  const reading = await readPlainFile(resolve(folder, name), frameLength(keyBytesOf(key), maxEntryBytes));
  const entry = "bytes" in reading ? decodeEntry(reading.bytes) : null;
  return entry !== null && entry.key === key && entry.expiresAt > time ? entry.bytes : undefined;
}

/** Reads an entry; whatever is wrong with its file, there is no entry. */
async function get(settings: Settings, key: string): Promise<Uint8Array | undefined> {
  try {
    return await readEntry(settings, key);
  } catch (error) {
    if (fileErrorCode(error) === null) throw error;
    return undefined;
  }
}

/** Keeps the folder within its limits: counts own writes, and looks again when they may have filled it. */
function createKeeper(settings: Settings): (more: FolderSize) => Promise<void> {
  let known: FolderSize | undefined;
  let sweeping: Promise<FolderSize> | undefined;
  return async (more) => {
    known = known && { entries: known.entries + more.entries, bytes: known.bytes + more.bytes };
    if (known !== undefined && known.entries <= settings.maxEntries && known.bytes <= settings.maxBytes) return;
    sweeping ??= sweep(settings.folder, settings).finally(() => {
      sweeping = undefined;
    });
    known = await sweeping;
  };
}

/**
 * A cache of files, one an entry, for one process or several on one folder. Put under another name first and renamed,
 * an entry is there whole or not at all, also when its writer is killed.
 *
 * What is torn, altered, expired or no file of ours is a miss: each file says its key, its lengths, when it expires,
 * and the SHA-256 of all that. This tells damage, not malice: whoever may write to the folder can make entries. The
 * client verifies whatever comes out.
 *
 * The folder is made at the first write, for its owner alone. `set` rejects with the file system's error where it
 * cannot write; entries that are too long are not kept. The limits hold for the writes of one process; of several,
 * each counts its own until it looks again.
 *
 * @throws TypeError for a directory or an option of the wrong kind.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { createFileCache } from "attestry/node";
 *
 * const folder = await mkdtemp("/tmp/attestry-");
 * const cache = createFileCache(folder, { maxEntries: 1000 });
 * await cache.set("key", Uint8Array.of(1, 2, 3), { expiresAt: new Date(Date.now() + 60_000) });
 * const found = await createFileCache(folder).get("key");
 * if (found?.join() !== "1,2,3") throw new Error("the entry is gone");
 * await rm(folder, { recursive: true });
 * ```
 */
export function createFileCache(directory: string, options: FileCacheOptions = {}): Cache {
  const settings = checkSettings(directory, options);
  const keep = createKeeper(settings);
  return Object.freeze({
    get: (key: string) => get(settings, key),
    async set(key: string, content: Uint8Array, { expiresAt }: { readonly expiresAt: Date }): Promise<void> {
      const keyBytes = keyBytesOf(key);
      const bytes = copyBytes(content, "bytes");
      const length = frameLength(keyBytes, bytes.length);
      if (bytes.length > settings.maxEntryBytes || length > settings.maxBytes) return;
      const entry = encodeEntry({ key, expiresAt: expiryOf(expiresAt), bytes });
      const name = entryFileName(key);
      const before = await look(resolve(settings.folder, name));
      await writeWhole(settings.folder, name, entry);
      // An entry in the place of another adds none: a full folder would be counted anew at each.
      await keep({ entries: before === null ? 1 : 0, bytes: length - (before?.bytes ?? 0) });
    },
  });
}
