import { describe, expect, it } from "vitest";
import { onlyOperand, readArguments, requiredText } from "../../src/cli/arguments.js";
import { UsageError } from "../../src/cli/usage-error.js";

const TABLE = { json: { type: "boolean" }, certs: { type: "string" } } as const;
const read = (...args: string[]) => readArguments(args, TABLE);

describe("readArguments", () => {
  it("reads operands, words and values, in any order", () => {
    for (const args of [
      ["a", "--json", "--certs", "b"],
      ["--certs=b", "a", "--json"],
    ]) {
      const parsed = read(...args);
      expect(parsed.positionals).toEqual(["a"]);
      expect(parsed.flag("json")).toBe(true);
      expect(parsed.text("certs")).toBe("b");
    }
  });

  it("knows what was not said", () => {
    const parsed = read("a");
    expect(parsed.flag("json")).toBe(false);
    expect(parsed.text("certs")).toBeUndefined();
  });

  it("takes - for an operand and for a value, and everything after --", () => {
    expect(read("-", "--certs", "-").positionals).toEqual(["-"]);
    expect(read("-", "--certs", "-").text("certs")).toBe("-");
    expect(read("--", "--json").positionals).toEqual(["--json"]);
    expect(read("--", "--json").flag("json")).toBe(false);
  });

  it.each([
    ["an unknown option", ["--jsn"], /--jsn/],
    ["an unknown letter", ["-x"], /-x/],
    ["a missing value", ["--certs"], /--certs/],
    ["an option for a value", ["--certs", "--json"], /--certs/],
    ["a needless value", ["--json=yes"], /--json/],
    ["a word twice", ["--json", "--json"], /--json stands twice/],
    ["a value twice", ["--certs", "a", "--certs", "a"], /--certs stands twice/],
    ["the name of an object's own affair", ["--__proto__", "x"], /__proto__/],
    ["a negated word", ["--no-json"], /--no-json/],
  ])("refuses %s", (_, args, message) => {
    expect(() => read(...args)).toThrow(UsageError);
    expect(() => read(...args)).toThrow(message);
  });

  it("shows nothing that a terminal would act on", () => {
    expect(() => read("--\u001b[31m")).toThrow(/\\u\{1b\}/);
  });
});

describe("onlyOperand", () => {
  it("is the one operand", () => expect(onlyOperand(read("a"), "REPORT")).toBe("a"));

  it.each([
    [[], "REPORT is missing"],
    [[""], "REPORT is missing"],
    [["a", "b"], "expected one REPORT, found a second: b"],
  ])("refuses %j", (args, message) => {
    expect(() => onlyOperand(read(...args), "REPORT")).toThrow(new UsageError(message));
  });
});

describe("requiredText", () => {
  it("is the value", () => expect(requiredText(read("--certs", "b"), "certs")).toBe("b"));

  it.each([[[]], [["--certs="]]])("refuses %j", (args) => {
    expect(() => requiredText(read(...args), "certs")).toThrow(new UsageError("--certs is missing"));
  });
});
