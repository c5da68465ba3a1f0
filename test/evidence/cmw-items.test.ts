import { encode, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { readCmwItems } from "../../src/evidence/cmw-items.js";
import { utf8 } from "./support/bytes.js";

const content = Uint8Array.of(1, 2, 3);
const typeOf = (tag: number) => readCmwItems(encode(new Tagged(tag, content))).items[0]?.type;
const FIRST = 1_668_546_817;

describe("a CBOR tag that stands for a content format", () => {
  // By the formula of RFC 9277; an example in the CMW draft adds the format to the first tag instead.
  it.each([
    [FIRST, 0],
    [FIRST + 254, 254],
    [FIRST + 256, 255],
    [1_668_576_935, 30_001],
    [1_668_557_430, 10_572],
    [1_668_557_431, 10_573],
    [1_668_612_095, 65_024],
  ])("%i is %i", (tag, format) => expect(typeOf(tag)).toBe(format));

  it("is the inverse of TN() for each of them", () => {
    for (let format = 0; format < 65_024; format += 97) {
      expect(typeOf(FIRST + Math.floor(format / 255) * 256 + (format % 255))).toBe(format);
    }
  });

  it.each([
    FIRST - 1,
    FIRST + 255,
    FIRST + 256 + 255,
    FIRST + 17 * 256 + 255,
    1_668_612_096,
    1_668_612_097,
    1_668_612_353,
    2 ** 32,
    0,
  ])("%i is none", (tag) => {
    expect(() => typeOf(tag)).toFailWith("ERR_UNSUPPORTED_CONTAINER", { found: `CBOR tag ${tag}` });
  });
});

describe("the items of a CMW", () => {
  it("of a record have no label", () => {
    expect(readCmwItems(encode(["A/B", content, 4]))).toEqual({
      collectionType: null,
      items: [{ label: null, type: "a/b", indicator: 4, value: content }],
    });
    expect(readCmwItems(utf8('["A/B","AQID"]'))).toEqual({
      collectionType: null,
      items: [{ label: null, type: "a/b", indicator: null, value: content }],
    });
  });

  it("of a collection have theirs, in any order with the type", () => {
    const bytes = encode(
      new Map<unknown, unknown>([
        [-1, [1, content]],
        ["__cmwc_t", "t"],
        ["x", ["y", content, 31]],
      ]),
    );
    const { collectionType, items } = readCmwItems(bytes);
    expect(collectionType).toBe("t");
    expect(new Map(items.map(({ label, type, indicator }) => [label, [type, indicator]]))).toEqual(
      new Map<unknown, unknown>([
        [-1, [1, null]],
        ["x", ["y", 31]],
      ]),
    );
  });

  it("may be 64", () => {
    const many = (count: number) =>
      encode(Object.fromEntries(Array.from({ length: count }, (_, n) => [n, [n, content]])));
    expect(readCmwItems(many(64)).items).toHaveLength(64);
    expect(() => readCmwItems(many(65))).toFailWith("ERR_MALFORMED_CONTAINER", { where: "collection" });
  });

  it("name a long label in short", () => {
    const refused = () => readCmwItems(encode({ ["x".repeat(5000)]: 1 }));
    expect(refused).toFailWith("ERR_MALFORMED_CONTAINER", { where: `item "${"x".repeat(80)}..."` });
  });

  it("share no memory with the input", () => {
    const bytes = encode(["a/b", content]);
    const { items } = readCmwItems(bytes);
    bytes.fill(0);
    expect(items[0]?.value).toEqual(content);
  });
});
