import {
  type FieldRow,
  type FieldType,
  isField,
  type Layout,
  type LayoutRow,
  type LayoutValues,
  type ReservedBytes,
} from "./layout.js";

const GREATEST = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff } as const;
const GREATEST_U64 = 2n ** 64n - 1n;

function numberIn(value: unknown, greatest: number, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= greatest) return value;
  throw new TypeError(`values.${name} must be an integer of 0 to ${greatest}, found ${String(value)}`);
}

function bigintIn(value: unknown, name: string): bigint {
  if (typeof value === "bigint" && value >= 0n && value <= GREATEST_U64) return value;
  throw new TypeError(`values.${name} must be a bigint of 0 to 2^64 - 1, found ${String(value)}`);
}

function bytesIn(value: unknown, size: number, name: string): Uint8Array {
  if (value instanceof Uint8Array && value.length === size) return value;
  throw new TypeError(`values.${name} must be a Uint8Array of ${size} bytes`);
}

const WRITERS: Readonly<Record<FieldType, (view: DataView, row: FieldRow, value: unknown) => void>> = {
  u8: (view, { name, offset }, value) => view.setUint8(offset, numberIn(value, GREATEST.u8, name)),
  u16: (view, { name, offset }, value) => view.setUint16(offset, numberIn(value, GREATEST.u16, name), true),
  u32: (view, { name, offset }, value) => view.setUint32(offset, numberIn(value, GREATEST.u32, name), true),
  u64: (view, { name, offset }, value) => view.setBigUint64(offset, bigintIn(value, name), true),
  bytes: (view, { name, offset, size }, value) => new Uint8Array(view.buffer).set(bytesIn(value, size, name), offset),
};

function isKeptRow(row: LayoutRow, { offset, bytes }: ReservedBytes): boolean {
  return !isField(row) && row.reserved === "keep" && row.offset === offset && row.size === bytes.length;
}

/**
 * The bytes of a structure, the reverse of its table's `parse`: `values` into the fields, `reserved` into the
 * `keep` rows, zeros into all other reserved rows.
 *
 * For making structures up, never for verifying them: a signature covers the bytes as received.
 *
 * @throws TypeError for an unknown or missing value, one that does not fit its row, or reserved bytes that fill no
 * `keep` row exactly.
 */
export function encodeLayout<const Rows extends readonly LayoutRow[]>(
  layout: Layout<Rows>,
  values: LayoutValues<Rows>,
  reserved?: readonly ReservedBytes[],
): Uint8Array;
export function encodeLayout(
  layout: Layout,
  values: Readonly<Record<string, unknown>>,
  reserved: readonly ReservedBytes[] = [],
): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  const fields = layout.rows.filter(isField);
  for (const row of fields) WRITERS[row.type](view, row, values[row.name]);
  const stranger = Object.keys(values).find((name) => !fields.some((row) => row.name === name));
  if (stranger !== undefined) throw new TypeError(`${layout.name} has no field ${JSON.stringify(stranger)}`);
  for (const range of reserved) {
    if (!layout.rows.some((row) => isKeptRow(row, range))) {
      throw new TypeError(`${layout.name} keeps no ${range.bytes.length} reserved bytes at ${range.offset}`);
    }
    bytes.set(range.bytes, range.offset);
  }
  return bytes;
}
