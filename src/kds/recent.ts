/** How long a final answer is remembered. */
const KEEP_MS = 60_000;
const MAX_RECENT = 1000;

/** A final answer: bytes, undefined where the server has none, or an error. */
export type Outcome = { readonly value: Uint8Array | undefined } | { readonly error: Error };

/** Final answers of the last minute that no cache may keep. */
export interface Recent {
  recall(key: string, now: number): Outcome | undefined;
  keep(key: string, now: number, outcome: Outcome): void;
}

/** A bounded memory, the oldest forgotten first. */
export function createRecent(): Recent {
  const known = new Map<string, { readonly at: number; readonly outcome: Outcome }>();
  return {
    recall(key, now) {
      const found = known.get(key);
      if (found === undefined) return undefined;
      // A clock that went back does not lengthen the minute.
      if (now >= found.at && now - found.at < KEEP_MS) return found.outcome;
      known.delete(key);
      return undefined;
    },
    keep(key, now, outcome) {
      known.delete(key);
      known.set(key, { at: now, outcome });
      const [oldest] = known.keys();
      if (known.size > MAX_RECENT && oldest !== undefined) known.delete(oldest);
    },
  };
}
