import type { ProductLine } from "../../amd/product-lines.js";
import type { SnpBlock } from "../schema.js";
import type { Notes } from "./imported.js";
import { malformedImport } from "./malformed.js";
import { type AmdSev, FORMAT, type TcbVersion } from "./oak-messages.js";
import type { Located } from "./proto.js";

const LINES = [
  ["milan", "Milan"],
  ["genoa", "Genoa"],
  ["turin", "Turin"],
] as const satisfies readonly (readonly [keyof AmdSev, ProductLine])[];

const COMPONENTS = [
  ["boot_loader", "bootLoader"],
  ["tee", "tee"],
  ["snp", "snp"],
  ["microcode", "microcode"],
] as const;

const EMPTY: TcbVersion = {
  boot_loader: undefined,
  tee: undefined,
  snp: undefined,
  microcode: undefined,
  fmc: undefined,
};

function level(field: Located<number> | undefined): number {
  if (field === undefined || field.value <= 255) return field?.value ?? 0;
  throw malformedImport(FORMAT, field.where, `expected at most 255, found ${field.value}`);
}

/**
 * The entry of a line; null where no report of it can pass. Oak reads an FMC of zero from a Milan or Genoa report,
 * so a floor above that refuses the line.
 */
function entryOf(line: ProductLine, minimum: TcbVersion) {
  const fmc = level(minimum.fmc);
  if (line !== "Turin" && fmc > 0) return null;
  const floor = Object.fromEntries(COMPONENTS.map(([field, name]) => [name, level(minimum[field])] as const));
  return { reported: line === "Turin" ? { ...floor, fmc } : floor };
}

/** The minimum of a line, where it has one or skips it; undefined where nothing of the line passes. */
function minimumOf(values: AmdSev, field: (typeof LINES)[number][0]): TcbVersion | undefined {
  const { min_tcb_version } = values;
  if (min_tcb_version !== undefined) return min_tcb_version.value;
  const said = values[field];
  if (said === undefined) return undefined;
  const { skip, minimum } = said.value;
  if (skip === undefined) return minimum?.value;
  if (minimum === undefined) return EMPTY;
  throw malformedImport(FORMAT, minimum.where, "expected skip or minimum, found both");
}

function noteAll(values: AmdSev, notes: Notes): void {
  const { min_tcb_version, milan, genoa, turin } = values;
  if (min_tcb_version === undefined) return;
  const text = "Left out: with min_tcb_version, which is one floor for all lines, Oak looks at no line's own.";
  for (const { where } of [milan, genoa, turin].filter((field) => field !== undefined)) {
    notes.add("meant", { where, pointer: null, text });
  }
}

/**
 * Floors for REPORTED_TCB by line. A line that the reference values leave out, or leave without a minimum, is refused
 * by Oak and here.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` where no line is left.
 */
export function minimumTcb(values: AmdSev, notes: Notes): NonNullable<SnpBlock["minimumTcb"]> {
  noteAll(values, notes);
  const entries = LINES.flatMap(([field, line]) => {
    const minimum = minimumOf(values, field);
    const entry = minimum === undefined ? null : entryOf(line, minimum);
    return entry === null ? [] : [[line, entry] as const];
  });
  const open = entries.filter(([, { reported }]) => Object.values(reported).every((least) => least === 0));
  if (open.length > 0) {
    const lines = open.map(([line]) => line).join(", ");
    const text = `Any TCB of ${lines} passes, as in the source. Write floors, or firmware with known weaknesses is trusted.`;
    notes.add("meant", { where: "", pointer: "/snp/minimumTcb", text });
  }
  if (entries.length > 0) return Object.fromEntries(entries);
  throw malformedImport(FORMAT, "", "expected a TCB for at least one of milan, genoa, turin: no report would pass");
}
