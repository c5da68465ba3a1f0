import { readOptions } from "../bytes/arguments.js";
import { createBoundedMap } from "./bounded-map.js";
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
  const { maxEntries = DEFAULT_MAX_ENTRIES } = readOptions(options, "options", ["maxEntries"]);
  const limit = checkCount(maxEntries, "options.maxEntries", 1);
  const entries = createBoundedMap<Uint8Array>(limit);
  return Object.freeze({
    get: (key: string) => entries.get(key)?.slice(),
    set: (key: string, bytes: Uint8Array) => entries.set(key, bytes.slice()),
  });
}
