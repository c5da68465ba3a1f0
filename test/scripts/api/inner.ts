/** Nobody exports it, and `Shape` is made of it. */
export interface Inner {
  readonly size: number;
}

/** Nothing that is exported speaks of it. */
export interface Unrelated {
  readonly size: string;
}
