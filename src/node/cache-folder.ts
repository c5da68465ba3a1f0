import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { fileErrorCode } from "./read-file.js";

/** How much may lie in the folder. */
export interface FolderLimits {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** What lies in the folder, as far as entries go. */
export interface FolderSize {
  readonly entries: number;
  readonly bytes: number;
}

interface FoundFile {
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly written: number;
}

const ENTRY_NAME = /^[0-9a-f]{64}\.entry$/;
const TEMPORARY_NAME = /^[0-9a-f-]{36}\.writing$/;
/** A write takes milliseconds: what is older belongs to a process that was killed. */
const LEFT_BEHIND_MS = 600_000;
/** What a sweep leaves of each limit, so that not every further write has to sweep. */
const KEPT_PART = 0.9;
const OWNER_ALONE = 0o600;
const OWNER_FOLDER = 0o700;

/**
 * Puts a file in its place whole or not at all: under another name first, on the disk, then renamed.
 *
 * @throws the error of the file system
 */
export async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(folder, { recursive: true, mode: OWNER_FOLDER });
  const temporary = join(folder, `${randomUUID()}.writing`);
  const file = await open(temporary, "wx", OWNER_ALONE);
  try {
    try {
      await file.writeFile(bytes);
      // Without it, a crash of the machine could leave the new name with nothing behind it.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await remove(temporary);
    throw error;
  }
}

/** Removes a file that may be gone already, or be removed by another process at this moment. */
async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (fileErrorCode(error) === null) throw error;
  }
}

/** What lies at a path; null where nothing does. @throws the error of the file system */
export async function look(path: string): Promise<FoundFile | null> {
  try {
    const { size, mtimeMs } = await lstat(path);
    return { path, bytes: size, written: mtimeMs };
  } catch (error) {
    // Never there, or removed by another process between the listing and this look.
    if (fileErrorCode(error) === "ENOENT") return null;
    throw error;
  }
}

async function find(folder: string, pattern: RegExp): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  for (const name of await readdir(folder)) {
    const file = pattern.test(name) ? await look(join(folder, name)) : null;
    if (file !== null) found.push(file);
  }
  return found;
}

/** Removes the oldest entries until the folder is well below its limits; the newest one stays. */
async function evict(entries: readonly FoundFile[], { maxEntries, maxBytes }: FolderLimits): Promise<FolderSize> {
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  let left = entries.length;
  if (left <= maxEntries && bytes <= maxBytes) return { entries: left, bytes };
  for (const entry of [...entries].sort((a, b) => a.written - b.written)) {
    if (left <= 1 || (left <= maxEntries * KEPT_PART && bytes <= maxBytes * KEPT_PART)) break;
    await remove(entry.path);
    left--;
    bytes -= entry.bytes;
  }
  return { entries: left, bytes };
}

/**
 * Counts what lies in a cache's folder, removes what killed processes left behind, and, where it is too much, the
 * entries that were written longest ago. Files of other names are left alone and not counted.
 *
 * @throws the error of the file system, where the folder cannot be listed
 */
export async function sweep(folder: string, limits: FolderLimits): Promise<FolderSize> {
  for (const { path, written } of await find(folder, TEMPORARY_NAME)) {
    // The clock of the machine, which set the file's time as well.
    if (Date.now() - written > LEFT_BEHIND_MS) await remove(path);
  }
  return await evict(await find(folder, ENTRY_NAME), limits);
}
