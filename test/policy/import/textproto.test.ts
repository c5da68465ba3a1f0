import { describe, expect, it } from "vitest";
import { parseTextproto, type TextValue } from "../../../src/policy/import/textproto.js";

const parse = (text: string) => parseTextproto("test", text);

/** A value without its wrapping: words as symbols, messages as lists of pairs. */
function plain(value: TextValue): unknown {
  switch (value.kind) {
    case "word":
      return Symbol.for(value.text);
    case "number":
      return value.value;
    case "bytes":
      return Buffer.from(value.bytes).toString("latin1");
    default:
      return value.fields.map(({ name, values, list }) => [name, list ? values.map(plain) : plain(only(values))]);
  }
}

function only(values: readonly TextValue[]): TextValue {
  const [value] = values;
  if (value === undefined || values.length > 1) throw new Error(`${values.length} values`);
  return value;
}

const read = (text: string) => plain({ kind: "message", fields: parse(text) });
const readOne = (text: string) => plain(only(parse(`a: ${text}`)[0]?.values ?? []));

describe("the text format", () => {
  it.each([
    ["", []],
    ["  \t\r\n# nothing but a comment", []],
    ["a: 1", [["a", 1n]]],
    [
      "a:1 b:2",
      [
        ["a", 1n],
        ["b", 2n],
      ],
    ],
    [
      "a: 1, b: 2; c: 3",
      [
        ["a", 1n],
        ["b", 2n],
        ["c", 3n],
      ],
    ],
    ["a { b: 1 }", [["a", [["b", 1n]]]]],
    ["a: { b: 1 }", [["a", [["b", 1n]]]]],
    ["a < b: 1 >", [["a", [["b", 1n]]]]],
    ["a: <>", [["a", []]]],
    [
      "a { b { } c <> }",
      [
        [
          "a",
          [
            ["b", []],
            ["c", []],
          ],
        ],
      ],
    ],
    ["a: [1, 2]", [["a", [1n, 2n]]]],
    ["a: []", [["a", []]]],
    ["a: [{ b: 1 }, < >]", [["a", [[["b", 1n]], []]]]],
    [
      "a: 1 # one\nb: 2",
      [
        ["a", 1n],
        ["b", 2n],
      ],
    ],
    [
      "a: 1 a: 2",
      [
        ["a", 1n],
        ["a", 2n],
      ],
    ],
    ["_a9: x_1", [["_a9", Symbol.for("x_1")]]],
  ])("%j", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ["0", 0n],
    ["00", 0n],
    ["017", 15n],
    ["42", 42n],
    ["-7", -7n],
    ["- 7", -7n],
    ["0x1f", 31n],
    ["0XFF", 255n],
    ["18446744073709551615", 2n ** 64n - 1n],
    ["true", Symbol.for("true")],
    ["FOO_BAR", Symbol.for("FOO_BAR")],
  ])("reads %s", (text, expected) => {
    expect(readOne(text)).toEqual(expected);
  });

  it.each([
    ['""', ""],
    ["'it''s'", "its"],
    ['"one" "two"\n  # and\n\'three\'', "onetwothree"],
    ['"a\\a\\b\\t\\n\\v\\f\\r\\?\\\\\\"\\\'"', "a\x07\b\t\n\v\f\r?\\\"'"],
    ['"\\0\\01\\001\\0011\\377"', "\0\x01\x01\x011\xff"],
    ['"\\x0\\xff\\xAbc"', "\0\xff\xabc"],
    ['"\\u00e9\\U0001F600"', "\xc3\xa9\xf0\x9f\x98\x80"],
    ['"é"', "\xc3\xa9"],
    ["'\"'", '"'],
  ])("reads the string %s", (text, expected) => {
    expect(readOne(text)).toBe(expected);
  });

  it("keeps the line of each field", () => {
    expect(parse("a: 1\n\n# three\nb {\n}").map(({ name, line }) => [name, line])).toEqual([
      ["a", 1],
      ["b", 4],
    ]);
  });
});

describe("what is no text format", () => {
  it.each([
    ["a", "line 1", /a colon or \{ after a, found the end/],
    ["a b: 1", "line 1", /a colon or \{ after a, found "b"/],
    ["a:", "line 1", /a value, found the end/],
    ["\na: }", "line 2", /a value, found "\}"/],
    ["a {", "line 1", /the name of a field, found the end/],
    ["a { b: 1\n >", "line 2", /the name of a field, found ">"/],
    ["a < b: 1 }", "line 1", /the name of a field, found "\}"/],
    ["}", "line 1", /the name of a field, found "\}"/],
    ["1: 2", "line 1", /the name of a field, found "1"/],
    ["a: [1 2]", "line 1", /a comma or \], found "2"/],
    ["a: [1,]", "line 1", /a value, found "\]"/],
    ["a: [1", "line 1", /a comma or \], found the end/],
    ["a: [[1]]", "line 1", /a value, found "\["/],
    ["a: 1,,", "line 1", /the name of a field, found ","/],
    ["a: -b", "line 1", /a value, found "b"/],
    ['a: -"b"', "line 1", /a value, found/],
    ["a: 1.5", "line 1", /text format, found "1\.5"/],
    ["a: 08", "line 1", /text format, found "08"/],
    ["a: 1b", "line 1", /text format, found "1b"/],
    ["[a]: 1", "line 1", /the name of a field, found "\["/],
    ["[a.b]: 1", "line 1", /text format, found "\.b\]: 1"/],
    ["a: 1\nb: 'x", "line 2", /text format, found "'x"/],
    ['a: "x\ny"', "line 1", /text format/],
    ["a: \u00e9", "line 1", /text format, found "\?"/],
    ['a: "\\q"', "line 1", /escapes of the text format/],
    ['a: "\\400"', "line 1", /escapes of the text format/],
    ['a: "\\x"', "line 1", /escapes of the text format/],
    ['a: "\\u12"', "line 1", /escapes of the text format/],
    ['a: "\\ud800"', "line 1", /escapes of the text format/],
    ['a: "\\U00110000"', "line 1", /escapes of the text format/],
  ])("%j", (text, where, reason) => {
    expect(() => parse(text)).toFailWith("ERR_MALFORMED_IMPORT", {
      format: "test",
      where,
      reason: expect.stringMatching(reason),
    });
  });

  it("nests at most 32 levels", () => {
    const nest = (levels: number) => `${"a { ".repeat(levels)}${"} ".repeat(levels)}`;
    expect(parse(nest(32))).toHaveLength(1);
    expect(() => parse(nest(33))).toFailWith("ERR_MALFORMED_IMPORT", { where: "line 1" });
    expect(() => parse("a {".repeat(80_000))).toFailWith("ERR_MALFORMED_IMPORT", { where: "line 1" });
  });

  it("is read in a time that grows with its length", () => {
    const started = performance.now();
    for (const text of ["a: 1\n", "a { }\n", 'a: "\\n\\n"\n', "# c\n"]) parse(text.repeat(262_144 / text.length));
    parse(`a: "${"x".repeat(262_000)}"`);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
