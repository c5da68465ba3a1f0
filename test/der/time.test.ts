import { describe, expect, it } from "vitest";
import { DerCursor } from "../../src/der/cursor.js";
import { readTime } from "../../src/der/time.js";
import { generalizedTime, tlv, utcTime } from "../../src/testing/der.js";

const UTC = 0x17;
const GENERALIZED = 0x18;

const encode = (tag: number, text: string) => tlv(tag, new TextEncoder().encode(text));

function read(bytes: Uint8Array): string {
  const cursor = DerCursor.over(bytes, "thing");
  const milliseconds = readTime(cursor);
  cursor.finish();
  return new Date(milliseconds).toISOString();
}

const WRITING = /not written in full seconds with Z/;
const CALENDAR = /no calendar has/;

type Refusal = readonly [why: string, sound: string, broken: string, reason: RegExp];

describe("UTCTime", () => {
  it.each([
    ["000101000000Z", "2000-01-01T00:00:00.000Z"],
    ["201022172305Z", "2020-10-22T17:23:05.000Z"],
    ["491231235959Z", "2049-12-31T23:59:59.000Z"],
    ["500101000000Z", "1950-01-01T00:00:00.000Z"],
    ["691231235959Z", "1969-12-31T23:59:59.000Z"],
    ["700101000000Z", "1970-01-01T00:00:00.000Z"],
    ["991231235959Z", "1999-12-31T23:59:59.000Z"],
    ["000229120000Z", "2000-02-29T12:00:00.000Z"],
    ["240229120000Z", "2024-02-29T12:00:00.000Z"],
  ])("%s is %s", (text, iso) => {
    expect(read(encode(UTC, text))).toBe(iso);
  });

  it.each<Refusal>([
    ["no seconds: BER lets them out", "261001120000Z", "2610011200Z", WRITING],
    ["an offset in place of Z", "261001120000Z", "261001120000+0000", WRITING],
    ["an offset that is not zero", "261001120000Z", "261001120000-0700", WRITING],
    ["no zone at all", "261001120000Z", "261001120000", WRITING],
    ["a zone of small letters", "261001120000Z", "261001120000z", WRITING],
    ["fractions", "261001120000Z", "261001120000.5Z", WRITING],
    ["fractions of zero", "261001120000Z", "261001120000.0Z", WRITING],
    ["four digits of year, which is the other type", "261001120000Z", "20261001120000Z", WRITING],
    ["one digit too few", "261001120000Z", "26100112000Z", WRITING],
    ["one digit too many", "261001120000Z", "2610011200000Z", WRITING],
    ["nothing", "261001120000Z", "", WRITING],
    ["a space for a zero", "260101000000Z", "26 101000000Z", WRITING],
    ["a minus sign", "260101000000Z", "-60101000000Z", WRITING],
    ["a line feed behind", "261001120000Z", "261001120000Z\n", WRITING],
    ["NUL behind", "261001120000Z", "261001120000Z\0", WRITING],
    ["far more behind than is ever looked at", "261001120000Z", `261001120000Z${"Z".repeat(100)}`, WRITING],
    ["month 0", "260101000000Z", "260001000000Z", CALENDAR],
    ["month 13", "261201000000Z", "261301000000Z", CALENDAR],
    ["day 0", "260101000000Z", "260100000000Z", CALENDAR],
    ["32 January", "260131000000Z", "260132000000Z", CALENDAR],
    ["31 April", "260430000000Z", "260431000000Z", CALENDAR],
    ["30 February", "240229000000Z", "240230000000Z", CALENDAR],
    ["29 February of a common year", "240229000000Z", "230229000000Z", CALENDAR],
    ["24:00:00, midnight by another name", "260101000000Z", "260101240000Z", CALENDAR],
    ["25 o'clock", "260101230000Z", "260101250000Z", CALENDAR],
    ["minute 60", "260101005900Z", "260101006000Z", CALENDAR],
    ["a leap second: real, and no Date has it", "161231235959Z", "161231235960Z", CALENDAR],
    ["second 99", "260101000059Z", "260101000099Z", CALENDAR],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(encode(UTC, sound))).not.toThrow();
    expect(() => read(encode(UTC, broken))).toFailWith("ERR_MALFORMED_DER", {
      offset: 0,
      reason: expect.stringMatching(reason),
    });
  });

  it("knows every second of a day and every day of four years", () => {
    for (let second = 0; second < 86_400; second += 61) {
      const time = new Date(Date.UTC(2026, 5, 1) + second * 1000);
      expect(read(utcTime(time))).toBe(time.toISOString());
    }
    for (let day = 0; day < 4 * 366; day++) {
      const time = new Date(Date.UTC(2024, 0, 1 + day));
      expect(read(utcTime(time))).toBe(time.toISOString());
    }
  });

  it("puts its hundred years into 1950 to 2049", () => {
    for (let year = 1950; year < 2050; year++) {
      const time = new Date(Date.UTC(year, 6, 1));
      expect(read(utcTime(time))).toBe(time.toISOString());
    }
  });
});

describe("GeneralizedTime", () => {
  it.each([
    ["20500101000000Z", "2050-01-01T00:00:00.000Z"],
    ["20491231235959Z", "2049-12-31T23:59:59.000Z"],
    // RFC 5280 wants UTCTime for these; the value is the same either way.
    ["20261001120000Z", "2026-10-01T12:00:00.000Z"],
    ["19991231235959Z", "1999-12-31T23:59:59.000Z"],
    ["19500101000000Z", "1950-01-01T00:00:00.000Z"],
    ["19491231235959Z", "1949-12-31T23:59:59.000Z"],
    ["00010101000000Z", "0001-01-01T00:00:00.000Z"],
    ["00000101000000Z", "0000-01-01T00:00:00.000Z"],
    // What RFC 5280 writes where a certificate has no end.
    ["99991231235959Z", "9999-12-31T23:59:59.000Z"],
    ["20000229000000Z", "2000-02-29T00:00:00.000Z"],
  ])("%s is %s", (text, iso) => {
    expect(read(encode(GENERALIZED, text))).toBe(iso);
  });

  it.each<Refusal>([
    ["no seconds", "20500101120000Z", "205001011200Z", WRITING],
    ["no minutes", "20500101120000Z", "2050010112Z", WRITING],
    ["an offset in place of Z", "20500101120000Z", "20500101120000+0000", WRITING],
    ["no zone: local time, of nobody knows where", "20500101120000Z", "20500101120000", WRITING],
    ["fractions after a point", "20500101120000Z", "20500101120000.5Z", WRITING],
    ["fractions after a comma", "20500101120000Z", "20500101120000,5Z", WRITING],
    ["two digits of year, which is the other type", "20500101120000Z", "500101120000Z", WRITING],
    ["five digits of year", "99990101120000Z", "100000101120000Z", WRITING],
    ["digits of another script", "20500101120000Z", "٢٠٥٠0101120000Z", WRITING],
    ["a byte beyond ASCII at the end", "20500101120000Z", "20500101120000Z\u00e9", WRITING],
    ["month 13", "20501201000000Z", "20501301000000Z", CALENDAR],
    ["30 February", "20520229000000Z", "20520230000000Z", CALENDAR],
    ["29 February 2100, a common year", "20960229000000Z", "21000229000000Z", CALENDAR],
    ["29 February 1900, a common year", "19040229000000Z", "19000229000000Z", CALENDAR],
    ["24:00:00", "20500101235959Z", "20500101240000Z", CALENDAR],
    ["a leap second", "20161231235959Z", "20161231235960Z", CALENDAR],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(encode(GENERALIZED, sound))).not.toThrow();
    expect(() => read(encode(GENERALIZED, broken))).toFailWith("ERR_MALFORMED_DER", {
      offset: 0,
      reason: expect.stringMatching(reason),
    });
  });

  it("agrees with UTCTime where both can write a year", () => {
    for (let year = 1950; year < 2050; year++) {
      const time = new Date(Date.UTC(year, 11, 31, 23, 59, 59));
      expect(read(generalizedTime(time))).toBe(read(utcTime(time)));
    }
  });

  it("knows February of 400 years", () => {
    for (let year = 1900; year < 2300; year++) {
      const days = new Date(Date.UTC(year, 2, 0)).getUTCDate();
      expect(() => read(encode(GENERALIZED, `${year}02${days}000000Z`))).not.toThrow();
      expect(() => read(encode(GENERALIZED, `${year}02${days + 1}000000Z`)), `${year}`).toFailWith("ERR_MALFORMED_DER");
    }
  });
});

describe("readTime", () => {
  it.each([
    ["an INTEGER in its place", 0x02],
    ["a VisibleString, which GeneralizedTime is underneath", 0x1a],
    ["a DATE-TIME of later ASN.1", 0x21],
  ])("%s", (_, tag) => {
    expect(() => read(encode(tag, "20261001120000Z"))).toFailWith("ERR_MALFORMED_DER", {
      reason: expect.stringMatching(/^expected tag 0x18/),
    });
  });

  it("asks for a time at the end of its element", () => {
    expect(() => read(new Uint8Array(0))).toFailWith("ERR_MALFORMED_DER", { reason: "the element ends too early" });
  });

  it("answers milliseconds since 1970, negative before", () => {
    const at = (text: string) => readTime(DerCursor.over(encode(GENERALIZED, text), "thing"));
    expect([at("19691231235959Z"), at("19700101000000Z"), at("20260601000000Z")]).toEqual([-1000, 0, 1780272000000]);
  });
});
