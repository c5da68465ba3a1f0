import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BitRow, bitsOf, defineBits32, defineBits64, isFlag } from "../../src/bytes/bits.js";

const doc = "BITS: of a test";

const NARROW = defineBits32("narrow", [
  { name: "first", bit: 0, doc },
  { name: "middle", low: 2, high: 4, doc },
  { name: "last", bit: 31, doc },
]);

const WIDE = defineBits64("wide", [
  { name: "byte", low: 0, high: 7, doc },
  { name: "low", bit: 31, doc },
  { name: "high", bit: 32, doc },
  { name: "word", low: 33, high: 62, doc },
  { name: "top", bit: 63, doc },
]);

describe("defining bits", () => {
  const invalid: [string, BitRow[], RegExp][] = [
    [
      "a bit twice",
      [
        { name: "a", bit: 3, doc },
        { name: "b", bit: 3, doc },
      ],
      /row "b" at bit 3 overlaps/,
    ],
    [
      "overlapping ranges",
      [
        { name: "a", low: 0, high: 4, doc },
        { name: "b", low: 4, high: 5, doc },
      ],
      /overlaps/,
    ],
    [
      "wrong order",
      [
        { name: "a", bit: 3, doc },
        { name: "b", bit: 2, doc },
      ],
      /overlaps the row before/,
    ],
    ["a range that ends before it starts", [{ name: "a", low: 4, high: 3, doc }], /ends at bit 3, below its start/],
    ["a negative bit", [{ name: "a", bit: -1, doc }], /overlaps/],
    ["half a bit", [{ name: "a", bit: 0.5, doc }], /not at whole bits/],
    ["NaN", [{ name: "a", low: 0, high: Number.NaN, doc }], /not at whole bits/],
    [
      "a doubled name",
      [
        { name: "a", bit: 0, doc },
        { name: "a", bit: 1, doc },
      ],
      /has a name that is taken/,
    ],
    ["the name raw", [{ name: "raw", bit: 0, doc }], /has a name that is taken/],
    ["the name unknownBits", [{ name: "unknownBits", bit: 0, doc }], /has a name that is taken/],
    ["a range across bit 32", [{ name: "a", low: 31, high: 32, doc }], /crosses bit 32/],
  ];
  it.each(invalid)("refuses %s", (_, rows, message) => {
    expect(() => defineBits64("table", rows)).toThrow(TypeError);
    expect(() => defineBits64("table", rows)).toThrow(message);
    expect(() => defineBits32("table", rows)).toThrow(message);
  });

  it("refuses a bit outside the word", () => {
    expect(() => defineBits32("table", [{ name: "a", bit: 32, doc }])).toThrow(/need 33 bits, the word has 32/);
    expect(() => defineBits64("table", [{ name: "a", bit: 64, doc }])).toThrow(/need 65 bits, the word has 64/);
    expect(() => defineBits64("table", [{ name: "a", bit: 63, doc }])).not.toThrow();
  });
});

describe("32 bits", () => {
  const none = { first: false, middle: 0, last: false, unknownBits: 0 };
  it.each([
    [0, {}],
    [1, { first: true }],
    [2, { unknownBits: 2 }],
    [4, { middle: 1 }],
    [0x1c, { middle: 7 }],
    [0x20, { unknownBits: 0x20 }],
    [0x8000_0000, { last: true }],
    [0xffff_ffff, { first: true, middle: 7, last: true, unknownBits: 0x7fff_ffe2 }],
  ])("decodes %i", (raw, fields) => {
    expect(NARROW.decode(raw)).toEqual({ ...none, raw, ...fields });
  });
});

describe("64 bits", () => {
  const none = { byte: 0, low: false, high: false, word: 0, top: false, unknownBits: 0n };
  it.each([
    ["nothing", 0n, {}],
    ["a number field", 0xa5n, { byte: 0xa5 }],
    ["the last bit of the low word", 1n << 31n, { low: true }],
    ["the first bit of the high word", 1n << 32n, { high: true }],
    ["a number in the high word", 0x2000_0001n << 33n, { word: 0x2000_0001 }],
    ["the top bit", 1n << 63n, { top: true }],
    ["the lowest unknown bit", 1n << 8n, { unknownBits: 1n << 8n }],
    ["the highest unknown bit", 1n << 30n, { unknownBits: 1n << 30n }],
  ])("decodes %s", (_, raw, fields) => {
    expect(WIDE.decode(raw)).toEqual({ ...none, raw, ...fields });
  });

  it("gives a whole word as a number that is not negative", () => {
    const table = defineBits64("halves", [
      { name: "low", low: 0, high: 31, doc },
      { name: "high", low: 32, high: 63, doc },
    ]);
    const raw = 0xffff_fffe_8000_0001n;
    expect(table.decode(raw)).toEqual({ raw, low: 0x8000_0001, high: 0xffff_fffe, unknownBits: 0n });
  });

  it("puts every bit in exactly one place", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (raw) => {
        const decoded = WIDE.decode(raw);
        const fields: [bigint, boolean | number][] = [
          [0n, decoded.byte],
          [31n, decoded.low],
          [32n, decoded.high],
          [33n, decoded.word],
          [63n, decoded.top],
        ];
        const known = fields.reduce((sum, [low, value]) => sum | (BigInt(value) << low), 0n);
        expect(known & decoded.unknownBits).toBe(0n);
        expect(known | decoded.unknownBits).toBe(raw);
        expect(decoded.raw).toBe(raw);
      }),
    );
  });
});

describe("what bits come as", () => {
  it("is frozen, in the order of the table, and shared with whoever decodes the same word next", () => {
    const decoded = NARROW.decode(0);
    expect(Object.isFrozen(decoded)).toBe(true);
    expect(Object.keys(decoded)).toEqual(["raw", "first", "middle", "last", "unknownBits"]);
    expect(NARROW.decode(0)).toBe(decoded);
    expect(NARROW.decode(1)).not.toEqual(decoded);
  });

  it("keeps the rows for documents and tests", () => {
    expect(NARROW.rows.map((row) => [row.name, isFlag(row), bitsOf(row)])).toEqual([
      ["first", true, { low: 0, high: 0 }],
      ["middle", false, { low: 2, high: 4 }],
      ["last", true, { low: 31, high: 31 }],
    ]);
  });
});
