import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** A file is opened without following a link at its end, and without waiting for the other end of a pipe. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const PIECE_BYTES = 65_536;

/** Reads to the end, at most one byte more than allowed: what a file says of its size may be wrong or change. */
async function readPieces(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  while (length <= maxBytes) {
    const piece = Buffer.alloc(Math.min(PIECE_BYTES, maxBytes + 1 - length));
    const { bytesRead } = await file.read(piece, 0, piece.length, null);
    if (bytesRead === 0) break;
    pieces.push(piece.subarray(0, bytesRead));
    length += bytesRead;
  }
  return Buffer.concat(pieces);
}

/** A file's bytes, or why there are none: it is no plain file, or it is longer than allowed. */
export type FileReading = { readonly bytes: Uint8Array } | { readonly refused: "no-file" | "too-long" };

/**
 * The bytes of a plain file, at most `maxBytes`. A link is not followed; pipes, devices and folders are not read.
 *
 * @throws the error of the file system, its `code` such as ENOENT; ELOOP for a link.
 */
export async function readPlainFile(path: string, maxBytes: number): Promise<FileReading> {
  const file = await open(path, READ_FLAGS);
  try {
    if (!(await file.stat()).isFile()) return { refused: "no-file" };
    const bytes = await readPieces(file, maxBytes);
    return bytes.length > maxBytes ? { refused: "too-long" } : { bytes: Uint8Array.from(bytes) };
  } finally {
    await file.close();
  }
}

/** The `code` of an error of the file system; null for any other error. Never throws. */
export function fileErrorCode(error: unknown): string | null {
  if (!(error instanceof Error && "syscall" in error && "code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}
