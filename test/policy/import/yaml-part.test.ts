import { describe, expect, it } from "vitest";
import { yamlPart } from "../../../src/policy/import/yaml-part.js";

/** A text at each bound, and one beyond it. */
const BOUNDS: readonly [what: string, most: number, text: (count: number) => string][] = [
  ["levels of brackets", 32, (count) => `a: ${"[".repeat(count)}1${"]".repeat(count)}\n`],
  ["columns of indentation", 128, (count) => `a:\n${" ".repeat(count)}b: 1\n`],
  ["indicators in a line", 32, (count) => `${"- ".repeat(count)}1\n`],
  // The line itself, and the empty one at the end, count as well.
  ["lines, commas, brackets, anchors and tags", 4096, (count) => `a: [${"1,".repeat(count - 4)}1]\n`],
];

describe("yamlPart", () => {
  it.each(BOUNDS)("reads as many %s as it may, and refuses one more", async (what, most, text) => {
    expect((await yamlPart("x", text(most))).value).toBeDefined();
    await expect(yamlPart("x", text(most + 1))).toFailWith("ERR_MALFORMED_IMPORT", {
      format: "x",
      reason: expect.stringContaining(`more than ${most} ${what}`),
    });
  });
});
