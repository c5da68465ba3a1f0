import { type DerCursor, TAG } from "./cursor.js";
import { asciiText } from "./values.js";

const UTC_TIME = /^\d{12}Z$/;
const GENERALIZED_TIME = /^\d{14}Z$/;

/**
 * A UTCTime or GeneralizedTime with seconds and Z, in milliseconds since 1970.
 *
 * Either type with any year it can write: AMD's and forged certificates differ here, and nothing hangs on it.
 *
 * Source: RFC 5280 section 4.1.2.5, whose rule on which type from 2050 on is not enforced.
 */
export function readTime(cursor: DerCursor): number {
  const short = cursor.peek() === TAG.utcTime;
  const element = cursor.take(short ? TAG.utcTime : TAG.generalizedTime);
  const text = asciiText(cursor.contentOf(element));
  if (text === null || !(short ? UTC_TIME : GENERALIZED_TIME).test(text)) {
    return cursor.fail("a time that is not written in full seconds with Z", element.start);
  }
  const milliseconds = timeOf(short ? `${text < "5" ? "20" : "19"}${text}` : text);
  return milliseconds ?? cursor.fail("a time that no calendar has", element.start);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** The calendar repeats after 400 years, which are these many milliseconds. */
const CYCLE = { years: 400, milliseconds: 146_097 * 86_400_000 } as const;

/** YYYYMMDDHHMMSS in milliseconds since 1970; null where the calendar or the day has no such time. */
function timeOf(digits: string): number | null {
  const at = (start: number, end = start + 2) => Number(digits.slice(start, end));
  const [year, month, day] = [at(0, 4), at(4), at(6)];
  const [hour, minute, second] = [at(8), at(10), at(12)];
  if (day < 1 || day > daysOf(year, month) || hour > 23 || minute > 59 || second > 59) return null;
  // A cycle later: Date.UTC takes years below 100 for years of the last century.
  return Date.UTC(year + CYCLE.years, month - 1, day, hour, minute, second) - CYCLE.milliseconds;
}

/** The days of a month; 0 for one that no year has. */
function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}
