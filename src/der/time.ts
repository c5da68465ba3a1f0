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
  const iso = isoOf(short ? `${text < "5" ? "20" : "19"}${text}` : text);
  const milliseconds = Date.parse(iso);
  // Some engines carry 30 February over into March: only a time that reads back as itself exists.
  const exists = !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === iso;
  return exists ? milliseconds : cursor.fail("a time that no calendar has", element.start);
}

/** YYYYMMDDHHMMSS as RFC 3339 with milliseconds, the form that Date writes. */
function isoOf(digits: string): string {
  const at = (start: number, end: number) => digits.slice(start, end);
  return `${at(0, 4)}-${at(4, 6)}-${at(6, 8)}T${at(8, 10)}:${at(10, 12)}:${at(12, 14)}.000Z`;
}
