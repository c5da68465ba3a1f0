import type { Inner } from "./inner.js";

/** A comment is no part of the interface. */
export interface Shape {
  readonly inner: Inner;
}

/** Overloaded, with a body that does not count. */
export function twice(value: string): string;
export function twice(value: number): number;
export function twice(value: string | number): string | number {
  return typeof value === "string" ? value + value : value * 2;
}

export const LIMIT = 3;
// biome-ignore lint/performance/noReExportAll: the report must know this form too
export * as parts from "./inner.js";
