import { checkNow } from "../bytes/arguments.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

const MINUTE = 60_000;

/** Milliseconds since 1970 of the date and time as written, or NaN where the calendar has no such moment. */
function localTime(digits: readonly (string | undefined)[]): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = digits.slice(0, 6).map(Number);
  const fraction = (digits[6] ?? "").padEnd(3, "0").slice(0, 3);
  const time = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction));
  const moment = new Date(time);
  // Date.UTC carries the 31st of April into May; the parts that went in must come out.
  const same =
    moment.getUTCFullYear() === year &&
    moment.getUTCMonth() === month - 1 &&
    moment.getUTCDate() === day &&
    moment.getUTCHours() === hour &&
    moment.getUTCMinutes() === minute &&
    moment.getUTCSeconds() === second;
  return same ? time : Number.NaN;
}

function offsetMinutes(sign: string | undefined, hours: string | undefined, minutes: string | undefined): number {
  if (sign === undefined) return 0;
  if (Number(hours) > 23 || Number(minutes) > 59) return Number.NaN;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/**
 * A moment written as RFC 3339 has it, for instance `2026-09-01T00:00:00Z` or `2026-09-01T02:00:00+02:00`; digits
 * beyond milliseconds are dropped, leap seconds are refused.
 *
 * @param what - names the value in the error
 * @throws UsageError for any other text, and for times that the library takes for a mistake (before 2020, after 2099).
 */
export function parseTime(text: string, what: string): Date {
  const match = RFC3339.exec(text);
  const time =
    match === null ? Number.NaN : localTime(match.slice(1)) - offsetMinutes(match[8], match[9], match[10]) * MINUTE;
  const found = JSON.stringify(printable(text, 100));
  if (Number.isNaN(time)) {
    throw new UsageError(`${what}: expected a time as in 2026-09-01T00:00:00Z (RFC 3339), found ${found}`);
  }
  try {
    return new Date(checkNow(new Date(time), what));
  } catch (cause) {
    throw new UsageError(`${what}: expected a time from 2020-01-01 to 2100-01-01 UTC, found ${found}`, { cause });
  }
}
