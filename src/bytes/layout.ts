import { MalformedError } from "../errors.js";

/** How a field's bytes are read; numbers are little-endian. */
export type FieldType = "u8" | "u16" | "u32" | "u64" | "bytes";

/** A field of a structure. */
export interface FieldRow {
  readonly name: string;
  /** From the start of the structure. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
  readonly type: FieldType;
  /** AMD's name, a colon, the meaning. */
  readonly doc: string;
}

/** Bytes without a meaning: `refuse` makes the parser refuse any that is not zero, `keep` makes it report them. */
export interface ReservedRow {
  readonly reserved: "refuse" | "keep";
  readonly offset: number;
  readonly size: number;
}

/** One line of a structure's table. */
export type LayoutRow = FieldRow | ReservedRow;

/** A part of a structure, in bytes from its start. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Reserved bytes that are not all zero: the whole range, at its offset. */
export interface ReservedBytes {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface ValueTypes {
  u8: number;
  u16: number;
  u32: number;
  u64: bigint;
  bytes: Uint8Array;
}

type FieldsOf<Rows extends readonly LayoutRow[]> = Extract<Rows[number], FieldRow>;

/** The names of a table's fields. */
export type FieldName<Rows extends readonly LayoutRow[]> = FieldsOf<Rows>["name"];

/** The values that a table describes, by field name. */
export type LayoutValues<Rows extends readonly LayoutRow[]> = {
  readonly [Row in FieldsOf<Rows> as Row["name"]]: ValueTypes[Row["type"]];
};

/** A structure described once: the table, and the parser made from it. */
export interface Layout<Rows extends readonly LayoutRow[] = readonly LayoutRow[]> {
  /** Names the structure in errors. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly rows: Rows;
  /**
   * Unverified: the fields of exactly `size` bytes, byte fields as copies, and the `keep` rows that are not zero.
   *
   * @param bytes - a plain `Uint8Array`
   * @throws MalformedError `ERR_MALFORMED_LENGTH`; `ERR_MALFORMED_RESERVED` for a `refuse` row that is not zero,
   * with the offset of its first byte that is not, and the length from there to the row's end.
   */
  parse(bytes: Uint8Array): { readonly values: LayoutValues<Rows>; readonly reserved: readonly ReservedBytes[] };
  /**
   * Unverified: the same bytes, checked in the same way and at once, but each field decoded where it is asked for,
   * every time anew. For readers of a few fields; the bytes must stay what they are.
   *
   * @throws as `parse`
   */
  open(bytes: Uint8Array): OpenLayout<Rows>;
}

/** A structure whose fields are decoded where they are asked for. */
export interface OpenLayout<Rows extends readonly LayoutRow[] = readonly LayoutRow[]> {
  readonly values: LayoutValues<Rows>;
  /** The `keep` rows that are not zero. */
  reserved(): readonly ReservedBytes[];
}

const FIXED_SIZES: Readonly<Record<FieldType, number | null>> = { u8: 1, u16: 2, u32: 4, u64: 8, bytes: null };

/** True for a row that holds a value. */
export function isField(row: LayoutRow): row is FieldRow {
  return "name" in row;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function checkRow(row: LayoutRow, end: number, title: string): void {
  if (row.offset > end) throw new TypeError(`${title} leaves a gap: the row before ends at ${hex(end)}`);
  if (row.offset < end) throw new TypeError(`${title} overlaps the row before, which ends at ${hex(end)}`);
  if (!Number.isInteger(row.size) || row.size < 1) throw new TypeError(`${title} has size ${row.size}`);
  const fixed = isField(row) ? FIXED_SIZES[row.type] : null;
  if (fixed !== null && fixed !== row.size) throw new TypeError(`${title} has size ${row.size}, its type ${fixed}`);
}

function proveRows(name: string, size: number, rows: readonly LayoutRow[]): void {
  const names = new Set<string>();
  let end = 0;
  for (const row of rows) {
    const label = isField(row) ? row.name : row.reserved;
    const title = `${name}: row "${label}" at ${hex(row.offset)}`;
    checkRow(row, end, title);
    if (isField(row) && names.has(label)) throw new TypeError(`${title} has the name of an earlier row`);
    if (isField(row)) names.add(label);
    end += row.size;
  }
  if (end !== size) throw new TypeError(`${name}: the rows end at ${hex(end)}, the structure at ${hex(size)}`);
}

interface Source {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

type FieldValue = ValueTypes[FieldType];

function readField({ bytes, view }: Source, { type, offset, size }: FieldRow): FieldValue {
  switch (type) {
    case "u8":
      return view.getUint8(offset);
    case "u16":
      return view.getUint16(offset, true);
    case "u32":
      return view.getUint32(offset, true);
    case "u64":
      return view.getBigUint64(offset, true);
    case "bytes":
      return bytes.slice(offset, offset + size);
  }
}

/** Where a row's first byte that is not zero stands, or -1. */
function firstNonZero({ bytes }: Source, { offset, size }: LayoutRow): number {
  for (let index = offset; index < offset + size; index++) {
    if (bytes[index] !== 0) return index;
  }
  return -1;
}

function checkLength(name: string, size: number, actual: number): void {
  if (actual === size) return;
  throw new MalformedError("ERR_MALFORMED_LENGTH", `${name}: expected ${size} bytes, found ${actual}`, {
    what: name,
    expected: size,
    actual,
  });
}

function refuseNonZero(name: string, row: ReservedRow, source: Source): void {
  const offset = firstNonZero(source, row);
  if (offset < 0) return;
  throw new MalformedError(
    "ERR_MALFORMED_RESERVED",
    `${name}: the reserved byte at ${hex(offset)} must be zero, found ${hex(source.view.getUint8(offset))}`,
    { what: name, offset, length: row.offset + row.size - offset },
  );
}

const SOURCE = Symbol("source");

/** A class whose objects decode the fields of one structure, each in a getter of its name. */
function valuesClass(fields: readonly FieldRow[]): new (source: Source) => object {
  class Values {
    // A symbol, because every name may be a field's.
    readonly [SOURCE]: Source;
    constructor(source: Source) {
      this[SOURCE] = source;
    }
  }
  for (const row of fields) {
    Object.defineProperty(Values.prototype, row.name, {
      get(this: Values): FieldValue {
        return readField(this[SOURCE], row);
      },
    });
  }
  return Values;
}

function keptBytes(kept: readonly ReservedRow[], source: Source): readonly ReservedBytes[] {
  return kept
    .filter((row) => firstNonZero(source, row) >= 0)
    .map(({ offset, size }) => ({ offset, bytes: source.bytes.slice(offset, offset + size) }));
}

/**
 * A structure from its table. Rows stand in order, each at its absolute offset, reserved bytes included.
 *
 * @param size - the structure's length in bytes
 * @throws TypeError for a gap, an overlap, a doubled name, a size that is not its type's, or another total.
 */
export function defineLayout<const Rows extends readonly LayoutRow[]>(
  name: string,
  size: number,
  rows: Rows,
): Layout<Rows> {
  proveRows(name, size, rows);
  const fields = rows.filter(isField);
  const refused = rows.filter((row): row is ReservedRow => !isField(row) && row.reserved === "refuse");
  const kept = rows.filter((row): row is ReservedRow => !isField(row) && row.reserved === "keep");
  const Values = valuesClass(fields);
  // Filling in a copy is twice as fast as growing an empty object by thirty fields.
  const blank = Object.fromEntries(fields.map((row): [string, FieldValue] => [row.name, 0]));
  const sourceOf = (bytes: Uint8Array): Source => {
    checkLength(name, size, bytes.length);
    const source = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    for (const row of refused) refuseNonZero(name, row, source);
    return source;
  };
  return Object.freeze({
    name,
    size,
    rows,
    parse(bytes: Uint8Array) {
      const source = sourceOf(bytes);
      const values: Record<string, FieldValue> = { ...blank };
      for (const row of fields) values[row.name] = readField(source, row);
      // Filled from the very rows that the type is computed from.
      return { values: values as LayoutValues<Rows>, reserved: keptBytes(kept, source) };
    },
    open(bytes: Uint8Array) {
      const source = sourceOf(bytes);
      // Its getters are made from the very rows that the type is computed from.
      const values = new Values(source) as unknown as LayoutValues<Rows>;
      return { values, reserved: () => keptBytes(kept, source) };
    },
  });
}

/** Where a field stands in its structure. */
export function rangeOf<Rows extends readonly LayoutRow[]>(layout: Layout<Rows>, field: FieldName<Rows>): ByteRange {
  const row = layout.rows.find((candidate) => isField(candidate) && candidate.name === field);
  if (row === undefined) throw new TypeError(`${layout.name} has no field ${JSON.stringify(field)}`);
  return { offset: row.offset, length: row.size };
}
