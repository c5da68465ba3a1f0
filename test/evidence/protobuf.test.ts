import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { readMessage } from "../../src/evidence/protobuf.js";
import { hex } from "../support/hex.js";
import { field, message, tag, varint } from "./support/wire.js";

const FIELDS = [
  { name: "small", number: 1, type: "u32" },
  { name: "great", number: 2, type: "u64" },
  { name: "blob", number: 3, type: "bytes" },
  { name: "list", number: 4, type: "repeated bytes" },
  { name: "far", number: 536_870_911, type: "u32" },
] as const;

const read = (bytes: Uint8Array) => readMessage({ container: "thing", where: "Message", bytes }, FIELDS);
const readHex = (text: string) => read(hex(text));
const ABSENT = { small: 0, great: 0n, blob: undefined, list: [], far: 0 };
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const has = (reason: string) => ({ container: "thing", where: "Message", reason: expect.stringContaining(reason) });

describe("a protobuf message", () => {
  it.each([
    ["", {}],
    ["0800", {}],
    ["0801", { small: 1 }],
    ["087f", { small: 127 }],
    ["088001", { small: 128 }],
    ["08ffffffff0f", { small: 0xffff_ffff }],
    ["1000", {}],
    ["10ffffffffffffffffff01", { great: 2n ** 64n - 1n }],
    ["1080808080808080808001", { great: 2n ** 63n }],
    ["1a00", { blob: new Uint8Array(0) }],
    ["1a 02 0102", { blob: Uint8Array.of(1, 2) }],
    ["22 00 22 01 07", { list: [new Uint8Array(0), Uint8Array.of(7)] }],
    ["f8ffffff0f 05", { far: 5 }],
    ["22 01 01 08 05 22 01 02", { small: 5, list: [Uint8Array.of(1), Uint8Array.of(2)] }],
  ])("%s is read", (text, values) => expect(readHex(text)).toEqual({ ...ABSENT, ...values }));

  it("comes back as it was written, whatever the order of its fields", () => {
    const values = fc.record({
      small: fc.nat(0xffff_ffff),
      great: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      blob: fc.uint8Array({ maxLength: 200 }),
      list: fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 6 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(values, ({ small, great, blob, list, seed }) => {
        const parts = [field(1, small), field(2, great), field(3, blob)];
        const order = [parts[seed % 3], parts[(seed + 1) % 3], parts[(seed + 2) % 3]];
        const bytes = concatBytes(...order.flatMap((part) => part ?? []), ...list.map((item) => field(4, item)));
        expect(read(bytes)).toEqual({ small, great, blob, list, far: 0 });
      }),
    );
  });

  it("may stand in a larger buffer", () => {
    const larger = hex("ff 0801 ff");
    expect(read(larger.subarray(1, 3))).toEqual({ ...ABSENT, small: 1 });
  });
});

describe("a protobuf message that is refused", () => {
  it.each([
    ["a tag that is cut", "80", "a tag: a varint is cut"],
    ["a tag that is not minimal", "8800 01", "a tag: a varint that is not minimal"],
    ["a tag of more than 32 bits", "888080808001 01", "a tag: expected at most 4294967295"],
    ["field number 0", "00 00", "field number 0"],
    ["a number without value", "08", "small: a varint is cut"],
    ["a number that is cut", "0880", "small: a varint is cut"],
    ["zero in two bytes", "088000", "small: a varint that is not minimal"],
    ["one in two bytes", "088100", "small: a varint that is not minimal"],
    ["one in ten bytes", "0881808080808080808000", "small: a varint that is not minimal"],
    ["a small number of 33 bits", "088080808010", "small: expected at most 4294967295, found 4294967296"],
    ["minus one", "08ffffffffffffffffff01", "small: expected at most 4294967295"],
    ["a great number of 65 bits", "10ffffffffffffffffff02", "great: expected at most"],
    ["a great number of 70 bits", "10ffffffffffffffffff7f", "great: expected at most"],
    ["a great number of eleven bytes", "1080808080808080808080 01", "great: a varint of more than 10 bytes"],
    ["bytes without a length", "1a", "blob: length: a varint is cut"],
    ["a length that is not minimal", "1a8000", "blob: length: a varint that is not minimal"],
    ["bytes a byte short", "1a0201", "blob: its length reaches beyond the message"],
    ["bytes of 2^32", "1a8080808010", "blob: its length reaches"],
    ["bytes of 2^64 - 1", "1affffffffffffffffff01", "blob: its length reaches"],
    ["an item a byte short", "22 01 07 22 02 07", "list: its length reaches"],
    ["a number twice", "0801 0801", "small stands there twice"],
    ["a number twice, zero first", "0800 0801", "small stands there twice"],
    ["bytes twice", "1a00 1a00", "blob stands there twice"],
    ["a number as bytes", "0a00", "small: expected a varint, found length-delimited"],
    ["a number as 64 bits", "09 0000000000000000", "small: expected a varint, found 64 bits"],
    ["a number as 32 bits", "0d 00000000", "small: expected a varint, found 32 bits"],
    ["bytes as a number", "1800", "blob: expected a length-delimited, found varint"],
    ["an item as a number", "2000", "list: expected a length-delimited, found varint"],
    ["a group", "1b 1c", "wire type group start"],
    ["a group's end", "1c", "wire type group end"],
    ["an unknown group", "53 54", "wire type group start"],
    ["wire type 6", "0e", "wire type 6"],
    ["wire type 7", "0f", "wire type 7"],
  ])("%s", (_, text, reason) => expect(() => readHex(text)).toFailWith(MALFORMED, has(reason)));

  it.each([
    ["a varint", tag(9, 0)],
    ["64 bits", tag(9, 1)],
    ["bytes", tag(9, 2)],
    ["32 bits", tag(9, 5)],
  ])("an unknown field of %s is not handled, whatever its value", (_, bytes) => {
    expect(() => read(bytes)).toFailWith("ERR_UNSUPPORTED_CONTAINER", {
      where: "Message",
      found: "a field of number 9",
    });
  });

  it("names the byte before which it went wrong", () => {
    expect(() => readHex("0801 1800")).toFailWith(MALFORMED, has("before byte 3"));
  });
});

describe("the budgets of a protobuf message", () => {
  const items = (count: number) => concatBytes(...Array.from({ length: count }, () => field(4, Uint8Array.of(1))));

  it("allow 64 items and no more", () => {
    expect(read(items(64)).list).toHaveLength(64);
    expect(() => read(items(65))).toFailWith(MALFORMED, has("more than 64 entries"));
  });

  it("end a flood of fields at the first that repeats", () => {
    const flood = concatBytes(...Array.from({ length: 5000 }, () => field(1, 1)));
    expect(() => read(flood)).toFailWith(MALFORMED, has("before byte 3"));
  });
});

describe("any bytes as a protobuf message", () => {
  it("throw nothing but our own errors, and what is read is what our writer would write", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
        try {
          const { small, great, blob, list, far } = read(bytes);
          const all = [
            [1, small],
            [2, great],
            [5, far],
          ] as const;
          const written = message(all).length + (blob === undefined ? 0 : field(3, blob).length);
          const items = list.reduce((sum, item) => sum + field(4, item).length, 0);
          // Zeros that are spelled out and the wider tag of `far` make the difference.
          expect(written + items).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(() => {
            throw error;
          }).toThrow(
            expect.objectContaining({ code: expect.stringMatching(/^ERR_(MALFORMED|UNSUPPORTED)_CONTAINER$/) }),
          );
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("have one way to write a number", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 11 }), (bytes) => {
        let value: bigint | undefined;
        try {
          value = read(concatBytes(tag(2, 0), bytes)).great;
        } catch {
          return;
        }
        // Other fields may follow it.
        const written = varint(value);
        expect(bytes.subarray(0, written.length)).toEqual(written);
      }),
      { numRuns: 3000 },
    );
  });
});
