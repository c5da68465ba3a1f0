/** A map that forgets the entry which was not used for the longest time when it has more than `limit`. */
export interface BoundedMap<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
}

/** An empty one. */
export function createBoundedMap<T>(limit: number): BoundedMap<T> {
  const entries = new Map<string, T>();
  const set = (key: string, value: T): void => {
    entries.delete(key);
    entries.set(key, value);
    const [oldest] = entries.keys();
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
  };
  return {
    get(key) {
      const found = entries.get(key);
      if (found !== undefined) set(key, found);
      return found;
    },
    set,
  };
}
