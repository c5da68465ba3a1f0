interface LiveId {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/**
 * Ids that live, and up to which expiry some may have been forgotten. Keeping one, and forgetting one, takes time that
 * grows with the logarithm of their number alone: whoever fills it must not slow down those who come after.
 */
export class LiveIds {
  readonly #ids = new Set<string>();
  /** A heap: the id at `index` expires no later than those at `2 * index + 1` and `2 * index + 2`. */
  readonly #heap: LiveId[] = [];
  #forgotten = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** True when an id with this expiry may have been here and is no more. */
  mayHaveForgotten(expiresAt: number): boolean {
    return expiresAt <= this.#forgotten;
  }

  /** Keeps an id that is not here. */
  keep(id: string, expiresAt: number): void {
    this.#ids.add(id);
    let index = this.#heap.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || parent.expiresAt <= expiresAt) break;
      this.#heap[index] = parent;
      index = above;
    }
    this.#heap[index] = { id, expiresAt };
  }

  /** Forgets what has expired. */
  forgetExpired(now: number): void {
    for (let [first] = this.#heap; first !== undefined && first.expiresAt <= now; [first] = this.#heap) {
      this.#ids.delete(first.id);
      this.#forgotten = Math.max(this.#forgotten, first.expiresAt);
      this.#dropFirst();
    }
  }

  /** Takes the first out: the last sinks from its place to where it belongs. */
  #dropFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    let index = 0;
    for (let below = this.#sooner(1); below !== undefined; below = this.#sooner(2 * index + 1)) {
      if (below.entry.expiresAt >= last.expiresAt) break;
      this.#heap[index] = below.entry;
      index = below.index;
    }
    this.#heap[index] = last;
  }

  /** Of two neighbours the one that expires first; undefined behind the end. */
  #sooner(index: number): { readonly index: number; readonly entry: LiveId } | undefined {
    const [left, right] = [this.#heap[index], this.#heap[index + 1]];
    if (left === undefined) return undefined;
    const rightIsSooner = right !== undefined && right.expiresAt < left.expiresAt;
    return rightIsSooner ? { index: index + 1, entry: right } : { index, entry: left };
  }
}
