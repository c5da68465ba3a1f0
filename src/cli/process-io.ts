import { createReadStream } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import type { WriteStream } from "node:tty";
import { createUndiciTransport } from "../node/undici-transport.js";
import type { CliIo, ClosingTransport, TextOutput } from "./io.js";
import { UsageError } from "./usage-error.js";
import { writeFileWhole } from "./write-file.js";

const READER_GONE: ReadonlySet<unknown> = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "EOF"]);

function isReaderGone(error: Error): boolean {
  return "code" in error && READER_GONE.has(error.code);
}

/** A stream of the process as an output: a reader who leaves early is no error, a full disk is one. */
export function textOutput(stream: WriteStream): TextOutput {
  let closed = false;
  // Without a listener a closed pipe ends the process with a stack trace; `write` hears of every error itself.
  stream.on("error", (error) => {
    closed ||= isReaderGone(error);
  });
  return {
    get closed() {
      return closed;
    },
    // A pipe or a file has no such member at all, whatever the type says.
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? null;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        if (closed) return resolve();
        stream.write(text, (error) => {
          if (error === undefined || error === null) return resolve();
          if (!isReaderGone(error)) return reject(error);
          closed = true;
          resolve();
        });
      }),
  };
}

async function listFolder(path: string): Promise<readonly string[] | null> {
  if (!(await stat(path)).isDirectory()) return null;
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
}

/** The network, through the proxy that the environment names. @throws UsageError where what it names is no URL. */
async function openTransport(): Promise<ClosingTransport> {
  try {
    return await createUndiciTransport();
  } catch (error) {
    // Without options of its own nothing but the environment can be wrong.
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.replace(/, or options\..*$/, ""), { cause: error });
  }
}

/** The process: its streams, its environment, its clock, its files. */
export function processIo(): CliIo {
  return {
    // Read when asked for: touching stdin holds the process open.
    get stdin() {
      return process.stdin;
    },
    stdout: textOutput(process.stdout),
    stderr: textOutput(process.stderr),
    env: process.env,
    now: () => new Date(),
    openFile: (path) => createReadStream(path),
    listFolder,
    writeFile: writeFileWhole,
    makeFolder: async (path) => {
      await mkdir(path, { recursive: true });
    },
    openTransport,
  };
}
