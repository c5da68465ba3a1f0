import { BITS, LAYOUTS, type TableBit, type TableRow } from "virtual:tables";
import { type AttestationReport, type ProductLine, reportToJson, type TcbJson } from "attestry";
import { isZero, littleEndian, offsetText, toHex } from "./bytes.js";

/** A bit of a word as the page shows it. */
export interface ShownBit {
  readonly place: string;
  readonly label: string;
  readonly meaning: string;
  readonly value: string;
  readonly state: "set" | "clear" | "alarm" | "unknown";
}

/** A row of the layout with its value. */
export interface ShownField {
  readonly row: TableRow;
  readonly group: Group;
  readonly value: string;
  /** Said behind the value. */
  readonly note: string | null;
  readonly isZero: boolean;
  readonly bits: readonly ShownBit[];
}

/** Fields that belong together, in the order of the page. */
export const GROUPS = ["Format", "Guest", "Guest policy", "Host", "Chip", "TCB", "Signature", "Reserved"] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: readonly (readonly [RegExp, Group])[] = [
  [/^policy$/, "Guest policy"],
  [/^(platformInfo|current(Build|Minor|Major)|committed(Build|Minor|Major)|.*MitVector)$/, "Host"],
  [/^(cpuid.*|chipId)$/, "Chip"],
  [/Tcb$/, "TCB"],
  [/^(signature.*|keyInfo)$/, "Signature"],
  [/^version$/, "Format"],
];

/** The class name of a group's colour. */
export function classOf(group: string): string {
  return group === "Chip" ? "chip-group" : group.toLowerCase().replace(" ", "-");
}

/** The fields of a version; a version that nobody knows is shown by the newest table. */
export function rowsOf(report: Uint8Array): readonly TableRow[] {
  const version = Number(littleEndian(report.subarray(0, 4)));
  return LAYOUTS[version] ?? LAYOUTS[5] ?? [];
}

/** The group that a field belongs to. */
export function groupOf({ name }: TableRow): Group {
  if (name === null) return "Reserved";
  return GROUP_OF.find(([pattern]) => pattern.test(name))?.[1] ?? "Guest";
}

const ALARMING: ReadonlyMap<string, boolean> = new Map([
  ["debug", true],
  ["migrateMa", true],
  ["reservedOne", false],
  ["maskChipKey", true],
]);

function shownBit({ name, low, high, label, meaning }: TableBit, word: bigint): ShownBit {
  const value = (word >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);
  if (low !== high) return { place: `${high}:${low}`, label, meaning, value: String(value), state: "set" };
  const isSet = value === 1n;
  const usual = isSet ? "set" : "clear";
  const state = ALARMING.get(name) === isSet ? "alarm" : usual;
  return { place: String(low), label, meaning, value: isSet ? "yes" : "no", state };
}

/** The bits of a word: those that have a name, and those that are set and have none. */
function bitsOf(name: string | null, word: bigint): readonly ShownBit[] {
  const rows = BITS[name ?? ""] ?? [];
  const shown = rows.map((row) => ({ low: row.low, bit: shownBit(row, word) }));
  const isNamed = (at: number) => rows.some(({ low, high }) => at >= low && at <= high);
  for (let at = 0; rows.length > 0 && at < 64; at += 1) {
    if (isNamed(at) || ((word >> BigInt(at)) & 1n) === 0n) continue;
    const meaning = "unknown: no published meaning, and set";
    shown.push({ low: at, bit: { place: String(at), label: "unknown bit", meaning, value: "yes", state: "unknown" } });
  }
  return shown.sort((a, b) => a.low - b.low).map(({ bit }) => bit);
}

const COMPONENTS = [
  ["fmc", "FMC"],
  ["bootLoader", "boot loader"],
  ["tee", "TEE"],
  ["snp", "SNP"],
  ["microcode", "microcode"],
] as const;

/** A TCB by its components, in the order that AMD writes. */
function tcbText({ components }: TcbJson): string | null {
  if (components === null) return null;
  const named = COMPONENTS.filter(([name]) => components[name] !== undefined);
  return named.map(([name, label]) => `${label} ${components[name]}`).join(", ");
}

const SIGNERS: Readonly<Record<number, string>> = { 0: "VCEK", 1: "VLEK", 7: "none" };

type Tcbs = Readonly<Record<string, TcbJson>>;

/** What stands behind a value, in words. */
function noteOf({ name }: TableRow, report: AttestationReport, tcbs: Tcbs): string | null {
  const tcb = tcbs[name ?? ""];
  if (tcb !== undefined) return tcbText(tcb);
  if (name === "keyInfo") return `signed by ${SIGNERS[report.keyInfo.signingKey] ?? "an unknown key"}`;
  if (name === "signatureAlgo") return report.signatureAlgo === 1 ? "ECDSA P-384 with SHA-384" : "unknown";
  if (name === "vmpl" && report.vmpl === 0xffffffff) return "the host asked for this report";
  return null;
}

function numberText({ type, name }: TableRow, bytes: Uint8Array): string {
  const value = littleEndian(bytes);
  const asHex = `0x${value.toString(16).padStart(bytes.length * 2, "0")}`;
  return type === "u64" || name === "keyInfo" || name?.startsWith("cpuid") ? asHex : value.toString();
}

function valueText(row: TableRow, bytes: Uint8Array): string {
  if (row.type !== "bytes") return numberText(row, bytes);
  if (isZero(bytes)) return "all zero";
  return bytes.every((byte) => byte === 0xff) ? "all ones" : toHex(bytes);
}

function shownField(row: TableRow, bytes: Uint8Array, note: string | null): ShownField {
  const numeric = row.type !== "bytes";
  return {
    row,
    group: groupOf(row),
    value: valueText(row, bytes),
    note,
    isZero: isZero(bytes),
    bits: numeric ? bitsOf(row.name, littleEndian(bytes)) : [],
  };
}

/** What a report says, row by row; without a parsed report the bytes are shown and nothing is explained. */
export function shownFields(
  bytes: Uint8Array,
  report: AttestationReport | null,
  line: ProductLine | null,
): readonly ShownField[] {
  const json = report === null ? null : reportToJson(report, line ?? undefined);
  const tcbs: Tcbs =
    json === null
      ? {}
      : {
          currentTcb: json.currentTcb,
          reportedTcb: json.reportedTcb,
          committedTcb: json.committedTcb,
          launchTcb: json.launchTcb,
        };
  return rowsOf(bytes).map((row) => {
    const own = bytes.subarray(row.offset, row.offset + row.size);
    return shownField(row, own, report === null ? null : noteOf(row, report, tcbs));
  });
}

/** Where a row stands, for people. */
export function placeText({ offset, size }: TableRow): string {
  return `${offsetText(offset)}, ${size} byte${size === 1 ? "" : "s"}`;
}
