import type { Transport } from "../kds/types.js";

/** A stream of text that people or programs read. */
export interface TextOutput {
  /** Writes and waits until the stream takes more; does nothing once the reader has gone. */
  write(text: string): Promise<void>;
  /** True once the reader has gone (a closed pipe). */
  readonly closed: boolean;
  readonly isTerminal: boolean;
  /** The width of the terminal in characters; null where there is none. */
  readonly columns: number | null;
}

/** A transport that holds connections until it is closed. */
export type ClosingTransport = Transport & { close(): Promise<void> };

/** Everything that the command touches outside itself, so that tests need no process. */
export interface CliIo {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The clock; read once a run, or once a conformance line never (its line says `now`). */
  now(): Date;
  /** The bytes of a file, piece by piece; the iteration throws where it cannot be read. */
  openFile(path: string): AsyncIterable<Uint8Array>;
  /** The names of the plain files in a folder, or null where `path` is no folder. Throws where nothing is there. */
  listFolder(path: string): Promise<readonly string[] | null>;
  /**
   * Writes a file whole or not at all: under another name first, which then takes the file's place.
   *
   * Unless `replace` is true a file that is there is left alone, and the promise rejects with the code `EEXIST`.
   */
  writeFile(path: string, bytes: Uint8Array, options: { readonly replace: boolean }): Promise<void>;
  /** Makes a folder, and those above it; one that is there is fine. */
  makeFolder(path: string): Promise<void>;
  /** The way to the network, opened when something is to be downloaded. */
  openTransport(): Promise<ClosingTransport>;
}
