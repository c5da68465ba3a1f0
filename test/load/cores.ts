import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";

const ALL = Array.from({ length: availableParallelism() }, (_, core) => core);
const HALF = ALL.length >> 1;

/** Cores of the copies, and those of everything else that has a part in the load; one core is both. */
export const CORES = { all: ALL, copies: ALL.slice(0, Math.max(1, HALF)), others: ALL.slice(HALF) } as const;

/**
 * Keeps a process, and what it starts from then on, to these cores. Guests on a copy's core would push its code and data
 * out of the caches, and what that costs is not the service's.
 *
 * @returns false where the machine has no `taskset` (util-linux), and nothing was done
 */
export function confine(pid: number, cores: readonly number[]): boolean {
  try {
    execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores.join(","), String(pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
