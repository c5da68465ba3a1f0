import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renewAdvisoriesTable } from "../../scripts/support/advisories-table.js";
import { ADVISORIES } from "../../src/advisories/built-in/data-set.js";
import { parseAdvisories } from "../../src/advisories/parse.js";

const page = readFileSync(new URL("../../docs/advisories.md", import.meta.url), "utf8");

describe("docs/advisories.md", () => {
  it("has the numbers of the built-in data set: npm run schema:advisories writes them anew", () => {
    expect(renewAdvisoriesTable(page)).toBe(page);
    for (const { id } of ADVISORIES.advisories) expect(page).toContain(id);
  });

  it("shows a data set that is one", () => {
    const blocks = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = ""]) => text);
    expect(blocks).toHaveLength(1);
    for (const text of blocks) expect(parseAdvisories(JSON.parse(text)).advisories).toHaveLength(2);
  });
});
