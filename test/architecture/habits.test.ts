import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const project = resolve(import.meta.dirname, "../..");

function read(folder: string): { file: string; text: string }[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({ file: join(folder, name), text: readFileSync(join(project, folder, name), "utf8") }));
}

const lines = (files: readonly { text: string }[]) =>
  files.reduce((sum, { text }) => sum + text.split("\n").filter((line) => line.trim() !== "").length, 0);

/** Data that a script wrote, not code that a person did. */
const isData = (file: string) => file.endsWith(".data.ts");

/** What silences a tool. */
const SILENCERS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["coverage", /(?:v8|c8|istanbul) ignore/],
  ["the compiler", /@ts-(?:ignore|nocheck|expect-error)/],
  ["lint", /biome-ignore (?!format)/],
  ["the dead-code check", /@knipignore|@public\b/],
];

describe("src/ silences no tool and leaves nothing for later", () => {
  const sources = read("src");
  it.each(SILENCERS)("not %s", (_, pattern) => {
    expect(sources.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it("no TODO, no FIXME", () => {
    expect(sources.filter(({ text }) => /\b(?:TODO|FIXME|XXX)\b/.test(text)).map(({ file }) => file)).toEqual([]);
  });
});

describe("the tests", () => {
  it("have at least one and a half lines for each line of source", () => {
    const written = read("src").filter(({ file }) => !isData(file));
    expect(lines(read("test")) / lines(written)).toBeGreaterThanOrEqual(1.5);
  });
});
