import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What a copy has left after its garbage was collected, in bytes. */
export interface Memory {
  readonly heapUsed: number;
  readonly arrayBuffers: number;
  readonly rss: number;
}

/** One copy of the service: a process of its own. */
export interface Copy {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL, at once; the promise is kept when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
  /** Only for copies with gc-on-signal. */
  memory(): Promise<Memory>;
}

const MEMORY_MS = 20_000;

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

/** The next line of JSON that names this event. @throws Error when the copy ends before, or takes too long */
function nextEvent(child: ChildProcess, event: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error("the copy's output is not read");
    const reader = createInterface(child.stdout);
    const settle = (act: () => void) => {
      clearTimeout(late);
      child.off("exit", gone);
      reader.close();
      // Whatever else it says is read and forgotten.
      child.stdout?.resume();
      act();
    };
    const gone = (code: number | null) => settle(() => reject(new Error(`a copy ended with ${code}`)));
    const late = setTimeout(() => settle(() => reject(new Error(`no event "${event}"`))), MEMORY_MS);
    child.once("exit", gone);
    reader.on("line", (line) => {
      if (!line.includes(`"event":"${event}"`)) return;
      settle(() => resolve(JSON.parse(line)));
    });
  });
}

/** Starts a copy, and waits until it listens. */
export async function startCopy(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Copy> {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"], env: { PATH, ...env } });
  const orphaned = () => child.kill("SIGKILL");
  process.once("exit", orphaned);
  child.once("exit", () => process.off("exit", orphaned));
  const { port } = await nextEvent(child, "listening");
  const { pid } = child;
  if (pid === undefined) throw new Error("a copy that listens has no process");
  return {
    url: `http://127.0.0.1:${port}`,
    pid,
    kill: async () => void (await end(child, "SIGKILL")),
    stop: () => end(child, "SIGTERM"),
    async memory() {
      const answer = nextEvent(child, "memory");
      child.kill("SIGUSR2");
      const { heapUsed, arrayBuffers, rss } = await answer;
      return { heapUsed: Number(heapUsed), arrayBuffers: Number(arrayBuffers), rss: Number(rss) };
    },
  };
}
