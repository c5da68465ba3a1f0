import { CollateralError } from "../errors.js";
import { startIdleTimer } from "./time.js";

/** How fast a lane may go. */
export interface LaneOptions {
  /** At least so long between the starts of two requests. */
  readonly intervalMs: number;
  /** Requests under way at one time. */
  readonly concurrency: number;
  /** Requests that may wait for their turn. */
  readonly maxQueue: number;
  /** How long to pause when the server throttles for the n-th time in a row, the first being 0. */
  readonly backoff: (n: number) => number;
}

/** A queue in front of a server that counts requests. */
export interface Lane {
  /**
   * Waits for a turn and answers the function that ends it. Who was sent `again` by the server is never turned away
   * and comes first. @throws CollateralError ERR_COLLATERAL_BUSY (a rejection) when the queue is full
   */
  enter(signal: AbortSignal, again: boolean): Promise<() => void>;
  /** The server throttles: nobody starts for as long as it asks, or for the back-off where that is longer. */
  throttled(retryAfterMs: number): void;
  /** The server answered. */
  served(): void;
}

/** Why nobody may start at present. */
interface Shut {
  readonly ms: number;
  readonly throttled: boolean;
  readonly cancel: () => void;
}

/** A lane, nobody in it. It looks at no clock, only at timers. */
export function createLane({ intervalMs, concurrency, maxQueue, backoff }: LaneOptions): Lane {
  const queue: (() => void)[] = [];
  let running = 0;
  let throttles = 0;
  let shut: Shut | undefined;
  const isFree = () => shut === undefined && running < concurrency;
  const pump = (): void => {
    while (isFree() && queue.length > 0) {
      running++;
      if (intervalMs > 0) close(intervalMs, false);
      queue.shift()?.();
    }
  };
  const close = (ms: number, throttled: boolean): void => {
    shut?.cancel();
    const open = () => {
      shut = undefined;
      pump();
    };
    shut = { ms, throttled, cancel: startIdleTimer(ms, open) };
  };
  const release = (): void => {
    running--;
    pump();
  };
  return {
    async enter(signal, again) {
      signal.throwIfAborted();
      if (!again && !isFree() && queue.length >= maxQueue) throw busy(maxQueue);
      return await new Promise<() => void>((resolve, reject) => {
        enqueue(queue, { signal, again, start: () => resolve(release), leave: reject });
        pump();
      });
    },
    throttled(retryAfterMs) {
      // Answers to requests that were under way together are one refusal.
      if (shut?.throttled !== true) throttles++;
      const ms = Math.max(retryAfterMs, backoff(throttles - 1), intervalMs);
      if (shut?.throttled !== true || ms > shut.ms) close(ms, true);
    },
    served() {
      throttles = 0;
    },
  };
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly again: boolean;
  readonly start: () => void;
  readonly leave: (reason: unknown) => void;
}

/** Stands in a queue until it starts or the signal fires. */
function enqueue(queue: (() => void)[], { signal, again, start, leave }: Waiting): void {
  const onAbort = () => {
    queue.splice(queue.indexOf(turn), 1);
    leave(signal.reason);
  };
  const turn = () => {
    signal.removeEventListener("abort", onAbort);
    start();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (again) queue.unshift(turn);
  else queue.push(turn);
}

function busy(limit: number): CollateralError {
  const message = `${limit} VCEKs are waiting to be downloaded, and no more may; come back later`;
  return new CollateralError("ERR_COLLATERAL_BUSY", message, { role: "leaf", limit }, { retryable: true });
}
