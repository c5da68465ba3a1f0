import { CollateralError } from "../errors.js";
import { startIdleTimer } from "./time.js";

/** How fast a lane may go. */
export interface LaneOptions {
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
   * Waits for a turn and answers the function that ends it; never, where the signal fires before. Who comes `first`
   * stands before all others and is never turned away.
   *
   * @throws CollateralError ERR_COLLATERAL_BUSY (a rejection) when the queue is full
   */
  enter(signal: AbortSignal, first: boolean): Promise<() => void>;
  /** The server throttles: nobody starts for as long as it asks, or for the back-off where that is longer. */
  throttled(retryAfterMs: number): void;
  /** The server answered. */
  served(): void;
}

/** Why nobody may start at present. */
interface Shut {
  readonly ms: number;
  readonly throttled: boolean;
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly start: () => void;
}

/**
 * A lane, nobody in it, with at least `intervalMs` between the starts of two requests. It looks at no clock, only at
 * timers.
 */
export function createLane({ concurrency, maxQueue, backoff }: LaneOptions, intervalMs: number): Lane {
  let queue: Waiting[] = [];
  let running = 0;
  let throttles = 0;
  let shut: Shut | undefined;
  const isFree = () => shut === undefined && running < concurrency;
  const pump = (): void => {
    // Whoever left gave up the place.
    queue = queue.filter(({ signal }) => !signal.aborted);
    while (isFree() && queue.length > 0) {
      running++;
      if (intervalMs) close(intervalMs, false);
      queue.shift()?.start();
    }
  };
  const close = (ms: number, throttled: boolean): void => {
    const mine = { ms, throttled };
    shut = mine;
    startIdleTimer(ms, () => {
      // Whoever shut it later opens it.
      if (shut !== mine) return;
      shut = undefined;
      pump();
    });
  };
  const release = (): void => {
    running--;
    pump();
  };
  return {
    enter(signal, first) {
      pump();
      return new Promise((resolve) => {
        if (!first && !isFree() && queue.length >= maxQueue) throw busy(maxQueue);
        queue[first ? "unshift" : "push"]({ signal, start: () => resolve(release) });
        pump();
      });
    },
    throttled(retryAfterMs) {
      // Answers to requests that were under way together are one refusal.
      const known = shut?.throttled ? shut.ms : 0;
      if (known === 0) throttles++;
      const ms = Math.max(retryAfterMs, backoff(throttles - 1), intervalMs);
      if (ms >= known) close(ms, true);
    },
    served() {
      throttles = 0;
    },
  };
}

function busy(limit: number): CollateralError {
  return new CollateralError("ERR_COLLATERAL_BUSY", "queue is full", { role: "leaf", limit }, { retryable: true });
}
