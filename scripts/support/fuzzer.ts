import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { seedsOf } from "../../test/fuzz/seeds.js";
import type { Target } from "../../test/fuzz/targets.js";
import { type FuzzAnswer, type FuzzJob, INPUT_AT, WORKER_FILE } from "./fuzz-worker.js";
import { projectRoot, temporaryFolder } from "./packed.js";

/** How a target is fuzzed. */
export interface FuzzOptions {
  readonly seconds: number;
  /** The same number makes the same first inputs. */
  readonly seed: number;
  /** A reader that does not come back within this time has been found. */
  readonly patienceMs: number;
}

const SHARED_BYTES = 32_768;

/** A file for the thread and one for the readers, whose coverage is to be told from that of the fuzzer itself. */
async function bundle(): Promise<string> {
  const outdir = temporaryFolder("fuzz");
  await build({
    entryPoints: { worker: "scripts/support/fuzz-worker.ts", targets: "test/fuzz/targets.ts" },
    absWorkingDir: projectRoot,
    splitting: true,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    outdir,
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
  });
  return join(outdir, WORKER_FILE);
}

/** Ends a thread whose count of executions stands still, with the input that holds it. */
function watch(worker: Worker, shared: SharedArrayBuffer, patienceMs: number): Promise<FuzzAnswer> {
  const counts = new Int32Array(shared, 0, 2);
  let seen = -1;
  return new Promise((done, fail) => {
    const timer = setInterval(() => {
      const executions = Atomics.load(counts, 0);
      if (executions !== seen) {
        seen = executions;
        return;
      }
      const input = new Uint8Array(shared, INPUT_AT).slice(0, Atomics.load(counts, 1));
      const finding = { input, error: `no answer within ${patienceMs / 1000} s` };
      done({ executions, first: 0, last: 0, news: 0, finding });
    }, patienceMs);
    worker.once("message", done);
    worker.once("error", fail);
    worker.once("exit", () => clearInterval(timer));
  });
}

let file: Promise<string> | undefined;

/** Fuzzes one target for a time, beginning with sound input. */
export async function fuzz(target: Target, { seconds, seed, patienceMs }: FuzzOptions): Promise<FuzzAnswer> {
  file ??= bundle();
  const shared = new SharedArrayBuffer(SHARED_BYTES);
  const job: FuzzJob = { name: target.name, seeds: seedsOf(target), seconds, seed, shared };
  const worker = new Worker(await file, { workerData: job });
  const answer = await watch(worker, shared, patienceMs);
  await worker.terminate();
  return answer;
}
