import { type FieldRow, isField, type Layout, type LayoutRow } from "../bytes/layout.js";
import { encodeLayout } from "../bytes/layout-encode.js";
import { isReportVersion, REPORT_LAYOUTS, REPORT_VERSIONS, SIGNED_LENGTH } from "../report/layouts.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";

type ReportValues = ReturnType<(typeof REPORT_LAYOUTS)[5]["parse"]>["values"];
type Signature = "signatureR" | "signatureS";

/**
 * A report spelled out field by field, by the names of its table; numbers as numbers, 64-bit ones as bigint, all else
 * as bytes in the report's order. A field that its version does not have is undefined.
 */
export type SpelledReport = {
  readonly [Name in keyof Omit<ReportValues, Signature | "version">]: ReportValues[Name] | undefined;
} & {
  readonly version: number;
  /** The 512 bytes of the signature field: r and s in 72 little-endian bytes each, then zeros. */
  readonly signature: Uint8Array;
};

const SIGNATURE_LENGTH = 512;
const HALF = 48;
const GREATEST = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff, u64: 2n ** 64n - 1n } as const;

type FieldValue = number | bigint | Uint8Array;

/** A value that fits its row; what does not is the container's fault. */
function fitted(container: string, { name, type, size }: FieldRow, value: FieldValue): FieldValue {
  if (type === "bytes") {
    if (value instanceof Uint8Array && value.length === size) return value;
    const found = value instanceof Uint8Array ? value.length : shown(value);
    throw malformedContainer(container, name, `expected ${size} bytes, found ${found}`);
  }
  if (typeof value === "bigint" && type === "u64" && value >= 0n && value <= GREATEST.u64) return value;
  if (typeof value === "number" && type !== "u64" && Number.isInteger(value)) {
    if (value >= 0 && value <= GREATEST[type]) return value;
  }
  throw malformedContainer(container, name, `expected an integer of 0 to ${GREATEST[type]}, found ${shown(value)}`);
}

function checkSignature(container: string, signature: Uint8Array): void {
  if (signature.length === SIGNATURE_LENGTH) return;
  const reason = `expected ${SIGNATURE_LENGTH} bytes, found ${signature.length}`;
  throw malformedContainer(container, "signature", reason);
}

/** The values that go into the rows of a version. */
function valuesFor(container: string, rows: readonly LayoutRow[], fields: SpelledReport): Record<string, FieldValue> {
  const { signature: _, ...given } = fields;
  const named = new Map<string, FieldValue | undefined>(Object.entries(given));
  // Placeholders: the whole signature field is written over them as it came.
  named.set("signatureR", new Uint8Array(HALF)).set("signatureS", new Uint8Array(HALF));
  const values = rows.filter(isField).map((row): [string, FieldValue] => {
    const value = named.get(row.name);
    named.delete(row.name);
    if (value === undefined) throw malformedContainer(container, row.name, "missing, though the version has it");
    return [row.name, fitted(container, row, value)];
  });
  for (const [name, value] of named) {
    if (value !== undefined) throw malformedContainer(container, name, "there, though the version has no such field");
  }
  return Object.fromEntries(values);
}

/**
 * Unverified: the 1184 bytes of a report that a container spells out field by field.
 *
 * Reserved bytes of the signed part come out as zeros, since such containers do not carry them. Where firmware wrote
 * anything else there, the bytes differ from what was signed and the report's signature fails: information is lost,
 * never invented.
 *
 * @param container - named in errors
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a report version that is not known.
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for a field that the version has and the container has not, the
 * other way round, a number out of its range, or bytes of another length.
 *
 * Source: AMD 56860, ATTESTATION_REPORT.
 */
export function rebuildReport(container: string, fields: SpelledReport): Uint8Array {
  const { version, signature } = fields;
  if (!isReportVersion(version)) {
    throw unsupportedContainer(container, "version", `${shown(version)} (known are ${REPORT_VERSIONS.join(", ")})`);
  }
  checkSignature(container, signature);
  const layout: Layout = REPORT_LAYOUTS[version];
  const report = encodeLayout<readonly LayoutRow[]>(layout, valuesFor(container, layout.rows, fields));
  report.set(signature, SIGNED_LENGTH);
  return report;
}
