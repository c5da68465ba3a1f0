export type { Json } from "../bytes/canonical-json.js";

/** A 64-bit or 32-bit word as lower-case hex with 0x. */
export function hexWord(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** How many texts of times are kept: the ends of a few chains and CRLs, which all reports of a host share. */
const MAX_TEXTS = 64;
const texts = new Map<number, string>();

/** A time in milliseconds as RFC 3339. */
export function isoText(time: number): string {
  const known = texts.get(time);
  if (known !== undefined) return known;
  const text = new Date(time).toISOString();
  if (texts.size >= MAX_TEXTS) texts.clear();
  texts.set(time, text);
  return text;
}

/** A time in milliseconds as RFC 3339; null where there is none. */
export function timeText(time: number | null): string | null {
  return time === null ? null : isoText(time);
}

/** Freezes a JSON value of our own making all the way down, and returns it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
