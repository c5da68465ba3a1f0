import { describe, expect, it } from "vitest";
import { isField, type Layout, type LayoutRow } from "../../src/bytes/layout.js";
import { encodeLayout } from "../../src/bytes/layout-encode.js";
import {
  AMD_KEY_LENGTH,
  AMD_SIGNATURE_LENGTH,
  ID_AUTH_LAYOUT,
  ID_AUTH_LENGTH,
  ID_BLOCK_LAYOUT,
  ID_BLOCK_LENGTH,
  publicKeyLayout,
  signatureLayout,
} from "../../src/id-block/layouts.js";

/** AMD's name, offset and size of every field, written down a second time, by hand. */
const FIELDS: readonly (readonly [Layout, number, readonly (readonly [string, number, number])[]])[] = [
  [
    ID_BLOCK_LAYOUT,
    ID_BLOCK_LENGTH,
    [
      ["LD", 0, 48],
      ["FAMILY_ID", 48, 16],
      ["IMAGE_ID", 64, 16],
      ["VERSION", 80, 4],
      ["GUEST_SVN", 84, 4],
      ["POLICY", 88, 8],
    ],
  ],
  [
    ID_AUTH_LAYOUT,
    ID_AUTH_LENGTH,
    [
      ["ID_KEY_ALGO", 0, 4],
      ["AUTH_KEY_ALGO", 4, 4],
      ["ID_BLOCK_SIG", 64, 512],
      ["ID_KEY", 576, 1028],
      ["ID_KEY_SIG", 1664, 512],
      ["AUTHOR_KEY", 2176, 1028],
    ],
  ],
  [
    publicKeyLayout("key"),
    AMD_KEY_LENGTH,
    [
      ["CURVE", 0, 4],
      ["QX", 4, 48],
      ["QY", 76, 48],
    ],
  ],
  [
    signatureLayout("signature"),
    AMD_SIGNATURE_LENGTH,
    [
      ["R", 0, 48],
      ["S", 72, 48],
    ],
  ],
];

/** A value of every type, no two bytes alike where there are several. */
function valueFor(row: LayoutRow): number | bigint | Uint8Array {
  if (!isField(row)) return 0;
  if (row.type === "u64") return 0x0102030405060708n;
  return row.type === "bytes" ? Uint8Array.from({ length: row.size }, (_, index) => (index % 255) + 1) : 0x01020304;
}

describe.each(FIELDS)("%j", (layout, length, fields) => {
  const rows = layout.rows.filter(isField);
  const values = Object.fromEntries(rows.map((row) => [row.name, valueFor(row)]));
  const bytes = encodeLayout<readonly LayoutRow[]>(layout, values);

  it("has AMD's fields at AMD's offsets", () => {
    expect(layout.size).toBe(length);
    expect(rows.map(({ doc, offset, size }) => [doc.slice(0, doc.indexOf(":")), offset, size])).toEqual(fields);
  });

  it("refuses every byte that is no field's", () => {
    const isFree = (offset: number) => !fields.some(([, start, size]) => offset >= start && offset < start + size);
    const free = Array.from({ length }, (_, offset) => offset).filter(isFree);
    for (const offset of free) {
      const spoilt = bytes.slice();
      spoilt[offset] = 1;
      expect(() => layout.parse(spoilt)).toFailWith("ERR_MALFORMED_RESERVED", { what: layout.name, offset });
    }
    expect(free.length).toBe(length - fields.reduce((sum, [, , size]) => sum + size, 0));
  });

  it("gives back what was written", () => {
    expect(layout.parse(bytes).values).toEqual(values);
    expect(layout.parse(bytes).reserved).toEqual([]);
    expect(encodeLayout<readonly LayoutRow[]>(layout, layout.parse(bytes).values)).toEqual(bytes);
  });

  it("has numbers little-endian", () => {
    for (const row of rows.filter(({ type }) => type !== "bytes")) {
      const [first] = bytes.slice(row.offset);
      expect(first, row.name).toBe(row.type === "u64" ? 8 : 4);
    }
  });
});
