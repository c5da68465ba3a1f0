import { setTimeout as pause } from "node:timers/promises";

/** What became of one flow; null where it went well, else why not. */
export type Outcome = string | null;

/** What became of all of them. */
export interface Tally {
  readonly done: number;
  readonly refused: number;
  /** Each reason of a refusal, and how often it was given. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** One flow; it is told which one it is. */
export type Flow = (index: number) => Promise<Outcome>;

function createCounter() {
  const started = performance.now();
  const reasons: Record<string, number> = {};
  let done = 0;
  let refused = 0;
  const count = async (flow: Promise<Outcome>) => {
    const reason = await flow.catch((error: unknown) => String(error));
    done++;
    if (reason === null) return;
    refused++;
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  };
  const tally = (): Tally => ({ done, refused, reasons, seconds: (performance.now() - started) / 1000 });
  return { count, tally };
}

/** So many flows at one time, each followed by the next, until time is up or enough of them were started. */
export async function saturate(
  flow: Flow,
  { inFlight, forMs, most }: { readonly inFlight: number; readonly forMs: number; readonly most: number },
): Promise<Tally> {
  const { count, tally } = createCounter();
  const until = performance.now() + forMs;
  let next = 0;
  const runner = async () => {
    while (performance.now() < until && next < most) await count(flow(next++));
  };
  await Promise.all(Array.from({ length: inFlight }, runner));
  return tally();
}

const TICK_MS = 4;
/** Flows that wait beyond this mean that the service does not keep up at all. */
const WAITING_AT_MOST = 2000;

/**
 * So many flows a second, whether or not those before them have ended, so that a service which is late does not slow
 * down whoever asks it.
 *
 * @throws Error when thousands of flows wait
 */
export async function pace(
  flow: Flow,
  { perSecond, forMs }: { readonly perSecond: number; readonly forMs: number },
): Promise<Tally> {
  const { count, tally } = createCounter();
  const started = performance.now();
  const total = Math.max(1, Math.round((perSecond * forMs) / 1000));
  const waiting = new Set<Promise<void>>();
  for (let next = 0; next < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - started) * perSecond) / 1000));
    for (; next < due; next++) {
      const counted: Promise<void> = count(flow(next)).finally(() => waiting.delete(counted));
      waiting.add(counted);
    }
    if (waiting.size > WAITING_AT_MOST) throw new Error(`${waiting.size} flows wait for an answer`);
    await pause(TICK_MS);
  }
  await Promise.all(waiting);
  return tally();
}
