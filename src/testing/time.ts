import { Time, TimeType } from "pkijs";

/** A time of a certificate: a Date, or the whole value in DER. */
export type TimeOption = Date | Uint8Array;

/** `utc`: UTCTime, `generalized`: GeneralizedTime, `rfc5280`: UTCTime through 2049 and GeneralizedTime after. */
export type TimeForm = "utc" | "generalized" | "rfc5280";

const SECOND = 1000;

/** What two digits can say. Source: RFC 5280 section 4.1.2.5.1. */
function fitsUtcTime(time: Date): boolean {
  return time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050;
}

/**
 * The time in DER, fractions of a second cut off.
 *
 * @throws TypeError for an invalid Date, and for a year that the form `utc` cannot say.
 */
export function encodeTime(time: TimeOption, form: TimeForm = "rfc5280"): Uint8Array {
  if (time instanceof Uint8Array) return time;
  if (Number.isNaN(time.getTime())) throw new TypeError("a certificate's time must be a valid Date or DER");
  const fits = fitsUtcTime(time);
  if (form === "utc" && !fits) throw new TypeError(`UTCTime cannot say the year ${time.getUTCFullYear()}`);
  const value = new Date(Math.floor(time.getTime() / SECOND) * SECOND);
  const type = form !== "generalized" && fits ? TimeType.UTCTime : TimeType.GeneralizedTime;
  return new Uint8Array(new Time({ type, value }).toSchema().toBER());
}

/** `time` so many calendar years later. */
export function addYears(time: Date, years: number): Date {
  const later = new Date(time);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}

/** `time` so many days later, or earlier for a negative number. */
export function addDays(time: Date, days: number): Date {
  return new Date(time.getTime() + days * 86_400_000);
}
