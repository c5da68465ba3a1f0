import type { CliIo } from "./io.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "a folder has this name",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENAMETOOLONG: "the name is too long",
};

/** A place where the system would not write is the caller's mistake; a full disk, say, is not. */
function unwritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  if (error.code === "EEXIST") return exists(path);
  const reason = REASONS[error.code];
  return reason === undefined ? error : new UsageError(`cannot write ${printable(path)}: ${reason}`, { cause: error });
}

function exists(path: string): UsageError {
  return new UsageError(`${printable(path)} is there already; name another place, or write over it with --force`);
}

/** A file to write. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What is at a place: names of a folder, null for a file, undefined for nothing that can be seen. */
async function whatIsAt(io: CliIo, path: string): Promise<readonly string[] | null | undefined> {
  try {
    return await io.listFolder(path);
  } catch {
    // Whatever is wrong with the place comes to light where it is written to.
    return undefined;
  }
}

/**
 * Refuses early, before anything is downloaded, what could not be written later. The writing itself looks again.
 *
 * @param force - a file that is there may be written over; a folder never
 * @throws UsageError for a file or folder that is there.
 */
export async function refuseExisting(io: CliIo, paths: readonly string[], force: boolean): Promise<void> {
  for (const path of paths) {
    const found = await whatIsAt(io, path);
    if (found === null && !force) throw exists(path);
    if (Array.isArray(found)) throw new UsageError(`cannot write ${printable(path)}: a folder has this name`);
  }
}

/**
 * Writes files, each whole or not at all.
 *
 * @param force - write over files that are there
 * @throws UsageError for a file that is there and a place that cannot be written to.
 */
export async function writeOutput(io: CliIo, files: readonly OutputFile[], force: boolean): Promise<void> {
  for (const { path, bytes } of files) {
    try {
      await io.writeFile(path, bytes, { replace: force });
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}

/** Makes a folder for output. @throws UsageError where that cannot be. */
export async function makeOutputFolder(io: CliIo, path: string): Promise<void> {
  try {
    await io.makeFolder(path);
  } catch (error) {
    const isFile = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (!isFile) throw unwritable(path, error);
    throw new UsageError(`cannot write ${printable(path)}: a file has this name`, { cause: error });
  }
}
