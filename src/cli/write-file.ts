import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file: FileHandle = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Takes a name that nobody has, with an empty file that is about to be replaced. Rejects with `EEXIST`. */
async function claim(path: string): Promise<void> {
  await (await open(path, "wx")).close();
}

/** What cannot be cleared away is not worth more than the error that led here. */
async function clearAway(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
}

async function moveIntoPlace(temporary: string, path: string, replace: boolean): Promise<void> {
  if (!replace) await claim(path);
  try {
    await rename(temporary, path);
  } catch (error) {
    if (!replace) await clearAway(path);
    throw error;
  }
}

/**
 * Writes a file whole or not at all: the bytes go under another name in the same folder, reach the disk, and then
 * take the file's place. Hard links would do the same with one step less, where the file system knows them.
 *
 * @param options - `replace`: false leaves a file alone that is there, and rejects with the system's `EEXIST`
 */
export async function writeFileWhole(
  path: string,
  bytes: Uint8Array,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeNew(temporary, bytes);
    await moveIntoPlace(temporary, path, replace);
  } catch (error) {
    await clearAway(temporary);
    throw error;
  }
}
