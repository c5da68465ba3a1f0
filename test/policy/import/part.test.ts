import { describe, expect, it } from "vitest";
import { createNotes, imported } from "../../../src/policy/import/imported.js";
import { malformedImport, shortLine, shownValue } from "../../../src/policy/import/malformed.js";
import {
  base64Of,
  fieldsOf,
  flagOf,
  hexOf,
  inputText,
  integerOf,
  itemsOf,
  jsonPart,
  membersOf,
  needed,
  type Part,
  textOf,
} from "../../../src/policy/import/part.js";

const part = (value: unknown, where = "a/b"): Part => ({ format: "test", where, value });
const refused = (reason: RegExp, where = "a/b") =>
  ["ERR_MALFORMED_IMPORT", { format: "test", where, reason: expect.stringMatching(reason) }] as const;

describe("an input", () => {
  it("is text, or its bytes", () => {
    expect(inputText("test", "é")).toBe("é");
    expect(inputText("test", new TextEncoder().encode("é"))).toBe("é");
    expect(inputText("test", "\ud800")).toBe("\ufffd");
    expect(() => inputText("test", Uint8Array.of(0xc3))).toFailWith(...refused(/UTF-8/, ""));
  });

  it("has at most 262,144 bytes", () => {
    expect(inputText("test", "x".repeat(262_144))).toHaveLength(262_144);
    for (const long of ["x".repeat(262_145), "é".repeat(131_073), new Uint8Array(262_145)]) {
      expect(() => inputText("test", long)).toFailWith("ERR_MALFORMED_LENGTH", { what: "input" });
    }
  });

  it.each([undefined, null, 5, {}, [], new ArrayBuffer(3)])("is not %j", (odd) => {
    expect(() => inputText("test", odd)).toThrow(TypeError);
    expect(() => jsonPart("test", odd)).toThrow(TypeError);
  });

  it("is strict JSON where it is JSON", () => {
    expect(jsonPart("test", '{"a":1}')).toEqual(part({ a: 1 }, ""));
    expect(() => jsonPart("test", '{"a":1,"a":2}')).toFailWith(...refused(/twice/, "a"));
    expect(() => jsonPart("test", "{")).toFailWith(...refused(/not JSON/, ""));
    expect(() => jsonPart("test", "[".repeat(65) + "]".repeat(65))).toFailWith("ERR_MALFORMED_IMPORT");
  });
});

describe("members", () => {
  it("leave out what is null, and say where they are", () => {
    expect([...membersOf(part({ x: 1, y: null }))]).toEqual([["x", part(1, "a/b/x")]]);
    expect([...membersOf(part({ x: 1 }, ""))]).toEqual([["x", part(1, "x")]]);
  });

  it.each([[null], [5], ["text"], [[]]])("are not of %j", (value) => {
    expect(() => membersOf(part(value))).toFailWith(...refused(/an object, found/));
  });

  it("are those that are known", () => {
    expect(fieldsOf(part({ x: 1 }), ["x", "y"])).toEqual({ x: part(1, "a/b/x"), y: undefined });
    expect(() => fieldsOf(part({ z: 1 }), ["x", "y"])).toFailWith(...refused(/one of x, y/, "a/b/z"));
    const odd = JSON.parse('{"__proto__":1}');
    expect(() => fieldsOf(part(odd), ["x"])).toFailWith(...refused(/one of x/, "a/b/__proto__"));
    expect(fieldsOf(part({}), ["constructor"])).toEqual({ constructor: undefined });
  });

  it("may have to be there", () => {
    expect(needed(part(1), part({}), "x")).toEqual(part(1));
    expect(() => needed(undefined, part({}), "x")).toFailWith(...refused(/found none/, "a/b/x"));
  });
});

describe("values", () => {
  it("are what they should be", () => {
    expect(itemsOf(part([5, 6]))).toEqual([part(5, "a/b/0"), part(6, "a/b/1")]);
    expect(textOf(part("x"))).toBe("x");
    expect(flagOf(part(false))).toBe(false);
    expect([0, 255].map((value) => integerOf(part(value), 255))).toEqual([0, 255]);
    expect(hexOf(part("00fF"), 2)).toEqual(Uint8Array.of(0, 255));
    expect(hexOf(part("00"), 4, 1)).toEqual(Uint8Array.of(0));
    expect(base64Of(part("AP8="), 2)).toEqual(Uint8Array.of(0, 255));
  });

  it.each<[string, (odd: Part) => unknown, unknown, RegExp]>([
    ["a list", itemsOf, {}, /a list, found an object/],
    ["a short list", itemsOf, Array.from({ length: 4097 }), /at most 4096 items, found a list of 4097/],
    ["text", textOf, 5, /text, found 5/],
    ["a flag", flagOf, "true", /true or false, found "true"/],
    ["an integer", (odd) => integerOf(odd, 255), 256, /0 to 255, found 256/],
    ["a positive one", (odd) => integerOf(odd, 255), -1, /0 to 255/],
    ["a whole one", (odd) => integerOf(odd, 255), 1.5, /0 to 255/],
    ["a number", (odd) => integerOf(odd, 255), "5", /0 to 255/],
    ["a safe one", (odd) => integerOf(odd, Number.MAX_VALUE), 2 ** 53, /a whole number/],
    ["hex", (odd) => hexOf(odd, 1), "0x", /not a hex digit/],
    ["even hex", (odd) => hexOf(odd, 1), "0", /even number/],
    ["enough hex", (odd) => hexOf(odd, 2, 4), "00", /2 or 4 bytes, found 1/],
    ["hex in text", (odd) => hexOf(odd, 1), 0, /text, found 0/],
    ["base64", (odd) => base64Of(odd, 1), "A", /padded base64/],
    ["enough base64", (odd) => base64Of(odd, 3), "AP8=", /3 bytes, found 2/],
  ])("are not %s", (_, read, value, reason) => {
    expect(() => read(part(value))).toFailWith(...refused(reason));
  });
});

describe("what errors and notes say", () => {
  it("is one short line of visible ASCII", () => {
    expect(shortLine("a\n\u00e9\u0000b")).toBe("a???b");
    expect(shortLine("x".repeat(101))).toBe(`${"x".repeat(100)}...`);
    expect([[1, 2], "a\nb", {}, null, true, undefined].map(shownValue)).toEqual([
      "a list of 2",
      '"a\\nb"',
      "an object",
      "null",
      "true",
      "undefined",
    ]);
  });

  it("names the place where there is one", () => {
    expect(malformedImport("test", "", "reason").message).toBe("test: reason");
    expect(malformedImport("test", "a\n", "reason").message).toBe("test at a?: reason");
    expect(malformedImport("test", "a\n", "reason").detail).toEqual({ format: "test", where: "a?", reason: "reason" });
  });

  it("is gathered in order and frozen", () => {
    const notes = createNotes();
    const note = { where: "x", pointer: null, text: "t" };
    notes.add("meant", note);
    const made = imported({ version: 1, id: "i", snp: { vmpl: [0] } }, notes);
    notes.add("loosened", note);
    expect(made.notes).toEqual([{ kind: "meant", ...note }]);
    expect(Object.isFrozen(made.notes[0])).toBe(true);
  });
});
