import { describe, expect, it } from "vitest";
import { isField, type Layout } from "../../src/bytes/layout.js";
import {
  isReportVersion,
  REPORT_LAYOUTS,
  REPORT_LENGTH,
  REPORT_VERSIONS,
  SIGNED_LENGTH,
} from "../../src/report/layouts.js";
import { parseReport } from "../../src/report/report.js";
import { KEPT, PLACES, patched, patternReport, REFUSED, VERSIONS } from "./pattern.js";

describe("the versions", () => {
  it("are 2, 3, 4 and 5", () => {
    expect(REPORT_VERSIONS).toEqual(VERSIONS);
    expect(Object.keys(REPORT_LAYOUTS).map(Number)).toEqual(VERSIONS);
  });

  it.each([...VERSIONS])("know %i", (version) => expect(isReportVersion(version)).toBe(true));

  it.each([0, 1, 6, 99, 2.5, Number.NaN, "2", null, undefined, [2], "toString"])("do not know %j", (version) => {
    expect(isReportVersion(version)).toBe(false);
  });

  it("do not know a bigint", () => expect(isReportVersion(2n)).toBe(false));

  it("have 1184 bytes of which 672 are signed", () => {
    expect([REPORT_LENGTH, SIGNED_LENGTH]).toEqual([1184, 672]);
  });
});

describe.each([...VERSIONS])("the table of version %i", (version) => {
  const layout: Layout = REPORT_LAYOUTS[version];

  it("has AMD's fields at AMD's places", () => {
    const fields = Object.fromEntries(layout.rows.filter(isField).map((row) => [row.name, [row.offset, row.size]]));
    const wanted = Object.entries(PLACES).flatMap(([name, [offset, size, since]]) =>
      since <= version ? [[name, [offset, size]]] : [],
    );
    expect(fields).toEqual(Object.fromEntries(wanted));
  });

  it.each([
    ["refuse", REFUSED],
    ["keep", KEPT[version]],
  ])("has the reserved ranges to %s", (kind, ranges) => {
    const rows = layout.rows.flatMap((row) => (!isField(row) && row.reserved === kind ? [[row.offset, row.size]] : []));
    expect(rows).toEqual(ranges);
  });

  it("refuses nothing inside the signed bytes but 0x04C", () => {
    const refused = layout.rows.filter((row) => !isField(row) && row.reserved === "refuse");
    expect(refused.filter((row) => row.offset < SIGNED_LENGTH).map((row) => row.offset)).toEqual([0x04c]);
  });

  it("keeps nothing outside the signed bytes", () => {
    const kept = layout.rows.filter((row) => !isField(row) && row.reserved === "keep");
    expect(kept.every((row) => row.offset + row.size <= SIGNED_LENGTH)).toBe(true);
  });

  it("explains every field, AMD's name first", () => {
    for (const row of layout.rows.filter(isField)) expect(row.doc, row.name).toMatch(/^[A-Z0-9_]+: \S/);
  });

  const report = patternReport(version);
  const reserved = layout.rows.filter((row) => !isField(row));
  const places = (kind: string) =>
    reserved
      .filter((row) => !isField(row) && row.reserved === kind)
      .flatMap((row) => Array.from({ length: row.size }, (_, index) => ({ row, offset: row.offset + index })));

  it.each(places("refuse"))("refuses a byte at $offset", ({ row, offset }) => {
    for (const value of [0x01, 0x80]) {
      expect(() => parseReport(patched(report, offset, [value]))).toFailWith("ERR_MALFORMED_RESERVED", {
        what: "report",
        offset,
        length: row.offset + row.size - offset,
      });
    }
  });

  it.each(places("keep"))("keeps a byte at $offset and reports its range", ({ row, offset }) => {
    for (const value of [0x01, 0x80]) {
      const bytes = patched(report, offset, [value]);
      const range = { offset: row.offset, bytes: bytes.slice(row.offset, row.offset + row.size) };
      expect(parseReport(bytes)).toEqual({ ...parseReport(report), reserved: [range] });
    }
  });
});
