import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Raw verifications on as many cores as the service has copies. */
export interface Raw {
  readonly pids: readonly number[];
  /** Microseconds of CPU that one verification takes while every worker is at work. */
  measure(count: number): Promise<number>;
  stop(): Promise<void>;
}

/** Tells a worker how often, and hears what each one cost. @throws Error when it ends instead */
async function ask(child: ChildProcess, count: number): Promise<number> {
  const done = new AbortController();
  const { signal } = done;
  try {
    const answer = Promise.race([once(child, "message", { signal }), once(child, "exit", { signal }).then(() => [])]);
    child.send(count);
    const [cost] = await answer;
    if (typeof cost !== "number") throw new Error("a worker that verifies has ended");
    return cost;
  } finally {
    done.abort();
  }
}

/**
 * Starts workers that verify P-384 signatures by node:crypto.
 *
 * They work at the same time, as the copies do: a core whose sibling is busy is slower, and that must not look like the
 * service's cost.
 */
export function startRaw(script: string, workers: number): Raw {
  const children = Array.from({ length: workers }, () => fork(script));
  return {
    pids: children.flatMap(({ pid }) => (pid === undefined ? [] : [pid])),
    async measure(count) {
      const costs = await Promise.all(children.map((child) => ask(child, count)));
      return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    },
    async stop() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const ended = once(child, "exit");
        child.kill();
        await ended;
      }
    },
  };
}
