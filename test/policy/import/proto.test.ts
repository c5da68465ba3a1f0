import { describe, expect, it } from "vitest";
import { jsonPart } from "../../../src/policy/import/part.js";
import { type ProtoTable, readProto } from "../../../src/policy/import/proto.js";
import { asRaw, jsonReader } from "../../../src/policy/import/proto-json.js";
import { textMessage, textReader } from "../../../src/policy/import/proto-text.js";

const TABLE = {
  small_number: { type: "uint32" },
  word: { type: "uint64" },
  flag: { type: "bool" },
  name: { type: "string" },
  some_bytes: { type: "bytes" },
  wrapped_small: { type: "UInt32Value" },
  wrapped_word: { type: "UInt64Value" },
  kind: { type: { enum: { KIND_NONE: 0, KIND_ONE: 1 } } },
  inner: { type: { message: { word: { type: "uint64" } } } },
  numbers: { type: "uint32", repeated: true },
  inners: { type: { message: { word: { type: "uint64" } } }, repeated: true },
  anything: { type: "opaque" },
} as const satisfies ProtoTable;

const ofText = (text: string) => readProto(textReader("test"), textMessage("test", text).message, TABLE);
const ofJson = (json: unknown) => readProto(jsonReader("test"), asRaw(jsonPart("test", JSON.stringify(json))), TABLE);

/** Text of a message that leaves out where its values were found. */
function withoutPlaces(message: object): string {
  return JSON.stringify(message, (key, value) => {
    if (key === "where") return undefined;
    return typeof value === "bigint" ? `${value}n` : value;
  });
}

describe("a message of a table", () => {
  const everything = {
    small_number: { where: "small_number", value: 5 },
    word: { where: "word", value: 2n ** 64n - 1n },
    flag: { where: "flag", value: true },
    name: { where: "name", value: "hé" },
    some_bytes: { where: "some_bytes", value: Uint8Array.of(0xfb, 0xff) },
    wrapped_small: { where: "wrapped_small", value: 3 },
    wrapped_word: { where: "wrapped_word", value: 0n },
    kind: { where: "kind", value: "KIND_ONE" },
    inner: { where: "inner", value: { word: { where: "inner/word", value: 1n } } },
    numbers: [1, 2, 3].map((value, index) => ({ where: `numbers/${index}`, value })),
    inners: [
      { where: "inners/0", value: { word: undefined } },
      { where: "inners/1", value: { word: { where: "inners/1/word", value: 7n } } },
    ],
    anything: { where: "anything", value: true },
  };

  it("is the same in text", () => {
    const text = `
      small_number: 5 word: 0xffffffffffffffff flag: true name: "h\\303\\251" some_bytes: "\\xfb\\xff"
      wrapped_small { value: 3 } wrapped_word { } kind: KIND_ONE inner { word: 1 }
      numbers: 1 numbers: [2, 3] inners { } inners < word: 7 > anything { not: looked into: [1] }`;
    expect(ofText(text)).toEqual(everything);
  });

  it("is the same in JSON, by either name of a field", () => {
    const json = {
      smallNumber: "5",
      word: "18446744073709551615",
      flag: true,
      name: "hé",
      someBytes: "-_8",
      wrapped_small: 3,
      wrappedWord: "0",
      kind: 1,
      inner: { word: 1 },
      numbers: [1, "2", 3],
      inners: [{}, { word: 7 }],
      anything: { not: ["looked", "into"] },
    };
    expect(withoutPlaces(ofJson(json))).toEqual(withoutPlaces(everything));
    expect(ofJson({ smallNumber: 1 }).small_number?.where).toBe("smallNumber");
    expect(ofJson({ small_number: 1 }).small_number?.where).toBe("small_number");
  });

  it("holds nothing where nothing is said", () => {
    const none = {
      ...Object.fromEntries(Object.keys(TABLE).map((name) => [name, undefined])),
      numbers: [],
      inners: [],
    };
    expect(ofText("")).toEqual(none);
    expect(ofText("numbers: []")).toEqual(none);
    expect(ofJson({})).toEqual(none);
    expect(ofJson({ word: null, numbers: null })).toEqual(none);
  });

  it.each(["true", "True", "t", "1", "0x1"])("takes %s for true", (text) => {
    expect(ofText(`flag: ${text}`).flag?.value).toBe(true);
  });

  it.each(["false", "False", "f", "0", "00"])("takes %s for false", (text) => {
    expect(ofText(`flag: ${text}`).flag?.value).toBe(false);
  });

  it("takes a number for the value of an enum", () => {
    expect(ofText("kind: 0").kind?.value).toBe("KIND_NONE");
    expect(ofJson({ kind: "KIND_ONE" }).kind?.value).toBe("KIND_ONE");
  });

  it.each(["+/8=", "+/8", "-_8=", "-_8"])("takes base64 as %s", (text) => {
    expect(ofJson({ someBytes: text }).some_bytes?.value).toEqual(Uint8Array.of(0xfb, 0xff));
  });
});

describe("what no such message is", () => {
  it.each([
    ["unknown: 1", "unknown", /one of the fields small_number/],
    ["constructor: 1", "constructor", /one of the fields/],
    ["inner { other: 1 }", "inner/other", /one of the fields word/],
    ["word: 1 word: 2", "word", /one value, found a second in line 1/],
    ["word: 1\nword: 1", "word", /one value, found a second in line 2/],
    ["word: [1]", "word", /one value, found a list/],
    ["word: []", "word", /one value, found a list/],
    ["word: -1", "word", /0 to 18446744073709551615, found -1/],
    ["word: 0x10000000000000000", "word", /found 18446744073709551616/],
    ["small_number: 4294967296", "small_number", /0 to 4294967295/],
    ["wrapped_small { value: 4294967296 }", "wrapped_small", /0 to 4294967295/],
    ["wrapped_small: 3", "wrapped_small", /a message, found the number 3/],
    ['wrapped_small { value: "3" }', "wrapped_small/value", /a whole number, found a string of 1 bytes/],
    ["wrapped_small { value: 3 value: 4 }", "wrapped_small/value", /one value/],
    ["wrapped_word { other: 3 }", "wrapped_word/other", /one of the fields value/],
    ["word: yes", "word", /a whole number, found the word yes/],
    ["word { }", "word", /a whole number, found a message/],
    ["flag: yes", "flag", /true or false, found the word yes/],
    ["flag: 2", "flag", /true or false, found the number 2/],
    ['flag: "true"', "flag", /true or false, found a string/],
    ["name: 5", "name", /a string, found the number 5/],
    ['name: "\\xff"', "name", /UTF-8, found a string/],
    ["some_bytes: word", "some_bytes", /a string, found the word/],
    ["kind: KIND_TWO", "kind", /KIND_NONE, KIND_ONE/],
    ["kind: 2", "kind", /KIND_NONE, KIND_ONE/],
    ['kind: "KIND_ONE"', "kind", /a whole number, found a string/],
    ["inner: 5", "inner", /a message, found the number 5/],
    ["inners: [1]", "inners/0", /a message/],
    ["numbers: 1 numbers: [2, x]", "numbers/2", /a whole number/],
  ])("text: %s", (text, where, reason) => {
    const detail = { where, reason: expect.stringMatching(reason) };
    expect(() => ofText(text)).toFailWith("ERR_MALFORMED_IMPORT", detail);
  });

  it.each([
    [{ unknown: 1 }, "unknown", /one of the fields/],
    [{ smallNumber: 1, small_number: 1 }, "small_number", /both names/],
    [{ word: "0x10" }, "word", /a whole number, or text of one/],
    [{ word: "1e3" }, "word", /a whole number/],
    [{ word: "007" }, "word", /a whole number/],
    [{ word: 1.5 }, "word", /a whole number/],
    [{ word: 2 ** 53 }, "word", /a whole number/],
    [{ word: -1 }, "word", /0 to 18446744073709551615/],
    [{ word: "99999999999999999999" }, "word", /0 to 18446744073709551615/],
    [{ word: true }, "word", /a whole number/],
    [{ word: [1] }, "word", /a whole number/],
    [{ flag: "true" }, "flag", /true or false/],
    [{ name: 5 }, "name", /text/],
    [{ someBytes: 5 }, "someBytes", /text/],
    [{ someBytes: "a" }, "someBytes", /base64/],
    [{ someBytes: "a b=" }, "someBytes", /base64/],
    [{ kind: "KIND_TWO" }, "kind", /KIND_NONE/],
    [{ kind: true }, "kind", /a whole number/],
    [{ inner: [] }, "inner", /an object/],
    [{ numbers: 1 }, "numbers", /a list/],
    [{ numbers: [1, null] }, "numbers/1", /a whole number/],
    [[], "", /an object/],
    ["text", "", /an object/],
  ])("JSON: %j", (json, where, reason) => {
    const detail = { where, reason: expect.stringMatching(reason) };
    expect(() => ofJson(json)).toFailWith("ERR_MALFORMED_IMPORT", detail);
  });
});
