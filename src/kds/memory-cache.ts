import { readOptions } from "../bytes/arguments.js";
import { checkCount } from "./counts.js";
import type { Cache } from "./types.js";

/** A VCEK has about 1.3 kB. */
const DEFAULT_MAX_ENTRIES = 1000;

/**
 * A cache in memory that forgets the entry which was not used for the longest time. It looks at no clock: who reads
 * judges what has expired.
 *
 * @throws TypeError for wrong options
 */
export function createMemoryCache(options: { maxEntries?: number } = {}): Cache {
  const { maxEntries } = readOptions(options, "options", ["maxEntries"]);
  const limit = checkCount(maxEntries ?? DEFAULT_MAX_ENTRIES, "options.maxEntries", { min: 1 });
  const entries = new Map<string, Uint8Array>();
  const put = (key: string, bytes: Uint8Array): void => {
    entries.delete(key);
    entries.set(key, bytes);
  };
  return Object.freeze({
    get(key: string): Uint8Array | undefined {
      const found = entries.get(key);
      if (found !== undefined) put(key, found);
      return found?.slice();
    },
    set(key: string, bytes: Uint8Array): void {
      put(key, bytes.slice());
      const [oldest] = entries.keys();
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
    },
  });
}
