/** The thread that fuzzes one target; `fuzzer.ts` bundles it, watches it and ends it. */
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import fc from "fast-check";
import { mutated } from "../../test/fuzz/mutate.js";
import { probe, type Target, targetOf } from "../../test/fuzz/targets.js";

/** What the thread is given. */
export interface FuzzJob {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly seconds: number;
  readonly seed: number;
  /** The number of executions, the length of the input at hand, and from `INPUT_AT` on the input. */
  readonly shared: SharedArrayBuffer;
}

/** What it says in the end, or at a finding. */
export interface FuzzAnswer {
  readonly executions: number;
  readonly first: number;
  readonly last: number;
  /** How often something new was reached. */
  readonly news: number;
  readonly finding: { readonly input: Uint8Array; readonly error: string } | null;
}

/** Where the input stands in the shared memory. */
export const INPUT_AT = 8;
/** Inputs made of one state of the pool, and those after which one asks for the coverage: asking is slow. */
const ROUND = 64;
const BATCH = 8;
const MAX_INPUT = 16_384;

/** What this file is bundled to; the readers stand in the files beside it. */
export const WORKER_FILE = "worker.mjs";

/** Which blocks of the readers have run so far, asked of V8 itself. */
function createCoverage() {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  const folder = new URL(".", import.meta.url).href;
  const blocks = new Set<string>();
  return {
    /** The number of blocks that are known to have run; V8 tells each function until all of it has. */
    look(): number {
      session.post("Profiler.takePreciseCoverage", (error, found) => {
        if (error) throw error;
        const own = found.result.filter(({ url }) => url.startsWith(folder) && !url.endsWith(WORKER_FILE));
        const ranges = own.flatMap(({ url, functions }) =>
          functions.flatMap((one) => one.ranges.map((range) => ({ url, ...range }))),
        );
        for (const { url, startOffset, endOffset, count } of ranges) {
          if (count > 0) blocks.add(`${url} ${startOffset}-${endOffset}`);
        }
      });
      return blocks.size;
    },
  };
}

/** What breaks the target, or null. */
async function breaks(target: Target, input: Uint8Array): Promise<string | null> {
  try {
    await probe(target, input);
    return null;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Batches of mutants of the pool, which may grow meanwhile, without an end. */
function* batches(pool: readonly Uint8Array[], seed: number): Generator<readonly Uint8Array[], never> {
  for (let round = seed; ; round++) {
    const inputs = fc.sample(mutated(pool), { numRuns: ROUND, seed: round }).map((input) => input.slice(0, MAX_INPUT));
    for (let start = 0; start < ROUND; start += BATCH) yield inputs.slice(start, start + BATCH);
  }
}

async function fuzz({ name, seeds, seconds, seed, shared }: FuzzJob): Promise<FuzzAnswer> {
  const target = targetOf(name);
  const [counts, at] = [new Int32Array(shared, 0, 2), new Uint8Array(shared, INPUT_AT)];
  const coverage = createCoverage();
  const pool = [...seeds];
  for (const input of seeds) await target.read(input);
  const first = coverage.look();
  const state = { executions: 0, first, last: first, news: 0 };
  const end = performance.now() + seconds * 1000;
  for (const batch of batches(pool, seed)) {
    if (performance.now() > end) break;
    for (const input of batch) {
      at.set(input);
      Atomics.store(counts, 1, input.length);
      state.executions = Atomics.add(counts, 0, 1) + 1;
      const error = await breaks(target, input);
      if (error !== null) return { ...state, finding: { input, error } };
    }
    const blocks = coverage.look();
    if (blocks === state.last) continue;
    // One of the batch did it; which one is not told.
    pool.push(...batch);
    state.last = blocks;
    state.news++;
  }
  return { ...state, finding: null };
}

// The bundle is run as a thread; whoever imports this file for its types gets no thread.
// What the parent hands over is a FuzzJob.
if (parentPort !== null) parentPort.postMessage(await fuzz(workerData as FuzzJob));
