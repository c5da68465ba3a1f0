import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { tcbComponents } from "../../src/amd/tcb.js";
import { type BitRow, bitsOf } from "../../src/bytes/bits.js";
import { isField, type LayoutRow } from "../../src/bytes/layout.js";
import { GUEST_POLICY_BITS } from "../../src/report/guest-policy.js";
import { KEY_INFO_BITS } from "../../src/report/key-info.js";
import { REPORT_LAYOUTS, REPORT_VERSIONS, type ReportVersion } from "../../src/report/layouts.js";
import { PLATFORM_INFO_BITS } from "../../src/report/platform-info.js";

/** Rows of the layout that `parseReport` gathers into one member: where the value is then. */
const GATHERED: Readonly<Record<string, string>> = {
  cpuidFamId: "cpuid.family",
  cpuidModId: "cpuid.model",
  cpuidStep: "cpuid.stepping",
  currentBuild: "currentFirmware.build",
  currentMinor: "currentFirmware.minor",
  currentMajor: "currentFirmware.major",
  committedBuild: "committedFirmware.build",
  committedMinor: "committedFirmware.minor",
  committedMajor: "committedFirmware.major",
  signatureR: "signature.r",
  signatureS: "signature.s",
};

const RESERVED = {
  refuse: "reserved: must be zero, else the report is malformed",
  keep: "reserved: kept in `reserved` where not zero, for the policy to judge",
} as const;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(3, "0")}`;
}

/** AMD's name and the meaning, which one text holds. */
function named(doc: string): readonly [amd: string, meaning: string] {
  const at = doc.indexOf(": ");
  return at < 0 ? [doc, ""] : [doc.slice(0, at), doc.slice(at + 2)];
}

/** Where `parseReport` puts a row of the layout. */
export function memberOf(name: string): string {
  return GATHERED[name] ?? name;
}

function cellsOf(row: LayoutRow): readonly string[] {
  const place = [`\`${hex(row.offset)}\``, String(row.size)];
  if (!isField(row)) return [...place, "", "", RESERVED[row.reserved]];
  const [amd, meaning] = named(row.doc);
  return [...place, `\`${amd}\``, `\`${memberOf(row.name)}\``, meaning];
}

function rowsOf(version: ReportVersion): readonly LayoutRow[] {
  return REPORT_LAYOUTS[version].rows;
}

function layoutTable(version: ReportVersion): string {
  return table(["offset", "size", "AMD's name", "ours", "meaning"], rowsOf(version).map(cellsOf));
}

/** The fields that a version has and the one before has not. */
function versionTable(): string {
  const rows = REPORT_VERSIONS.map((version, index) => {
    const before = REPORT_VERSIONS[index - 1];
    if (before === undefined) return [String(version), "the fields of the first table below"];
    const known = new Set(rowsOf(before).flatMap((row) => (isField(row) ? [row.name] : [])));
    const fresh = rowsOf(version).filter(isField);
    const added = fresh.filter(({ name }) => !known.has(name)).map(({ doc }) => `\`${named(doc)[0]}\``);
    return [String(version), added.length === 0 ? "nothing" : added.join(", ")];
  });
  return table(["version", "has what the one before has not"], rows);
}

function bitTable(rows: readonly BitRow[]): string {
  const cells = rows.map((row) => {
    const { low, high } = bitsOf(row);
    const [amd, meaning] = named(row.doc);
    return [low === high ? String(low) : `${high}:${low}`, `\`${amd}\``, `\`${row.name}\``, meaning];
  });
  return table(["bit", "AMD's name", "ours", "when set, or its value"], cells);
}

function tcbTable(): string {
  const columns = PRODUCT_LINES.map(tcbComponents);
  const rows = Array.from({ length: 8 }, (_, index) => [
    String(index),
    ...columns.map((components) => {
      const component = components[index] ?? "";
      return /^spl\d$/.test(component) ? `\`${component}\`, reserved` : `\`${component}\``;
    }),
  ]);
  return table(["byte", ...PRODUCT_LINES], rows);
}

/** The tables of docs/report-layout.md, by the name that stands around each in the page. */
export const LAYOUT_TABLES: Readonly<Record<string, () => string>> = {
  versions: versionTable,
  version2: () => layoutTable(2),
  version3: () => layoutTable(3),
  version5: () => layoutTable(5),
  guestPolicy: () => bitTable(GUEST_POLICY_BITS.rows),
  platformInfo: () => bitTable(PLATFORM_INFO_BITS.rows),
  keyInfo: () => bitTable(KEY_INFO_BITS.rows),
  tcb: tcbTable,
};

/** The page with its tables made anew. */
export function renewLayoutTables(page: string): string {
  return page.replace(/(<!-- table: (\w+) -->)[\s\S]*?(<!-- end -->)/g, (_, begin: string, name: string, end) => {
    const make = LAYOUT_TABLES[name];
    if (make === undefined) throw new Error(`docs/report-layout.md names the table ${name}, which there is not`);
    return `${begin}\n\n${make()}\n\n${end}`;
  });
}
