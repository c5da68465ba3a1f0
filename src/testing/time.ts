import { Time, TimeType } from "pkijs";

/** A time of a certificate: a Date, or the whole value in DER. */
export type TimeOption = Date | Uint8Array;

/** `rfc5280`: UTCTime through 2049 and GeneralizedTime after, `generalized`: GeneralizedTime always. */
export type TimeForm = "rfc5280" | "generalized";

const SECOND = 1000;

/** The time in DER, fractions of a second cut off. */
export function encodeTime(time: TimeOption, form: TimeForm = "rfc5280"): Uint8Array {
  if (time instanceof Uint8Array) return time;
  if (Number.isNaN(time.getTime())) throw new TypeError("a certificate's time must be a valid Date or DER");
  const utc = form === "rfc5280" && time.getUTCFullYear() < 2050;
  const value = new Date(Math.floor(time.getTime() / SECOND) * SECOND);
  const type = utc ? TimeType.UTCTime : TimeType.GeneralizedTime;
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
