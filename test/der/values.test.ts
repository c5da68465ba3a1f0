import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes/codecs.js";
import { DerCursor } from "../../src/der/cursor.js";
import {
  readBigInteger,
  readBitStringBytes,
  readBoolean,
  readByteInteger,
  readNamedBits,
  readNull,
  readOctetString,
  readUnsigned,
} from "../../src/der/values.js";
import { integer } from "../../src/testing/der.js";
import { hex } from "../support/hex.js";

function read<T>(bytes: Uint8Array, reader: (cursor: DerCursor) => T): T {
  const cursor = DerCursor.over(bytes, "thing");
  const value = reader(cursor);
  cursor.finish();
  return value;
}

type Refusal = readonly [why: string, sound: string, broken: string, reason: RegExp];

describe("readBoolean", () => {
  it("knows two values", () => {
    expect(read(hex("01 01 00"), readBoolean)).toBe(false);
    expect(read(hex("01 01 ff"), readBoolean)).toBe(true);
  });

  it.each<Refusal>([
    ["01 is true in BER alone", "01 01 ff", "01 01 01", /neither 00 nor FF/],
    ["FE is true in BER alone", "01 01 ff", "01 01 fe", /neither 00 nor FF/],
    ["nothing in it", "01 01 00", "01 00", /neither 00 nor FF/],
    ["two bytes, the first of them sound", "01 01 ff", "01 02 ff ff", /neither 00 nor FF/],
    ["two bytes of false", "01 01 00", "01 02 00 00", /neither 00 nor FF/],
    ["an INTEGER in its place", "01 01 00", "02 01 00", /expected tag 0x01/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound), readBoolean)).not.toThrow();
    expect(() => read(hex(broken), readBoolean)).toFailWith("ERR_MALFORMED_DER", {
      offset: 0,
      reason: expect.stringMatching(reason),
    });
  });

  it("takes 00 and FF of all 256 bytes", () => {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = Uint8Array.of(0x01, 0x01, byte);
      if (byte === 0x00 || byte === 0xff) expect(read(bytes, readBoolean)).toBe(byte === 0xff);
      else expect(() => read(bytes, readBoolean), `${byte}`).toFailWith("ERR_MALFORMED_DER");
    }
  });
});

describe("readNull", () => {
  it.each<Refusal>([
    ["content that nobody would look at", "05 00", "05 01 00", /NULL with content/],
    ["much content", "05 00", "05 04 deadbeef", /NULL with content/],
    ["a long form of no length", "05 00", "05 81 00", /not minimal/],
    ["an empty OCTET STRING in its place", "05 00", "04 00", /expected tag 0x05/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(read(hex(sound), readNull)).toBeUndefined();
    expect(() => read(hex(broken), readNull)).toFailWith("ERR_MALFORMED_DER", {
      reason: expect.stringMatching(reason),
    });
  });
});

describe("INTEGER", () => {
  const FIVE = 5;
  const readFive = (cursor: DerCursor) => readUnsigned(cursor, FIVE);

  it.each([
    ["zero is one zero byte", "02 01 00", "00"],
    ["the greatest without a leading zero", "02 01 7f", "7f"],
    ["the least that needs one", "02 02 0080", "80"],
    ["217, as in a genuine ucodeSPL", "02 02 00d9", "d9"],
    ["256", "02 02 0100", "0100"],
    ["a zero byte inside", "02 03 010001", "010001"],
    ["as many bytes as allowed", "02 05 7fffffffff", "7fffffffff"],
    ["as many bytes as allowed behind a leading zero", "02 06 00ffffffffff", "ffffffffff"],
  ])("%s", (_, bytes, magnitude) => {
    expect(toHex(read(hex(bytes), readFive))).toBe(magnitude);
    expect(read(hex(bytes), (cursor) => readBigInteger(cursor, FIVE))).toBe(BigInt(`0x${magnitude}`));
  });

  it.each<Refusal>([
    ["no content is no number", "02 01 00", "02 00", /without content/],
    ["a leading zero that nothing asks for", "02 01 01", "02 02 0001", /not minimal/],
    ["two ways to write 127", "02 01 7f", "02 02 007f", /not minimal/],
    ["two zeros for zero", "02 01 00", "02 02 0000", /not minimal/],
    ["a leading zero too many before a high byte", "02 02 0080", "02 03 000080", /not minimal/],
    ["-1", "02 01 01", "02 01 ff", /negative/],
    ["-128", "02 02 0080", "02 01 80", /negative/],
    ["-1 in two bytes", "02 02 00ff", "02 02 ffff", /negative/],
    ["a negative number of a length that is refused anyway", "02 01 01", "02 07 ff000000000000", /negative/],
    ["one byte too many", "02 05 7fffffffff", "02 06 010000000000", /more than 5 bytes/],
    ["one byte too many behind a leading zero", "02 06 00ffffffffff", "02 07 00ffffffffffff", /more than 5 bytes/],
    ["an ENUMERATED in its place", "02 01 01", "0a 01 01", /expected tag 0x02/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound), readFive)).not.toThrow();
    const refusal = { offset: 0, reason: expect.stringMatching(reason) };
    expect(() => read(hex(broken), readFive)).toFailWith("ERR_MALFORMED_DER", refusal);
    expect(() => read(hex(broken), (cursor) => readBigInteger(cursor, FIVE))).toFailWith("ERR_MALFORMED_DER", refusal);
  });

  it("answers a view without the leading zero", () => {
    const bytes = hex("02 02 00d9");
    expect(read(bytes, readFive).buffer).toBe(bytes.buffer);
  });

  it("is what the writer of the forge wrote, around every power of two", () => {
    for (let bits = 0n; bits < 160n; bits++) {
      for (const value of [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]) {
        if (value >= 2n ** 160n) continue;
        expect(read(integer(value), (cursor) => readBigInteger(cursor, 20))).toBe(value);
        if (value > 0n) {
          expect(() => read(integer(-value), (cursor) => readBigInteger(cursor, 20))).toFailWith("ERR_MALFORMED_DER");
        }
      }
    }
  });
});

describe("readByteInteger", () => {
  it("knows all bytes", () => {
    for (let byte = 0; byte < 256; byte++) expect(read(integer(byte), readByteInteger)).toBe(byte);
  });

  it.each<Refusal>([
    ["256 is no byte", "02 02 00ff", "02 02 0100", /more than 1 bytes/],
    ["65536 is no byte though its lowest is", "02 01 00", "02 03 010000", /more than 1 bytes/],
    ["-1 is no byte", "02 02 00ff", "02 01 ff", /negative/],
    ["217 without its leading zero is -39", "02 02 00d9", "02 01 d9", /negative/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound), readByteInteger)).not.toThrow();
    expect(() => read(hex(broken), readByteInteger)).toFailWith("ERR_MALFORMED_DER", {
      reason: expect.stringMatching(reason),
    });
  });
});

describe("readOctetString", () => {
  it("answers its content, empty too", () => {
    expect(read(hex("04 00"), readOctetString)).toHaveLength(0);
    expect(read(hex("04 02 00ff"), readOctetString)).toEqual(Uint8Array.of(0x00, 0xff));
  });

  it.each<Refusal>([
    ["cut up into segments, as BER allows", "04 02 aabb", "24 06 0401aa 0401bb", /expected tag 0x04, found 0x24/],
    ["a BIT STRING in its place", "04 02 00aa", "03 02 00aa", /expected tag 0x04, found 0x03/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound), readOctetString)).not.toThrow();
    expect(() => read(hex(broken), readOctetString)).toFailWith("ERR_MALFORMED_DER", {
      reason: expect.stringMatching(reason),
    });
  });
});

describe("readBitStringBytes", () => {
  it("answers the whole bytes", () => {
    expect(read(hex("03 01 00"), readBitStringBytes)).toHaveLength(0);
    expect(read(hex("03 03 00 aabb"), readBitStringBytes)).toEqual(Uint8Array.of(0xaa, 0xbb));
  });

  it.each<Refusal>([
    ["without the byte that counts unused bits", "03 01 00", "03 00", /not whole bytes/],
    ["a signature has no unused bits", "03 02 00 80", "03 02 07 80", /not whole bytes/],
    ["one unused bit, and it is zero", "03 02 00 fe", "03 02 01 fe", /not whole bytes/],
    ["more unused bits than a byte has", "03 02 00 00", "03 02 08 00", /not whole bytes/],
    ["255 unused bits", "03 02 00 00", "03 02 ff 00", /not whole bytes/],
    ["cut up into segments", "03 02 00 aa", "23 04 0302 00aa", /expected tag 0x03, found 0x23/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound), readBitStringBytes)).not.toThrow();
    expect(() => read(hex(broken), readBitStringBytes)).toFailWith("ERR_MALFORMED_DER", {
      reason: expect.stringMatching(reason),
    });
  });
});

describe("readNamedBits", () => {
  const setBits = (bytes: string) => {
    const has = read(hex(bytes), readNamedBits);
    return Array.from({ length: 32 }, (_, bit) => bit).filter(has);
  };

  it.each([
    ["no bit at all", "03 01 00", []],
    ["bit 0 is the highest of the first byte", "03 02 07 80", [0]],
    ["bit 5 alone, in minimal form", "03 02 02 04", [5]],
    ["bit 5 as AMD's ASK writes it, one bit longer than minimal", "03 02 01 04", [5]],
    ["bits 5 and 6, as AMD's ARK writes them", "03 02 01 06", [5, 6]],
    ["bit 5 with every unused bit counted as used", "03 02 00 04", [5]],
    ["bit 8 is in the second byte", "03 03 07 0080", [8]],
    ["bits at both ends", "03 03 00 8001", [0, 15]],
    ["all of three bytes", "03 04 00 ffffff", Array.from({ length: 24 }, (_, bit) => bit)],
  ])("%s", (_, bytes, expected) => {
    expect(setBits(bytes)).toEqual(expected);
  });

  it.each<Refusal>([
    ["without the byte that counts unused bits", "03 01 00", "03 00", /unused bits/],
    ["unused bits in no byte at all", "03 01 00", "03 01 01", /unused bits/],
    ["eight unused bits are a byte too many", "03 02 07 80", "03 02 08 80", /unused bits/],
    ["eight unused bits that are zero", "03 02 07 00", "03 02 08 00", /unused bits/],
    ["32 unused bits, which a shift takes for none", "03 02 00 04", "03 02 20 04", /unused bits/],
    ["255 unused bits", "03 02 00 00", "03 02 ff 00", /unused bits/],
    ["a bit that is set and unused", "03 02 02 04", "03 02 03 04", /unused bits/],
    ["the lowest bit set and unused", "03 02 00 01", "03 02 01 01", /unused bits/],
    ["unused bits set in the last of two bytes", "03 03 01 00fe", "03 03 01 00ff", /unused bits/],
    ["an OCTET STRING in its place", "03 02 01 06", "04 02 01 06", /expected tag 0x03/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound), readNamedBits)).not.toThrow();
    expect(() => read(hex(broken), readNamedBits)).toFailWith("ERR_MALFORMED_DER", {
      offset: 0,
      reason: expect.stringMatching(reason),
    });
  });

  it("finds the bit that is set and no other, for each of 16", () => {
    for (let bit = 0; bit < 16; bit++) {
      const value = 0x8000 >> bit;
      const bytes = concatBytes(hex("03 03 00"), Uint8Array.of(value >> 8, value & 0xff));
      expect(setBits(toHex(bytes))).toEqual([bit]);
    }
  });

  it("finds no bit beyond its end", () => {
    const has = read(hex("03 02 00 ff"), readNamedBits);
    expect([7, 8, 15, 16, 1_000_000].map(has)).toEqual([true, false, false, false, false]);
  });
});
