import { malformedContainer } from "../evidence/container-error.js";
import { fileErrorCode, readPlainFile } from "./read-file.js";

/** One file of several that evidence comes in. */
export interface ContainerFile {
  /** What the files together are called in errors. */
  readonly container: string;
  /** What this one is called in errors. */
  readonly name: string;
  readonly path: string;
  readonly maxBytes: number;
}

/**
 * The bytes of one file of a container; null where the file system says one of `absent`, for instance ENOENT.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for a file that cannot be read, a link, anything but a plain file,
 * or one that is too long.
 */
export async function readContainerFile(file: ContainerFile, absent: readonly string[]): Promise<Uint8Array | null> {
  const { container, name, path, maxBytes } = file;
  try {
    const reading = await readPlainFile(path, maxBytes);
    if ("bytes" in reading) return reading.bytes;
    const found = reading.refused === "too-long" ? `more than ${maxBytes} bytes` : "something else";
    throw malformedContainer(container, name, `expected a file of at most ${maxBytes} bytes, found ${found}`);
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === null) throw error;
    if (absent.includes(code)) return null;
    throw malformedContainer(container, name, `expected a file that can be read, found ${code}`);
  }
}

/** As `readContainerFile`, for a file that must be there. */
export async function needContainerFile(file: ContainerFile): Promise<Uint8Array> {
  const bytes = await readContainerFile(file, []);
  if (bytes === null) throw malformedContainer(file.container, file.name, "expected a file, found none");
  return bytes;
}
