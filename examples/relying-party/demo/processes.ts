import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { createInterface } from "node:readline";

/** A process that listens on loopback. */
export interface Listening {
  readonly port: number;
  readonly pid: number;
  /** Ends it by a signal, and waits until it has ended. @returns its exit code, null after a signal */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** What it wrote to standard output, line by line. */
  readonly lines: readonly string[];
}

/** A machine without Redis: the message says what to install. */
export class RedisMissing extends Error {
  override name = "RedisMissing";
}

/** How TypeScript is run here, and where the names of our own packages lead. */
const RUN_TYPESCRIPT = ["--import", "tsx"];
const TSX_CONFIG = new URL("../../../tsconfig.test.json", import.meta.url).pathname;

function environment(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME, TSX_TSCONFIG_PATH: TSX_CONFIG, ...more };
}

/** Nothing that we started outlives us, however we end. */
function endWithUs<Child extends ChildProcess>(child: Child): Child {
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

function portOf(line: string): number | null {
  if (!line.includes('"listening"')) return null;
  const { port } = JSON.parse(line);
  return typeof port === "number" ? port : null;
}

/** Starts a TypeScript file that says in JSON on which port it listens. */
export async function startListening(
  file: URL,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Listening> {
  const command = [...RUN_TYPESCRIPT, file.pathname, ...args];
  const child = endWithUs(
    spawn(process.execPath, command, { stdio: ["ignore", "pipe", "inherit"], env: environment(env) }),
  );
  const lines: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${file.pathname} ended with ${code} before it listened`)));
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line);
      const found = portOf(line);
      if (found !== null) resolve(found);
    });
  });
  return { port, pid: child.pid ?? 0, lines, stop: (signal = "SIGTERM") => stop(child, signal) };
}

/** Starts a TypeScript file that is told what to do, and answers, one message after the other. */
export async function startTold<Command extends object, Reply>(
  file: URL,
  args: readonly string[],
): Promise<{ tell(command: Command): Promise<Reply>; stop(): Promise<void> }> {
  const child = endWithUs(fork(file, args, { execArgv: RUN_TYPESCRIPT, env: environment({}) }));
  const next = () =>
    new Promise<unknown>((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`${file.pathname} ended with ${code}`));
      child.once("exit", ended);
      child.once("message", (message) => {
        child.off("exit", ended);
        resolve(message);
      });
    });
  await next();
  return {
    async tell(command) {
      const answer = next();
      child.send(command);
      // Whoever wrote the file wrote both sides.
      return (await answer) as Reply;
    },
    async stop() {
      await stop(child, "SIGTERM");
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const REDIS = process.env["ATTESTRY_REDIS"] ?? "/usr/bin/redis-server";

/** A Redis that runs. */
interface Redis {
  readonly url: string;
  stop(): Promise<void>;
}

/** Null when it ended before it was ready: another process may have taken the port. */
async function tryRedis(port: number): Promise<Redis | null> {
  const words = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
  const child = endWithUs(spawn(REDIS, words, { stdio: ["ignore", "pipe", "inherit"], cwd: "/" }));
  for await (const line of createInterface(child.stdout)) {
    if (!line.includes("Ready to accept connections")) continue;
    child.stdout.resume();
    return { url: `redis://127.0.0.1:${port}`, stop: async () => void (await stop(child, "SIGTERM")) };
  }
  return null;
}

/** A Redis of our own on loopback, which keeps nothing. @throws RedisMissing */
export async function startRedis(): Promise<Redis> {
  if (!existsSync(REDIS)) {
    throw new RedisMissing(`no ${REDIS}: install Debian's package redis-server, or set REDIS_URL to a Redis that runs`);
  }
  for (let attempt = 0; attempt < 3; attempt++) {
    const redis = await tryRedis(await freePort());
    if (redis !== null) return redis;
  }
  throw new Error("Redis did not start");
}
