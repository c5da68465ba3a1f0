import { describe, expect, it } from "vitest";
import { jsonText } from "../../src/cli/json-text.js";

describe("jsonText", () => {
  it("escapes what a terminal would act on and parses to the same value", () => {
    const value = { text: "\u009b31mred\u001b[0m \u202eabc \ud800 \u2028 \u{e0001} é 😀" };
    const text = jsonText(value);
    for (const bad of ["\u009b", "\u001b", "\u202e", "\u2028", "\u{e0001}"]) expect(text).not.toContain(bad);
    expect(text).not.toMatch(/\p{Cs}/u);
    expect(text).toContain("é 😀");
    expect(JSON.parse(text)).toEqual(value);
    expect(jsonText(value, 2)).toContain("\n  ");
  });
});
