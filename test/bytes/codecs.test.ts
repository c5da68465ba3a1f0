import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  isZero,
  toBase64,
  toBase64Url,
  toHex,
} from "../../src/bytes/codecs.js";

const ascii = (text: string) => new TextEncoder().encode(text);

describe("hex", () => {
  it.each([
    ["", []],
    ["00", [0]],
    ["0aff", [10, 255]],
    ["deadbeef", [0xde, 0xad, 0xbe, 0xef]],
  ])("%j spells %j", (text, bytes) => {
    expect(toHex(Uint8Array.from(bytes))).toBe(text);
    expect(fromHex(text)).toEqual(Uint8Array.from(bytes));
  });

  it("writes lower case and reads either", () => {
    expect(toHex(fromHex("ABCDEFabcdef0123456789"))).toBe("abcdefabcdef0123456789");
  });

  it.each([
    ["odd", "abc"],
    ["one digit", "a"],
    ["0x prefix", "0x00"],
    ["space inside", "00 0"],
    ["space before", " 00a"],
    ["line break behind", "00a\n"],
    ["g, beyond f", "0g"],
    ["/, before 0", "/0"],
    [":, behind 9", "0:"],
    ["@, before A", "@0"],
    ["G, behind F", "0G"],
    ["`, before a", "`0"],
    ["minus", "-1"],
    ["full-width digit", "０0"],
    ["digit of another script", "٣0"],
    ["lone surrogate", "\ud8000"],
    ["code unit 128 above a digit", "\u00b00"],
    ["NUL", "\u00000"],
  ])("refuses %s", (_, text) => {
    expect(() => fromHex(text, "thing")).toFailWith("ERR_MALFORMED_ENCODING", { what: "thing" });
  });

  it("says where", () => {
    expect(() => fromHex("00x0")).toThrow("hex text: not a hex digit at character 2");
    expect(() => fromHex("000x")).toThrow("hex text: not a hex digit at character 3");
    expect(() => fromHex("000")).toThrow(/even number of hex digits, found 3 characters/);
  });

  it("agrees with Node on all bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromHex(toHex(bytes).toUpperCase())).toEqual(bytes);
      }),
    );
  });
});

describe("base64", () => {
  // RFC 4648 section 10.
  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("%j is %j", (plain, text) => {
    expect(toBase64(ascii(plain))).toBe(text);
    expect(fromBase64(text)).toEqual(ascii(plain));
  });

  it.each([
    ["no padding", "Zg"],
    ["half the padding", "Zg="],
    ["too much padding", "Zm9v===="],
    ["three padding characters", "Z==="],
    ["padding alone", "===="],
    ["padding inside", "Zg==Zm9v"],
    ["padding in third place alone", "Zg=A"],
    ["unused bits set, one byte", "Zh=="],
    ["unused bits set, two bytes", "Zm9="],
    ["URL alphabet, minus", "-_8="],
    ["URL alphabet, underscore", "_+8="],
    ["line break", "Zm9v\nZm9"],
    ["space", "Zm9 "],
    ["one character", "Z"],
    ["not ASCII", "Zmé9"],
    ["code unit 128 above a digit", "Zm9\u00c1"],
  ])("refuses %s", (_, text) => {
    expect(() => fromBase64(text, "thing")).toFailWith("ERR_MALFORMED_ENCODING", { what: "thing" });
  });

  it("agrees with Node on all bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      }),
    );
  });

  it("has one text for each byte string: what it reads, it writes again", () => {
    const text = fc.string({ unit: fc.constantFrom(..."AQgwZ09+/="), maxLength: 12 });
    fc.assert(
      fc.property(text, (candidate) => {
        let bytes: Uint8Array;
        try {
          bytes = fromBase64(candidate);
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_MALFORMED_ENCODING" });
          return;
        }
        expect(toBase64(bytes)).toBe(candidate);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("decoding what is no string", () => {
  it.each([[undefined], [null], [1], [["00"]], [new Uint8Array(2)], [Object("00")]])("%j is a TypeError", (value) => {
    // The cast stands for a caller without types.
    const text = value as string;
    expect(() => fromHex(text, "thing")).toThrow(TypeError);
    expect(() => fromBase64(text, "thing")).toThrow(/^thing must be a string/);
  });
});

describe("concatBytes", () => {
  it("joins in order, empty parts too", () => {
    const joined = concatBytes(Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3));
    expect(joined).toEqual(Uint8Array.of(1, 2, 3));
    expect(concatBytes()).toEqual(new Uint8Array(0));
  });

  it("copies", () => {
    const part = Uint8Array.of(1);
    const joined = concatBytes(part);
    part[0] = 9;
    expect(joined).toEqual(Uint8Array.of(1));
  });
});

describe("equalBytes", () => {
  it("sees every single differing bit", () => {
    const bytes = Uint8Array.of(0, 0x55, 0xff);
    expect(equalBytes(bytes, bytes.slice())).toBe(true);
    for (let bit = 0; bit < 24; bit++) {
      const other = bytes.slice();
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(equalBytes(bytes, other), `bit ${bit}`).toBe(false);
    }
  });

  it("holds no prefix for equal", () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBe(false);
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

describe("isZero", () => {
  it("sees every single byte", () => {
    expect(isZero(new Uint8Array(0))).toBe(true);
    expect(isZero(new Uint8Array(16))).toBe(true);
    for (let index = 0; index < 16; index++) {
      const bytes = new Uint8Array(16);
      bytes[index] = 0x80;
      expect(isZero(bytes), `byte ${index}`).toBe(false);
    }
  });
});

describe("base64url", () => {
  it.each([
    ["", []],
    ["AA", [0]],
    ["AAE", [0, 1]],
    ["AAEC", [0, 1, 2]],
    ["-_8", [0xfb, 0xff]],
  ])("%j spells %j", (text, bytes) => {
    expect(fromBase64Url(text)).toEqual(Uint8Array.from(bytes));
  });

  it("reads what Node writes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(fromBase64Url(Buffer.from(bytes).toString("base64url"))).toEqual(bytes);
      }),
    );
  });

  it.each([
    ["one digit over", "AAECA"],
    ["padding", "AA=="],
    ["the other alphabet's plus", "+_8"],
    ["the other alphabet's slash", "-/8"],
    ["unused bits", "AB"],
    ["unused bits of three digits", "AAF"],
    ["a line break", "AA\nE"],
    ["a letter beyond ASCII", "AA\u0100E"],
  ])("%s is refused", (_, text) => {
    expect(() => fromBase64Url(text, "thing")).toFailWith("ERR_MALFORMED_ENCODING", { what: "thing" });
  });

  it("is a text", () => {
    // The cast stands for a caller without types.
    expect(() => fromBase64Url(7 as unknown as string)).toThrow(/^base64url text must be a string/);
  });
});
