import { createBoundedMap } from "./bounded-map.js";

/** How long a final answer is remembered. */
const KEEP_MS = 60_000;
const MAX_RECENT = 1000;

/** A final answer: an error, or bytes, undefined where the server has none. */
export interface Outcome {
  readonly error?: Error;
  readonly value: Uint8Array | undefined;
}

/** Final answers of the last minute that no cache may keep. */
export interface Recent {
  recall(key: string, now: number): Outcome | undefined;
  keep(key: string, now: number, outcome: Outcome): void;
}

/** A bounded memory, empty. */
export function createRecent(): Recent {
  const known = createBoundedMap<{ readonly at: number; readonly outcome: Outcome }>(MAX_RECENT);
  return {
    recall(key, now) {
      const found = known.get(key);
      // A clock that went back does not lengthen the minute.
      return found !== undefined && Math.abs(now - found.at) < KEEP_MS ? found.outcome : undefined;
    },
    keep: (key, now, outcome) => known.set(key, { at: now, outcome }),
  };
}
