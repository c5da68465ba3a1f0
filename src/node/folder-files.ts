import { opendir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { textOf } from "../bytes/text.js";
import { CollateralError } from "../errors.js";
import { fileErrorCode, readPlainFile } from "./read-file.js";

/** A folder that nothing outside of is read from. */
export interface Folder {
  /** Where it really is, no link on the way. */
  readonly root: string;
  /** What is looked for, for errors. */
  readonly role: string;
}

/** A file of the folder. */
export interface FolderFile {
  /** Inside the folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const MAX_FILE_BYTES = 65_536;
/** A chip has a certificate for each TCB it had: a handful. */
const MAX_FILES = 64;
/** What is not there, and what cannot be there since its folder is a file. */
const ABSENT: readonly unknown[] = ["ENOENT", "ENOTDIR"];

function failed({ root, role }: Folder, reason: string, options: ErrorOptions & { retryable: boolean }) {
  const message = `the folder ${JSON.stringify(root)} did not give the ${role}: ${reason}`;
  return new CollateralError("ERR_COLLATERAL_UNAVAILABLE", message, { role, reason }, options);
}

/** What `look` finds; null where the file system says that it is not there. Its other errors are the folder's. */
async function found<T>(folder: Folder, path: string, look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (cause) {
    const code = fileErrorCode(cause);
    if (code === null) throw cause;
    if (ABSENT.includes(code)) return null;
    throw failed(folder, `${JSON.stringify(path)}: ${code}`, { cause, retryable: true });
  }
}

/**
 * A folder by its path, which may be a link.
 *
 * @throws CollateralError `ERR_COLLATERAL_UNAVAILABLE` where there is none
 */
export async function openFolder(directory: string, role: string): Promise<Folder> {
  const given = { root: directory, role };
  const root = await found(given, ".", () => realpath(directory));
  if (root === null) throw failed(given, "there is no such folder", { retryable: false });
  return { root, role };
}

/**
 * Where a path inside the folder really is; null where there is none. Links are followed, as mounted secrets are made
 * of them, but none that leads out.
 */
async function place(folder: Folder, path: string): Promise<string | null> {
  const { root } = folder;
  const real = await found(folder, path, () => realpath(join(root, path)));
  if (real === null || real.startsWith(root.endsWith(sep) ? root : root + sep)) return real;
  throw failed(folder, `${JSON.stringify(path)} is a link that leads out of the folder`, { retryable: false });
}

/**
 * A file of the folder, at most 64 KiB; null where there is none.
 *
 * @param path - made of names that the caller made up, never of foreign text
 * @throws CollateralError `ERR_COLLATERAL_UNAVAILABLE` for a link out of the folder, anything but a plain file, one that is too long, or one that the file system does not give
 */
export async function readIn(folder: Folder, path: string): Promise<FolderFile | null> {
  const real = await place(folder, path);
  const reading = real === null ? null : await found(folder, path, () => readPlainFile(real, MAX_FILE_BYTES));
  if (reading === null) return null;
  if ("bytes" in reading) return { path, bytes: reading.bytes };
  const reason = reading.refused === "too-long" ? `has more than ${MAX_FILE_BYTES} bytes` : "is no plain file";
  throw failed(folder, `${JSON.stringify(path)} ${reason}`, { retryable: false });
}

async function namesOf(real: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(real)) {
    names.push(name);
    if (names.length > MAX_FILES) break;
  }
  return names.sort();
}

/** The files of a folder inside that have such names; none where there is no such folder. @throws as `readIn` */
export async function readAllIn(folder: Folder, path: string, pattern: RegExp): Promise<FolderFile[]> {
  const real = await place(folder, path);
  const names = (real === null ? null : await found(folder, path, () => namesOf(real))) ?? [];
  if (names.length > MAX_FILES) {
    throw failed(folder, `${JSON.stringify(path)} holds more than ${MAX_FILES} files`, { retryable: false });
  }
  const files: FolderFile[] = [];
  for (const name of names) {
    const file = pattern.test(name) ? await readIn(folder, join(path, name)) : null;
    if (file !== null) files.push(file);
  }
  return files;
}

/** The error of a file whose content cannot be read. */
export function badFile(folder: Folder, { path }: FolderFile, cause: Error): CollateralError {
  return failed(folder, `${JSON.stringify(path)}: ${textOf(cause.message)}`, { cause, retryable: false });
}
