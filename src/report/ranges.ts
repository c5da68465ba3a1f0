import { type ByteRange, isField, type Layout } from "../bytes/layout.js";
import { isReportVersion, REPORT_LAYOUTS } from "./layouts.js";
import type { AttestationReport } from "./report.js";

/** A field of the report that stands at a place of its own; `reserved` says its own offsets. */
export type ReportField = Exclude<keyof AttestationReport, "reserved">;

/** Fields that are made of several rows: the first and the last. All others are a row of the same name. */
const SPANS: Partial<Readonly<Record<ReportField, readonly [first: string, last: string]>>> = {
  cpuid: ["cpuidFamId", "cpuidStep"],
  currentFirmware: ["currentBuild", "currentMajor"],
  committedFirmware: ["committedBuild", "committedMajor"],
  signature: ["signatureR", "signatureS"],
};

/**
 * Where a field stands in the bytes of a report, or null where that version does not have it.
 *
 * `signature` runs from the first byte of r to the last of s that may be other than zero.
 *
 * @throws TypeError for a version that is not known.
 */
export function reportRange(version: number, field: ReportField): ByteRange | null {
  if (!isReportVersion(version)) throw new TypeError(`version ${version} of the report is not known`);
  const layout: Layout = REPORT_LAYOUTS[version];
  const [first, last] = SPANS[field] ?? [field, field];
  const fields = layout.rows.filter(isField);
  const start = fields.find((row) => row.name === first);
  const end = fields.find((row) => row.name === last);
  if (start === undefined || end === undefined) return null;
  return { offset: start.offset, length: end.offset + end.size - start.offset };
}
