import { toHex } from "../bytes/codecs.js";
import type { Look, Tone } from "./terminal.js";

/** One line of a section: where it stands, what it is called, what it says. */
export interface Row {
  /** An offset or a bit number; empty where there is none. */
  readonly place?: string;
  readonly name: string;
  readonly nameTone?: Tone;
  /** Bytes are shown as folded hex. Text must be printable. */
  readonly value: string | Uint8Array;
  readonly tone?: Tone;
  /** Said in passing, after the value or below it. Text must be printable. */
  readonly note?: string;
}

/** Rows that belong together. */
export interface Section {
  readonly title: string;
  /** Stands beside the title. */
  readonly aside?: string;
  readonly rows: readonly Row[];
}

/** How the rows of a page are set: widths of the columns, and where values begin. */
interface Columns {
  readonly place: number;
  readonly name: number;
  readonly indent: number;
  /** True where values stand below the names, for want of room beside them. */
  readonly stacked: boolean;
}

const MARGIN = 2;
const GAP = 2;
const STACKED_INDENT = 4;
const LEAST_VALUE_WIDTH = 32;
/** Shorter runs of one byte are shown in full. */
const LEAST_RUN = 8;
/** Zeros at the end, from how many on they are counted instead of shown. */
const LEAST_TAIL = 16;
/** A note is broken into lines beside its value where these fit, else it goes below. */
const LEAST_NOTE_WIDTH = 30;

function columnsOf(sections: readonly Section[], width: number): Columns {
  const rows = sections.flatMap((section) => section.rows);
  const place = Math.max(0, ...rows.map((row) => row.place?.length ?? 0));
  const name = Math.max(0, ...rows.map((row) => row.name.length));
  const indent = MARGIN + (place === 0 ? 0 : place + GAP) + name + GAP;
  const stacked = width - indent < LEAST_VALUE_WIDTH;
  return { place, name, indent: stacked ? STACKED_INDENT : indent, stacked };
}

/** Text broken at spaces into lines of at most `width` characters; a longer word is cut. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.length <= width ? [text] : text.split(" ").filter((part) => part !== "")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    for (; line.length > width; line = line.slice(width)) lines.push(line.slice(0, width));
  }
  return [...lines, line];
}

/** How many bytes go on a line: as many as fit in equal lines, else about as many on each. */
function bytesALine(length: number, width: number): number {
  const most = Math.max(4, Math.floor(width / 8) * 4);
  if (length <= most) return Math.max(1, length);
  for (let step = most; 2 * step >= most; step -= 4) {
    if (length % step === 0) return step;
  }
  return Math.ceil(length / Math.ceil(length / most) / 4) * 4;
}

function hexLines(bytes: Uint8Array, width: number): readonly string[] {
  const step = bytesALine(bytes.length, width);
  const count = Math.ceil(bytes.length / step);
  return Array.from({ length: count }, (_, line) => toHex(bytes.subarray(line * step, (line + 1) * step)));
}

/** How many bytes there are before a long tail of zeros, in steps of 8; all of them where the tail is short. */
function lengthBeforeZeros(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const length = Math.ceil(end / 8) * 8;
  return bytes.length - length >= LEAST_TAIL ? length : bytes.length;
}

/** Hex in lines of at most `width` characters; a run of one byte, and a long tail of zeros, are named instead. */
export function foldBytes(bytes: Uint8Array, width: number): readonly string[] {
  const first = bytes[0];
  if (bytes.length >= LEAST_RUN && (first === 0 || first === 0xff) && bytes.every((byte) => byte === first)) {
    return [first === 0 ? `(${bytes.length} zero bytes)` : `(${bytes.length} bytes of ff)`];
  }
  const length = lengthBeforeZeros(bytes);
  const zeros = bytes.length - length;
  const lines = hexLines(bytes.subarray(0, length), width);
  return zeros === 0 ? lines : [...lines, `(then ${zeros} zero bytes)`];
}

function valueLines(row: Row, { paint }: Look, room: number): readonly string[] {
  const folded = typeof row.value === "string" ? wrapText(row.value, room) : foldBytes(row.value, room);
  const lines = folded.map((line) => (row.tone === undefined ? line : paint(row.tone, line)));
  if (row.note === undefined) return lines;
  // Beside the last line of the value where there is room, else below it.
  const beside = (folded.at(-1)?.length ?? 0) + GAP;
  if (room - beside < Math.min(LEAST_NOTE_WIDTH, row.note.length)) {
    return [...lines, ...wrapText(row.note, room).map((line) => paint("dim", line))];
  }
  const [first = "", ...rest] = wrapText(row.note, room - beside).map((line) => paint("dim", line));
  const last = `${lines.at(-1) ?? ""}${" ".repeat(GAP)}${first}`;
  return [...lines.slice(0, -1), last, ...rest.map((line) => " ".repeat(beside) + line)];
}

function renderRow(row: Row, columns: Columns, look: Look): string {
  const place = (row.place ?? "").padEnd(columns.place);
  const head = " ".repeat(MARGIN) + (columns.place === 0 ? "" : look.paint("dim", place) + " ".repeat(GAP));
  const below = `\n${" ".repeat(columns.indent)}`;
  const lines = valueLines(row, look, look.width - columns.indent).join(below);
  return columns.stacked
    ? `${head}${row.name}${below}${lines}`
    : `${head}${row.name.padEnd(columns.name + GAP)}${lines}`;
}

/** The sections as text, their columns aligned across the page; each line ends with a line feed. */
export function renderSections(sections: readonly Section[], look: Look): string {
  const columns = columnsOf(sections, look.width);
  const blocks = sections.map((section) => {
    const aside = section.aside === undefined ? "" : `  ${section.aside}`;
    const title = `${look.paint("heading", section.title)}${aside}`;
    return [title, ...section.rows.map((row) => renderRow(row, columns, look))].join("\n");
  });
  return blocks.map((block) => `${block}\n`).join("\n");
}
