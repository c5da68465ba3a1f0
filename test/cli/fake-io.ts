import { readdir, readFile, stat } from "node:fs/promises";
import type { CliIo, TextOutput } from "../../src/cli/io.js";
import type { Transport, TransportRequest } from "../../src/kds/types.js";

/** What stands around a run of the command. */
export interface FakeSetting {
  /** Files by path; a folder is there when a path begins with its name and a slash. */
  files?: Readonly<Record<string, Uint8Array | string>>;
  /** Errors that opening a path meets. */
  fails?: Readonly<Record<string, Error>>;
  stdin?: Uint8Array | string | AsyncIterable<Uint8Array>;
  /** Paths that are not in `files` are looked up on the disk. */
  disk?: boolean;
  isTerminal?: boolean;
  columns?: number;
  env?: Record<string, string>;
  now?: Date;
  /** The network; without it a run that opens one fails. */
  transport?: Transport;
  /** Called at each write to stdout; may throw. */
  onWrite?: (text: string) => void;
  /** stdout counts as closed after this many writes. */
  closesAfter?: number;
}

const utf8 = new TextEncoder();

/** Text as UTF-8; bytes as they are. */
export function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === "string" ? utf8.encode(content) : content;
}

/** The bytes in pieces, so that no reader may count on one. */
export async function* pieces(content: Uint8Array | string, size = 700): AsyncGenerator<Uint8Array> {
  const bytes = bytesOf(content);
  for (let start = 0; start < bytes.length; start += size)
    yield await Promise.resolve(bytes.slice(start, start + size));
}

/** An error as the system makes it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no luck`), { code });
}

function collector(setting: FakeSetting, onWrite: (text: string) => void) {
  const texts: string[] = [];
  let closed = false;
  const output: TextOutput = {
    get closed() {
      return closed;
    },
    isTerminal: setting.isTerminal ?? false,
    columns: setting.columns ?? null,
    write: async (text) => {
      await Promise.resolve();
      onWrite(text);
      if (!closed) texts.push(text);
      closed ||= texts.length >= (setting.closesAfter ?? Number.POSITIVE_INFINITY);
    },
  };
  return { output, text: () => texts.join("") };
}

/** A world of its own for one run, and what the run wrote. */
export function fakeIo(setting: FakeSetting = {}) {
  const files = new Map(Object.entries(setting.files ?? {}).map(([path, content]) => [path, bytesOf(content)]));
  const stdin = setting.stdin ?? "";
  const written: string[] = [];
  let open = 0;
  const stdout = collector(setting, setting.onWrite ?? (() => undefined));
  const stderr = collector({ isTerminal: setting.isTerminal ?? false }, () => undefined);
  const io: CliIo = {
    stdin: typeof stdin === "string" || stdin instanceof Uint8Array ? pieces(stdin) : stdin,
    stdout: stdout.output,
    stderr: stderr.output,
    env: setting.env ?? {},
    now: () => setting.now ?? new Date("2026-09-01T00:00:00Z"),
    openFile: async function* (path) {
      const failure = setting.fails?.[path];
      if (failure !== undefined) throw failure;
      const content = files.get(path);
      if (content !== undefined) return yield* pieces(content);
      if (setting.disk !== true) throw systemError("ENOENT");
      yield await readFile(path);
    },
    listFolder: async (path) => {
      if (files.has(path)) return null;
      const names = [...files.keys()]
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1));
      if (names.length > 0) return names;
      if (setting.disk !== true) throw systemError("ENOENT");
      return (await stat(path)).isDirectory() ? await readdir(path) : null;
    },
    writeFile: async (path, bytes, { replace }) => {
      await Promise.resolve();
      const failure = setting.fails?.[path];
      if (failure !== undefined) throw failure;
      if (files.has(path) && !replace) throw systemError("EEXIST");
      files.set(path, bytes.slice());
      written.push(path);
    },
    makeFolder: async (path) => {
      await Promise.resolve();
      if (files.has(path)) throw systemError("EEXIST");
    },
    openTransport: async () => {
      await Promise.resolve();
      const transport = setting.transport;
      if (transport === undefined) throw new Error("this run may not use the network");
      open++;
      const close = async () => {
        await Promise.resolve();
        open--;
      };
      return Object.assign((request: TransportRequest) => transport(request), { close });
    },
  };
  const writtenFiles = () => Object.fromEntries(written.map((path) => [path, files.get(path) ?? new Uint8Array(0)]));
  return { io, stdout: stdout.text, stderr: stderr.text, written: writtenFiles, openTransports: () => open };
}
