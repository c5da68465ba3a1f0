import { encode } from "cborg";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { CborTag, readCbor } from "../../src/evidence/cbor.js";
import { hex } from "../support/hex.js";

const read = (text: string) => readCbor("thing", hex(text));
const has = (reason: string) => ({ container: "thing", reason: expect.stringContaining(reason) });

describe("CBOR", () => {
  it.each([
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["190100", 256],
    ["1a00010000", 65536],
    ["1b0000000100000000", 2 ** 32],
    ["1b0020000000000000", 2n ** 53n],
    ["1bffffffffffffffff", 2n ** 64n - 1n],
    ["20", -1],
    ["3903e7", -1000],
    ["40", new Uint8Array(0)],
    ["42 0102", Uint8Array.of(1, 2)],
    ["60", ""],
    ["63 e282ac", "\u20ac"],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["80", []],
    ["82 01 61 61", [1, "a"]],
    ["a0", new Map()],
    [
      "a2 01 02 61 61 f6",
      new Map<unknown, unknown>([
        [1, 2],
        ["a", null],
      ]),
    ],
    ["c1 05", new CborTag(1, 5)],
    ["da 63747301 41 07", new CborTag(1668576001, Uint8Array.of(7))],
  ])("%s is read", (text, value) => expect(read(text)).toEqual(value));

  it("is what its writer meant", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.integer(),
        fc.string({ unit: "grapheme" }),
        fc.uint8Array(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("any"), { maxLength: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (wanted) => {
        expect(readCbor("thing", encode(wanted))).toEqual(wanted);
      }),
    );
  });
});

describe("CBOR that is refused", () => {
  it.each([
    ["nothing", "", "an item is missing"],
    ["a second item", "00 00", "too many terminals"],
    ["a head of two bytes for 23", "1817", "more bytes than necessary"],
    ["a head of three bytes for 255", "1900ff", "more bytes than necessary"],
    ["a head of five bytes for 65535", "1a0000ffff", "more bytes than necessary"],
    ["a head of nine bytes for 2^32 - 1", "1b00000000ffffffff", "more bytes than necessary"],
    ["a string's length that is not minimal", "5801 00", "more bytes than necessary"],
    ["a text's length that is not minimal", "7801 61", "more bytes than necessary"],
    ["an array's length that is not minimal", "9801 00", "more bytes than necessary"],
    ["a map's length that is not minimal", "b801 00 00", "more bytes than necessary"],
    ["a tag that is not minimal", "d801 00", "more bytes than necessary"],
    ["a head that is cut", "19 01", "is cut"],
    ["a head of nine bytes that is cut", "1b 00000000000000", "is cut"],
    ["reserved additional information", "1c", "reserved head"],
    ["indefinite bytes", "5f 41 00 ff", "indefinite"],
    ["indefinite text", "7f 61 61 ff", "indefinite"],
    ["an indefinite array", "9f ff", "indefinite"],
    ["an indefinite map", "bf ff", "indefinite"],
    ["a break", "ff", "indefinite"],
    ["a break in an array", "81 ff", "indefinite"],
    ["bytes beyond the end", "42 01", "beyond the end"],
    ["bytes of 2^32", "5a ffffffff 00", "beyond the end"],
    ["bytes of 2^64", "5b ffffffffffffffff 00", "beyond the end"],
    ["text of 2^53 + 1", "7b 0020000000000001 61", "beyond the end"],
    ["an array of 2^32", "9a ffffffff 00", "more than there are bytes"],
    ["an array of 2^64", "9b ffffffffffffffff 00", "more than there are bytes"],
    ["a map of 2^31 pairs", "ba 80000000 00 00", "more than there are bytes"],
    ["a map of 2^64 pairs", "bb ffffffffffffffff 00 00", "more than there are bytes"],
    ["a map of one pair too many", "a2 00 00 01", "more than there are bytes"],
    ["an array of one item too many", "82 00", "more than there are bytes"],
    ["a tag without content", "c1", "more than there are bytes"],
    ["an array whose last item is missing", "82 81 00", "an item is missing"],
    ["a key twice", "a2 61 61 00 61 61 01", "repeat map key"],
    ["an integer key twice", "a2 01 00 01 00", "repeat map key"],
    ["a key of bytes", "a1 41 61 00", "a map key that is neither"],
    ["a key that is an array", "a1 80 00", "a map key that is neither"],
    ["a key that is null", "a1 f6 00", "a map key that is neither"],
    ["a tagged key", "a1 c1 01 00", "a map key that is neither"],
    ["undefined", "f7", "undefined or an unknown simple value"],
    ["an unassigned simple value", "e0", "unknown simple value"],
    ["a simple value of two bytes", "f820", "unknown simple value"],
    ["false in two bytes", "f814", "unknown simple value"],
    ["a half float", "f93c00", "a float"],
    ["a float", "fa3f800000", "a float"],
    ["a double", "fb3ff0000000000000", "a float"],
    ["NaN", "f97e00", "a float"],
    ["infinity", "f97c00", "a float"],
    ["text that is not UTF-8", "61 ff", "not UTF-8"],
    ["text of a surrogate", "63 eda080", "not UTF-8"],
    ["text of an overlong form", "62 c0af", "not UTF-8"],
    ["text that begins with a byte order mark", "64 efbbbf 61", "not UTF-8"],
    ["a tag above 2^53", "db ffffffffffffffff 00", "tag not supported"],
  ])("%s", (_, text, reason) => expect(() => read(text)).toFailWith("ERR_MALFORMED_CONTAINER", has(reason)));

  it("does not quote a key, however long", () => {
    const twice = concatBytes(
      Uint8Array.of(0xa2),
      ...[0, 1].flatMap((value) => [encode("x\n".repeat(9999)), encode(value)]),
    );
    expect(() => readCbor("thing", twice)).toFailWith("ERR_MALFORMED_CONTAINER", { reason: "found repeat map key" });
  });

  it("names the place", () => {
    expect(() => read("82 00 ff")).toFailWith("ERR_MALFORMED_CONTAINER", { where: "0x2" });
  });
});

describe("the budgets of CBOR", () => {
  const nested = (depth: number, head = 0x81) => Uint8Array.from([...new Array(depth).fill(head), 0]);

  it.each([
    ["arrays", 0x81],
    ["tags", 0xc1],
  ])("allow 16 levels of %s and no more", (_, head) => {
    expect(() => readCbor("thing", nested(16, head))).not.toThrow();
    expect(() => readCbor("thing", nested(17, head))).toFailWith("ERR_MALFORMED_CONTAINER", has("deeper than 16"));
    expect(() => readCbor("thing", nested(200_000, head))).toFailWith("ERR_MALFORMED_CONTAINER", has("deeper than 16"));
  });

  it("allow 4096 items and no more", () => {
    const flat = (count: number) => encode(new Array(count).fill(0));
    expect(readCbor("thing", flat(4095))).toHaveLength(4095);
    expect(() => readCbor("thing", flat(4096))).toFailWith("ERR_MALFORMED_CONTAINER", has("more than 4096 items"));
  });

  it("are kept before the library allocates anything", () => {
    const announced = hex(`9a000fffff ${"00".repeat(8)}`);
    expect(() => readCbor("thing", announced)).toFailWith("ERR_MALFORMED_CONTAINER", has("1048575 items announced"));
  });
});

describe("names of JavaScript's own", () => {
  it.each(["__proto__", "constructor", "toString"])("%s is a key like any other", (name) => {
    const map = readCbor("thing", encode(new Map([[name, 1]])));
    expect(map).toEqual(new Map([[name, 1]]));
  });

  it("a tag's number changes no prototype", () => {
    expect(readCbor("thing", hex("c0 00"))).toEqual(new CborTag(0, 0));
  });
});

describe("any bytes as CBOR", () => {
  it("throw nothing but our own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readCbor("thing", bytes);
        } catch (error) {
          expect(() => {
            throw error;
          }).toFailWith("ERR_MALFORMED_CONTAINER");
        }
      }),
      { numRuns: 5000 },
    );
  });
});
