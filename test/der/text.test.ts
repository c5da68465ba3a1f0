import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DerCursor } from "../../src/der/cursor.js";
import { readText } from "../../src/der/values.js";
import { ia5String, printableString, tlv, utf8String } from "../../src/testing/der.js";
import { hex } from "../support/hex.js";

const UTF8 = 0x0c;
const PRINTABLE = 0x13;
const IA5 = 0x16;

function read(bytes: Uint8Array): string {
  const cursor = DerCursor.over(bytes, "thing");
  const text = readText(cursor);
  cursor.finish();
  return text;
}

const ascii = (codes: readonly number[]) => String.fromCharCode(...codes);
const ALL_ASCII = Array.from({ length: 128 }, (_, code) => code);
const PRINTABLE_CODES = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?"].map((c) =>
  c.charCodeAt(0),
);

describe("readText", () => {
  it("takes three types of string and no other", () => {
    for (let tag = 0; tag < 256; tag++) {
      const bytes = tlv(tag, hex("41"));
      if ([UTF8, PRINTABLE, IA5].includes(tag)) expect(read(bytes)).toBe("A");
      else expect(() => read(bytes), `tag ${tag}`).toFailWith("ERR_MALFORMED_DER", { offset: 0 });
    }
  });

  it.each([
    ["TeletexString", "14"],
    ["UniversalString", "1c"],
    ["BMPString", "1e"],
    ["NumericString", "12"],
    ["VisibleString", "1a"],
  ])("%s is for names of the last century", (_, tag) => {
    expect(() => read(tlv(Number(`0x${tag}`), hex("31")))).toFailWith("ERR_MALFORMED_DER", {
      reason: "expected a UTF8String, PrintableString or IA5String",
    });
  });

  it("asks for a string at the end of its element too", () => {
    expect(() => read(new Uint8Array(0))).toFailWith("ERR_MALFORMED_DER", {
      reason: "expected a UTF8String, PrintableString or IA5String",
    });
  });

  it.each([UTF8, PRINTABLE, IA5])("may be empty (tag %i)", (tag) => {
    expect(read(tlv(tag))).toBe("");
  });
});

describe("PrintableString", () => {
  it("takes its 74 characters", () => {
    expect(new Set(PRINTABLE_CODES).size).toBe(74);
    expect(read(printableString(ascii(PRINTABLE_CODES)))).toBe(ascii(PRINTABLE_CODES));
  });

  it("takes no other byte, wherever it stands", () => {
    for (let byte = 0; byte < 256; byte++) {
      if (PRINTABLE_CODES.includes(byte)) continue;
      for (const content of [[byte], [0x41, byte], [byte, 0x41], [0x41, byte, 0x41]]) {
        expect(() => read(tlv(PRINTABLE, Uint8Array.from(content))), `${content}`).toFailWith("ERR_MALFORMED_DER");
      }
    }
  });

  it.each([
    ["an asterisk, for which certificates are famous", "a.example", "*.example"],
    ["an at sign, which wants an IA5String", "a", "a@b"],
    ["an underscore", "a-b", "a_b"],
    ["a line feed at the end, which a regular expression might forgive", "US", "US\n"],
    ["a NUL that ends the text for others", "SEV", "SEV\0-Milan"],
    ["a letter with an accent, in UTF-8", "e", "é"],
    ["a Cyrillic letter that looks Latin", "A", "А"],
  ])("%s", (_, sound, broken) => {
    expect(read(printableString(sound))).toBe(sound);
    expect(() => read(printableString(broken))).toFailWith("ERR_MALFORMED_DER", { reason: "not a PrintableString" });
    expect(read(utf8String(broken))).toBe(broken);
  });
});

describe("IA5String", () => {
  it("takes all 128 characters of ASCII", () => {
    expect(read(ia5String(ascii(ALL_ASCII)))).toBe(ascii(ALL_ASCII));
  });

  it("takes no byte from 128 on", () => {
    for (let byte = 0x80; byte < 0x100; byte++) {
      for (const content of [[byte], [0x41, byte], [byte, 0x41]]) {
        expect(() => read(tlv(IA5, Uint8Array.from(content))), `${content}`).toFailWith("ERR_MALFORMED_DER");
      }
    }
  });

  it.each([
    ["two bytes of UTF-8", "e", "é"],
    ["three bytes of UTF-8", "E", "€"],
    ["four bytes of UTF-8, two code units", "ab", "😀"],
    ["a no-break space", "a b", "a\u00a0b"],
  ])("%s, which is text but not ASCII", (_, sound, broken) => {
    expect(read(ia5String(sound))).toBe(sound);
    expect(read(utf8String(broken))).toBe(broken);
    expect(() => read(ia5String(broken))).toFailWith("ERR_MALFORMED_DER", { reason: "not an IA5String" });
  });
});

describe("UTF8String", () => {
  it.each([
    ["two bytes", "c3a9", "é"],
    ["three bytes", "e282ac", "€"],
    ["four bytes", "f09f9880", "😀"],
    ["the last before the surrogates", "ed9fbf", "\ud7ff"],
    ["the first after the surrogates", "ee8080", "\ue000"],
    ["the last code point", "f48fbfbf", "\u{10ffff}"],
    ["a noncharacter", "efbfbf", "\uffff"],
    ["the replacement character itself", "efbfbd", "\ufffd"],
    ["NUL", "00", "\0"],
    ["a byte order mark, kept", "efbbbf41", "\ufeffA"],
    ["a byte order mark alone", "efbbbf", "\ufeff"],
    ["two byte order marks", "efbbbfefbbbf", "\ufeff\ufeff"],
    ["decomposed, left as it is", "65cc81", "e\u0301"],
  ])("%s", (_, bytes, text) => {
    expect(read(tlv(UTF8, hex(bytes)))).toBe(text);
  });

  it.each([
    ["a slash in two bytes: overlong", "2f", "c0af"],
    ["NUL in two bytes, as Java writes it", "00", "c080"],
    ["a slash in three bytes", "2f", "e080af"],
    ["a slash in four bytes", "2f", "f08080af"],
    ["the last of the overlong forms of two bytes", "7f", "c1bf"],
    ["the last of the overlong forms of three bytes", "dfbf", "e09fbf"],
    ["the last of the overlong forms of four bytes", "efbfbf", "f08fbfbf"],
    ["a high surrogate", "ed9fbf", "eda080"],
    ["a low surrogate", "ee8080", "edbfbf"],
    ["a pair of surrogates, as CESU-8 writes a smile", "f09f9880", "eda0bdedb880"],
    ["beyond the last code point", "f48fbfbf", "f4908080"],
    ["five bytes", "f48fbfbf", "f888808080"],
    ["FE, which no UTF-8 has", "41", "fe"],
    ["FF, which no UTF-8 has", "41", "ff"],
    ["a continuation that continues nothing", "41", "80"],
    ["a beginning without continuation", "c3a9", "c3"],
    ["a beginning, then ASCII", "c3a9", "c341"],
    ["three bytes, cut", "e282ac", "e282"],
    ["four bytes, cut", "f09f9880", "f09f98"],
    ["one continuation too many", "c3a9", "c3a9a9"],
    ["broken text behind sound text", "41c3a9", "41c328"],
    ["UTF-16 with its mark", "0041", "feff0041"],
    ["Latin-1", "c3bc", "fc"],
  ])("%s", (_, sound, broken) => {
    expect(() => read(tlv(UTF8, hex(sound)))).not.toThrow();
    for (const tag of [UTF8, PRINTABLE, IA5]) {
      expect(() => read(tlv(tag, hex(broken)))).toFailWith("ERR_MALFORMED_DER", { reason: "text that is not UTF-8" });
    }
  });

  it("gives each byte string one text or none: what it reads, encodes to the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (content) => {
        let text: string;
        try {
          text = read(tlv(UTF8, content));
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_MALFORMED_DER" });
          expect(() => new TextDecoder("utf-8", { fatal: true }).decode(content)).toThrow();
          return;
        }
        expect(new TextEncoder().encode(text)).toEqual(content);
      }),
      { numRuns: 3000 },
    );
  });

  it("reads every text that can be written", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
        expect(read(utf8String(text))).toBe(text);
      }),
    );
  });
});
