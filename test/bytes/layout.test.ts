import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defineLayout, isField, type LayoutRow, rangeOf } from "../../src/bytes/layout.js";
import { encodeLayout } from "../../src/bytes/layout-encode.js";

const doc = "FIELD: of a test";

/** A structure with a row of every kind: 1 + 1 + 4 + 2 + 8 + 3 + 1 bytes. */
const SAMPLE = defineLayout("sample", 20, [
  { name: "kind", offset: 0, size: 1, type: "u8", doc },
  { reserved: "refuse", offset: 1, size: 1 },
  { name: "count", offset: 2, size: 4, type: "u32", doc },
  { reserved: "keep", offset: 6, size: 2 },
  { name: "mask", offset: 8, size: 8, type: "u64", doc },
  { name: "id", offset: 16, size: 3, type: "bytes", doc },
  { reserved: "refuse", offset: 19, size: 1 },
]);

const SAMPLE_BYTES = Uint8Array.of(7, 0, 1, 2, 3, 0xff, 0, 0, 1, 2, 3, 4, 5, 6, 7, 0xff, 0xa, 0xb, 0xc, 0);

describe("defineLayout", () => {
  const one: LayoutRow = { name: "one", offset: 0, size: 4, type: "u32", doc };
  const build = (rows: readonly LayoutRow[], size: number) => () => defineLayout("table", size, rows);

  it("builds a table that fits", () => {
    const rows: LayoutRow[] = [one, { reserved: "keep", offset: 4, size: 4 }];
    expect(defineLayout("table", 8, rows)).toMatchObject({ name: "table", size: 8, rows });
    expect(Object.isFrozen(SAMPLE)).toBe(true);
  });

  const two: LayoutRow = { ...one, name: "two", offset: 4 };
  const nil: LayoutRow = { reserved: "keep", offset: 0, size: 0 };
  const bytes = (size: number): LayoutRow => ({ name: "one", offset: 0, size, type: "bytes", doc });
  const invalid: [string, [LayoutRow[], number], RegExp][] = [
    ["no row for the first byte", [[{ ...one, offset: 1 }], 5], /row "one" at 0x1 leaves a gap: .* ends at 0x0/],
    ["a gap", [[one, { ...nil, offset: 5, size: 3 }], 8], /"keep" at 0x5 leaves a gap: .* ends at 0x4/],
    ["an overlap", [[one, { ...nil, offset: 3, size: 5 }], 8], /"keep" at 0x3 overlaps .* ends at 0x4/],
    ["wrong order", [[two, one], 8], /leaves a gap/],
    ["a doubled name", [[one, { ...one, offset: 4 }], 8], /"one" at 0x4 has the name of an earlier row/],
    ["too few bytes", [[one], 5], /rows end at 0x4, the structure at 0x5/],
    ["too many bytes", [[one], 3], /rows end at 0x4, the structure at 0x3/],
    ["no rows", [[], 1], /rows end at 0x0/],
    ["a u8 of two bytes", [[{ ...one, type: "u8", size: 2 }], 2], /has size 2, its type 1/],
    ["a u32 of three bytes", [[{ ...one, size: 3 }], 3], /has size 3, its type 4/],
    ["a u16 of one byte", [[{ ...one, type: "u16", size: 1 }], 1], /has size 1, its type 2/],
    ["a u64 of four bytes", [[{ ...one, type: "u64" }], 4], /has size 4, its type 8/],
    ["a field of no bytes", [[bytes(0)], 0], /has size 0/],
    ["a reserved row of no bytes", [[nil], 0], /has size 0/],
    ["a negative size", [[bytes(-1)], -1], /has size -1/],
    ["half a byte", [[bytes(0.5)], 0.5], /has size 0\.5/],
    ["a size that is no number", [[bytes(Number.NaN)], 4], /has size NaN/],
  ];
  it.each(invalid)("refuses %s", (_, [rows, size], message) => {
    expect(build(rows, size)).toThrow(TypeError);
    expect(build(rows, size)).toThrow(message);
  });
});

describe("parse", () => {
  it("reads every type, little-endian", () => {
    const { values, reserved } = SAMPLE.parse(SAMPLE_BYTES);
    expect(values).toEqual({
      kind: 7,
      count: 0xff030201,
      mask: 0xff07060504030201n,
      id: Uint8Array.of(0xa, 0xb, 0xc),
    });
    expect(Object.keys(values)).toEqual(["kind", "count", "mask", "id"]);
    expect(reserved).toEqual([]);
  });

  it("reads and writes a u16, little-endian", () => {
    const layout = defineLayout("pair", 4, [
      { name: "low", offset: 0, size: 2, type: "u16", doc },
      { name: "high", offset: 2, size: 2, type: "u16", doc },
    ]);
    const bytes = Uint8Array.of(1, 2, 0xff, 0xfe);
    expect(layout.parse(bytes).values).toEqual({ low: 0x201, high: 0xfeff });
    expect(encodeLayout(layout, { low: 0x201, high: 0xfeff })).toEqual(bytes);
    expect(() => encodeLayout(layout, { low: 0x10000, high: 0 })).toThrow(
      /values\.low must be an integer of 0 to 65535/,
    );
  });

  it("has a value for every field name and for nothing else", () => {
    const { values } = SAMPLE.parse(SAMPLE_BYTES);
    const kind: number = values.kind;
    const mask: bigint = values.mask;
    const id: Uint8Array = values.id;
    expect([kind, mask, id.length]).toEqual([7, 0xff07060504030201n, 3]);
    // @ts-expect-error the type knows the fields of the table and no others
    expect(values.nothing).toBeUndefined();
  });

  it("hands out copies", () => {
    const bytes = SAMPLE_BYTES.slice();
    const { values } = SAMPLE.parse(bytes);
    bytes.fill(0xee);
    expect(values.id).toEqual(Uint8Array.of(0xa, 0xb, 0xc));
    expect(values.id.buffer.byteLength).toBe(3);
  });

  it("reads a view like an array of its own", () => {
    const larger = new Uint8Array(64).fill(0xee);
    larger.set(SAMPLE_BYTES, 13);
    expect(SAMPLE.parse(larger.subarray(13, 33))).toEqual(SAMPLE.parse(SAMPLE_BYTES));
  });

  it.each([[0], [1], [19], [21], [40]])("refuses %i bytes", (length) => {
    expect(() => SAMPLE.parse(new Uint8Array(length))).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "sample",
      expected: 20,
      actual: length,
    });
  });

  it.each([
    [1, 1],
    [19, 1],
  ])("refuses byte %i, whatever bit of it is set", (offset, length) => {
    for (let bit = 0; bit < 8; bit++) {
      const bytes = SAMPLE_BYTES.slice();
      bytes[offset] = 1 << bit;
      expect(() => SAMPLE.parse(bytes)).toFailWith("ERR_MALFORMED_RESERVED", { what: "sample", offset, length });
    }
  });

  it("says the first refused byte that is not zero, and how many are left of its row", () => {
    const layout = defineLayout("tail", 8, [{ reserved: "refuse", offset: 0, size: 8 }]);
    const bytes = Uint8Array.of(0, 0, 0, 9, 0, 1, 0, 0);
    expect(() => layout.parse(bytes)).toFailWith("ERR_MALFORMED_RESERVED", { offset: 3, length: 5 });
    expect(() => layout.parse(bytes)).toThrow("tail: the reserved byte at 0x3 must be zero, found 0x9");
  });

  it.each([[6], [7]])("keeps byte %i and reports its whole range", (offset) => {
    const bytes = SAMPLE_BYTES.slice();
    bytes[offset] = 0x40;
    const { values, reserved } = SAMPLE.parse(bytes);
    expect(reserved).toEqual([{ offset: 6, bytes: bytes.slice(6, 8) }]);
    expect(values).toEqual(SAMPLE.parse(SAMPLE_BYTES).values);
  });

  it("refuses before it keeps", () => {
    const bytes = SAMPLE_BYTES.slice();
    bytes.set([1], 6);
    bytes.set([1], 19);
    expect(() => SAMPLE.parse(bytes)).toFailWith("ERR_MALFORMED_RESERVED", { offset: 19 });
  });
});

describe("rangeOf", () => {
  it.each([
    ["kind", 0, 1],
    ["count", 2, 4],
    ["mask", 8, 8],
    ["id", 16, 3],
  ] as const)("%s stands at %i, %i bytes", (field, offset, length) => {
    expect(rangeOf(SAMPLE, field)).toEqual({ offset, length });
  });

  it("refuses a name that the table has not", () => {
    // @ts-expect-error the type knows the fields of the table and no others
    expect(() => rangeOf(SAMPLE, "refuse")).toThrow(/sample has no field "refuse"/);
  });
});

describe("isField", () => {
  it("tells fields from reserved rows", () => {
    const kinds = SAMPLE.rows.map((row) => isField(row));
    expect(kinds).toEqual([true, false, true, false, true, true, false]);
  });
});

describe("encodeLayout", () => {
  const values = SAMPLE.parse(SAMPLE_BYTES).values;

  it("writes what parse read", () => {
    expect(encodeLayout(SAMPLE, values)).toEqual(SAMPLE_BYTES);
    expect(encodeLayout(SAMPLE, values, [{ offset: 6, bytes: Uint8Array.of(0, 9) }])[7]).toBe(9);
  });

  it("undoes parse on every structure that parses, and parse undoes it", () => {
    const zeroed = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => {
      bytes.fill(0, 1, 2);
      bytes.fill(0, 19);
      return bytes;
    });
    fc.assert(
      fc.property(zeroed, (bytes) => {
        const parsed = SAMPLE.parse(bytes);
        const encoded = encodeLayout(SAMPLE, parsed.values, parsed.reserved);
        expect(encoded).toEqual(bytes);
        expect(SAMPLE.parse(encoded)).toEqual(parsed);
      }),
    );
  });

  // The casts stand for a caller without types.
  it.each([
    ["a missing value", { kind: undefined as unknown as number }, /values\.kind must be an integer/],
    ["a number too great for a u8", { kind: 256 }, /values\.kind must be an integer of 0 to 255, found 256/],
    ["a negative number", { kind: -1 }, /found -1/],
    ["a fraction", { kind: 1.5 }, /found 1\.5/],
    ["NaN", { count: Number.NaN }, /found NaN/],
    ["a number too great for a u32", { count: 2 ** 32 }, /0 to 4294967295/],
    ["a bigint for a number", { count: 1n as unknown as number }, /values\.count must be an integer/],
    ["a number for a bigint", { mask: 1 as unknown as bigint }, /values\.mask must be a bigint/],
    ["a bigint too great for a u64", { mask: 2n ** 64n }, /values\.mask must be a bigint/],
    ["a negative bigint", { mask: -1n }, /found -1/],
    ["too few bytes", { id: new Uint8Array(2) }, /values\.id must be a Uint8Array of 3 bytes/],
    ["too many bytes", { id: new Uint8Array(4) }, /values\.id/],
    ["an array for bytes", { id: [1, 2, 3] as unknown as Uint8Array }, /values\.id/],
    ["an unknown field", { other: 1 }, /sample has no field "other"/],
  ])("refuses %s", (_, change, message) => {
    const encode = () => encodeLayout(SAMPLE, { ...values, ...change });
    expect(encode).toThrow(TypeError);
    expect(encode).toThrow(message);
  });

  it.each([
    ["a refused row", { offset: 1, bytes: new Uint8Array(1) }],
    ["a field", { offset: 2, bytes: new Uint8Array(4) }],
    ["a part of a kept row", { offset: 6, bytes: new Uint8Array(1) }],
    ["more than a kept row", { offset: 6, bytes: new Uint8Array(3) }],
    ["a place between rows", { offset: 7, bytes: new Uint8Array(1) }],
  ])("refuses reserved bytes for %s", (_, range) => {
    expect(() => encodeLayout(SAMPLE, values, [range])).toThrow(/sample keeps no \d reserved bytes at \d/);
  });

  it("takes the greatest and the least values", () => {
    for (const extreme of [
      { kind: 0, count: 0, mask: 0n, id: new Uint8Array(3) },
      { kind: 0xff, count: 0xffffffff, mask: 2n ** 64n - 1n, id: new Uint8Array(3).fill(0xff) },
    ]) {
      expect(SAMPLE.parse(encodeLayout(SAMPLE, extreme)).values).toEqual(extreme);
    }
  });
});

describe("open", () => {
  it("answers for each field what parse answers, whenever it is asked", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        bytes[1] = 0;
        bytes[19] = 0;
        const parsed = SAMPLE.parse(bytes);
        const { values, reserved } = SAMPLE.open(bytes);
        const { kind, count, mask, id } = values;
        expect({ kind, count, mask, id }).toEqual(parsed.values);
        expect(values.id).not.toBe(values.id);
        expect(reserved()).toEqual(parsed.reserved);
      }),
    );
  });

  it.each([1, 19])("refuses the reserved byte %i at once, as parse does", (offset) => {
    const bytes = SAMPLE_BYTES.slice();
    expect(() => SAMPLE.open(bytes)).not.toThrow();
    bytes[offset] = 1;
    expect(() => SAMPLE.open(bytes)).toFailWith("ERR_MALFORMED_RESERVED", { offset });
    expect(() => SAMPLE.parse(bytes)).toFailWith("ERR_MALFORMED_RESERVED", { offset });
  });

  it("refuses another length", () => {
    expect(() => SAMPLE.open(SAMPLE_BYTES.subarray(1))).toFailWith("ERR_MALFORMED_LENGTH", { actual: 19 });
  });

  it("lets a field have any name", () => {
    const odd = defineLayout("odd", 1, [{ name: "source", offset: 0, size: 1, type: "u8", doc }]);
    expect(odd.open(Uint8Array.of(5)).values.source).toBe(5);
  });
});
