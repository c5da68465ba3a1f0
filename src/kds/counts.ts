import { textOf } from "../bytes/text.js";

/** The longest time that timers can wait, in milliseconds: above it they fire at once. */
const MAX_COUNT = 0x7fff_ffff;

/** A caller's number of things, bytes or milliseconds. @throws TypeError for anything but a whole one in its bounds. */
export function checkCount(value: unknown, name: string, min: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= MAX_COUNT) return value;
  throw new TypeError(`${name} must be a whole number of ${min} to ${MAX_COUNT}, found ${textOf(value)}`);
}
