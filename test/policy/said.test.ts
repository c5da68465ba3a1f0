import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { SAID } from "./said.js";

const written: Record<string, readonly string[]> = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "said.json"), "utf8"),
);

describe("what policies say, word for word (npm run said:policy writes said.json anew)", () => {
  it.each(SAID)("%s", async (title, lines) => {
    expect(await lines()).toEqual(written[title]);
  });

  it("is all that said.json holds, each under a title of its own", () => {
    const titles = SAID.map(([title]) => title);
    expect(titles).toEqual(Object.keys(written));
    expect(new Set(titles).size).toBe(titles.length);
  });
});
