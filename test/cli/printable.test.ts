import { describe, expect, it } from "vitest";
import { printable } from "../../src/cli/printable.js";

describe("printable", () => {
  it.each([
    ["plain text, é, 漢字, 😀", "plain text, é, 漢字, 😀"],
    ["\u001b[31mred", "\\u{1b}[31mred"],
    ["\u009b31m", "\\u{9b}31m"],
    ["two\nlines\r", "two\\u{a}lines\\u{d}"],
    ["\u202eevil\u2066", "\\u{202e}evil\\u{2066}"],
    ["half \ud83d", "half \\u{d83d}"],
    ["\u2028\ufeff\u007f", "\\u{2028}\\u{feff}\\u{7f}"],
  ])("%j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("cuts what is too long and says so", () => {
    expect(printable("abcdef", 3)).toBe("abc… (6 characters)");
    expect(printable("abc", 3)).toBe("abc");
  });
});
