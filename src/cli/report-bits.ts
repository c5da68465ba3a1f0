import { type BitRow, bitsOf, isFlag } from "../bytes/bits.js";
import { GUEST_POLICY_BITS } from "../report/guest-policy.js";
import { KEY_INFO_BITS } from "../report/key-info.js";
import { PLATFORM_INFO_BITS } from "../report/platform-info.js";
import type { AttestationReport } from "../report/report.js";
import type { Row, Section } from "./layout.js";
import { type DescribeField, splitDoc } from "./report-fields.js";
import type { Tone } from "./terminal.js";

/** Bits that a reader should not overlook, and the value that is alarming. */
const ALARMS: ReadonlyMap<string, boolean> = new Map([
  ["debug", true],
  ["migrateMa", true],
  ["reservedOne", false],
  ["maskChipKey", true],
]);

const SIGNING_KEYS: ReadonlyMap<unknown, string> = new Map([
  [0, "VCEK"],
  [1, "VLEK"],
  [7, "none"],
]);

/** A word of the report whose bits have names. */
interface Word {
  readonly title: string;
  readonly field: string;
  readonly hexDigits: number;
  readonly rows: readonly BitRow[];
  readonly values: { readonly raw: bigint | number; readonly unknownBits: bigint | number };
}

function toneOf(name: string, value: boolean): Tone {
  if (ALARMS.get(name) === value) return "bad";
  return value ? "strong" : "dim";
}

function flagRow(name: string, value: boolean): Pick<Row, "value" | "tone"> {
  return { value: value ? "yes" : "no ", tone: toneOf(name, value) };
}

function numberRow(name: string, value: unknown): Pick<Row, "value" | "note"> {
  const shown = { value: String(value).padEnd(3) };
  return name === "signingKey" ? { ...shown, note: SIGNING_KEYS.get(value) ?? "unknown" } : shown;
}

/** A row of the page, and the bit that it is sorted by. */
interface BitLine {
  readonly low: number;
  readonly row: Row;
}

function bitLine(row: BitRow, value: unknown): BitLine {
  const { low, high } = bitsOf(row);
  const { name, meaning } = splitDoc(row.doc);
  const place = isFlag(row) ? `bit ${low}` : `bits ${high}:${low}`;
  const shown = typeof value === "boolean" ? flagRow(row.name, value) : numberRow(row.name, value);
  return { low, row: { place, name, note: meaning, ...shown } };
}

function unknownLines(mask: bigint): readonly BitLine[] {
  const set = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
  const note = "unknown: attestry has no name for this bit";
  return set.map((low) => ({ low, row: { place: `bit ${low}`, name: "?", value: "yes", tone: "warn", note } }));
}

function wordSection(word: Word, describe: DescribeField): Section {
  const values = new Map<string, unknown>(Object.entries(word.values));
  const raw = `0x${word.values.raw.toString(16).padStart(word.hexDigits, "0")}`;
  const known = word.rows.map((row) => bitLine(row, values.get(row.name)));
  const lines = [...known, ...unknownLines(BigInt(word.values.unknownBits))].sort((a, b) => a.low - b.low);
  return { title: word.title, rows: [describe(word.field, raw), ...lines.map(({ row }) => row)] };
}

/** POLICY, PLATFORM_INFO and KEY_INFO, a row for each bit with a name and for each set bit without one. */
export function bitSections(report: AttestationReport, describe: DescribeField): readonly Section[] {
  const { policy, platformInfo, keyInfo } = report;
  const words: readonly Word[] = [
    { title: "Guest policy", field: "policy", hexDigits: 16, rows: GUEST_POLICY_BITS.rows, values: policy },
    { title: "Platform", field: "platformInfo", hexDigits: 16, rows: PLATFORM_INFO_BITS.rows, values: platformInfo },
    { title: "Signing key", field: "keyInfo", hexDigits: 8, rows: KEY_INFO_BITS.rows, values: keyInfo },
  ];
  return words.map((word) => wordSection(word, describe));
}
