import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTime } from "../../src/cli/time.js";
import { UsageError } from "../../src/cli/usage-error.js";

describe("parseTime", () => {
  it.each([
    ["2026-09-01T00:00:00Z", "2026-09-01T00:00:00.000Z"],
    ["2026-09-01T02:00:00+02:00", "2026-09-01T00:00:00.000Z"],
    ["2026-08-31T18:30:00-05:30", "2026-09-01T00:00:00.000Z"],
    ["2026-09-01T00:00:00-00:00", "2026-09-01T00:00:00.000Z"],
    ["2026-09-01T00:00:00.5Z", "2026-09-01T00:00:00.500Z"],
    ["2026-09-01T00:00:00.123456789Z", "2026-09-01T00:00:00.123Z"],
    ["2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000Z"],
    ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z"],
    ["2100-01-01T00:00:00Z", "2100-01-01T00:00:00.000Z"],
  ])("reads %s", (text, iso) => {
    expect(parseTime(text, "--at").toISOString()).toBe(iso);
  });

  it.each([
    "",
    "now",
    "2026-09-01",
    "2026-09-01T00:00Z",
    "2026-09-01T00:00:00",
    "2026-09-01 00:00:00Z",
    "2026-09-01t00:00:00z",
    "2026-09-01T00:00:00+0200",
    "2026-09-01T00:00:00+24:00",
    "2026-09-01T00:00:00+02:60",
    "2026-09-01T24:00:00Z",
    "2026-09-01T23:60:00Z",
    "2026-09-01T23:59:60Z",
    "2025-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-09-01T00:00:00.Z",
    "2026-09-01T00:00:00.1234567890Z",
    " 2026-09-01T00:00:00Z",
    "2026-09-01T00:00:00Z\n",
    "1756684800",
    "+02026-09-01T00:00:00Z",
    "２026-09-01T00:00:00Z",
  ])("refuses %j", (text) => {
    expect(() => parseTime(text, "--at")).toThrow(UsageError);
    expect(() => parseTime(text, "--at")).toThrow(/^--at: expected a time as in/);
  });

  it.each(["2019-12-31T23:59:59Z", "2100-01-01T00:00:01Z", "0000-01-01T00:00:00Z", "0099-01-01T00:00:00Z"])(
    "takes %s for a mistake",
    (text) => {
      expect(() => parseTime(text, "--at")).toThrow(UsageError);
    },
  );

  it("reads what Date writes", () => {
    const range = { min: new Date("2020-01-01T00:00:00Z"), max: new Date("2100-01-01T00:00:00Z"), noInvalidDate: true };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        expect(parseTime(date.toISOString(), "now").getTime()).toBe(date.getTime());
      }),
    );
  });
});
