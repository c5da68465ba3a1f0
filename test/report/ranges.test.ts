import { describe, expect, it } from "vitest";
import { reportToJson } from "../../src/report/json.js";
import { REPORT_LENGTH } from "../../src/report/layouts.js";
import { type ReportField, reportRange } from "../../src/report/ranges.js";
import { parseReport } from "../../src/report/report.js";
import { KEPT, patched, patternReport, REFUSED, VERSIONS } from "./pattern.js";

const FIELDS = Object.keys(parseReport(patternReport(5))).filter((name): name is ReportField => name !== "reserved");

describe("reportRange", () => {
  it.each([
    [2, "version", 0x000, 4],
    [5, "reportData", 0x050, 64],
    [3, "measurement", 0x090, 48],
    [3, "cpuid", 0x188, 3],
    [2, "currentFirmware", 0x1e8, 3],
    [2, "committedFirmware", 0x1ec, 3],
    [5, "launchMitVector", 0x1f8, 8],
    [5, "currentMitVector", 0x200, 8],
    [4, "signature", 0x2a0, 0x78],
  ] as const)("version %i: %s", (...[version, field, offset, length]) => {
    expect(reportRange(version, field)).toEqual({ offset, length });
  });

  it.each([
    [2, "cpuid"],
    [2, "launchMitVector"],
    [3, "launchMitVector"],
    [4, "currentMitVector"],
  ] as const)("version %i has no %s", (version, field) => expect(reportRange(version, field)).toBeNull());

  it.each([[0], [1], [6], [Number.NaN]])("version %d is a TypeError", (version) => {
    expect(() => reportRange(version, "version")).toThrow(TypeError);
  });
});

/** The names of the fields whose JSON differs. */
function changedFields(before: object, after: object): string[] {
  const other = new Map(Object.entries(after));
  return Object.entries(before).flatMap(([name, value]) =>
    JSON.stringify(value) === JSON.stringify(other.get(name)) ? [] : [name],
  );
}

describe.each([...VERSIONS])("version %i", (version) => {
  const bytes = patternReport(version);
  const before = reportToJson(parseReport(bytes), "Milan");
  const isReserved = (offset: number) =>
    [...REFUSED, ...KEPT[version]].some(([start, size]) => offset >= start && offset < start + size);
  const covering = (offset: number) =>
    FIELDS.filter((field) => {
      const range = reportRange(version, field);
      return range !== null && offset >= range.offset && offset < range.offset + range.length;
    });

  it("changing any byte of a field changes that field alone, and its range holds the byte", () => {
    for (let offset = 4; offset < REPORT_LENGTH; offset++) {
      if (isReserved(offset)) continue;
      const after = reportToJson(parseReport(patched(bytes, offset, [(bytes[offset] ?? 0) ^ 0x81])), "Milan");
      expect(changedFields(before, after), `byte ${offset}`).toEqual(covering(offset));
    }
  });

  it("no range but the signature's holds reserved bytes", () => {
    for (let offset = 0; offset < REPORT_LENGTH; offset++) {
      if (!isReserved(offset)) expect(covering(offset), `byte ${offset}`).toHaveLength(1);
      else
        expect(
          covering(offset).filter((field) => field !== "signature"),
          `byte ${offset}`,
        ).toEqual([]);
    }
  });
});
