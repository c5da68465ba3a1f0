import { type FieldRow, isField, type Layout } from "../bytes/layout.js";
import { isReportVersion, REPORT_LAYOUTS } from "../report/layouts.js";
import type { AttestationReport } from "../report/report.js";
import type { Row } from "./layout.js";

/** An offset as the specification writes it. */
export function offsetText(offset: number): string {
  return `0x${offset.toString(16).toUpperCase().padStart(3, "0")}`;
}

/** A doc line of a table, taken apart: AMD's name, a colon, the meaning. */
export function splitDoc(doc: string): { readonly name: string; readonly meaning: string } {
  const colon = doc.indexOf(": ");
  return { name: doc.slice(0, colon), meaning: doc.slice(colon + 2) };
}

/** The fields that a report of this version has, in the order of its bytes. */
export function fieldsOf(report: AttestationReport): readonly FieldRow[] {
  if (!isReportVersion(report.version)) throw new TypeError("report must be what parseReport returned");
  const { rows }: Layout = REPORT_LAYOUTS[report.version];
  return rows.filter(isField);
}

/** A row of a page for a field, with its offset and AMD's name. */
export type DescribeField = (field: string, value: Row["value"], more?: Pick<Row, "tone" | "note">) => Row;

/** Rows for the fields of one report; a field that its version lacks is a TypeError. */
export function fieldDescriber(report: AttestationReport): DescribeField {
  const rows = new Map(fieldsOf(report).map((row) => [row.name, row]));
  return (field, value, more = {}) => {
    const row = rows.get(field);
    if (row === undefined) throw new TypeError(`version ${report.version} has no field ${field}`);
    return { place: offsetText(row.offset), name: splitDoc(row.doc).name, value, ...more };
  };
}
