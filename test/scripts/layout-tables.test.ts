import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { LAYOUT_TABLES, memberOf, renewLayoutTables } from "../../scripts/support/layout-tables.js";
import { projectRoot } from "../../scripts/support/packed.js";
import { isField, type Layout } from "../../src/bytes/layout.js";
import { REPORT_LAYOUTS, REPORT_LENGTH, REPORT_VERSIONS } from "../../src/report/layouts.js";
import { parseReport } from "../../src/report/report.js";
import { createForge, type Forge } from "../../src/testing/index.js";

const page = readFileSync(join(projectRoot, "docs/report-layout.md"), "utf8");

/** The rows of a table of the page, cell by cell. */
function cellsUnder(name: string): string[][] {
  const [, text = ""] = new RegExp(`<!-- table: ${name} -->\\n\\n([^<]*)`).exec(page) ?? [];
  const lines = text.trim().split("\n").slice(2);
  return lines.map((line) => line.slice(2, -2).split(" | "));
}

/** The table that the page has for a version; 4 has the same structure as 3. */
const tableOf = (version: number) => `version${version === 4 ? 3 : version}`;

describe("docs/report-layout.md", () => {
  it("has the tables that the code makes: npm run docs:layout makes them anew", () => {
    expect(renewLayoutTables(page)).toBe(page);
    for (const name of Object.keys(LAYOUT_TABLES)) expect(page).toContain(`<!-- table: ${name} -->`);
    expect(() => renewLayoutTables("<!-- table: none -->\n\n<!-- end -->")).toThrow(/the table none/);
  });

  it("would not pass with an offset that is not the parser's", () => {
    const wrong = page.replace("`0x090`", "`0x091`");
    expect(wrong).not.toBe(page);
    expect(renewLayoutTables(wrong)).toBe(page);
  });

  it.each(REPORT_VERSIONS)("covers every byte of version %i, without a gap", (version) => {
    let end = 0;
    for (const [offset, size] of cellsUnder(tableOf(version))) {
      expect(Number(offset?.replaceAll("`", ""))).toBe(end);
      end += Number(size);
    }
    expect(end).toBe(REPORT_LENGTH);
  });

  describe("names members that there are", () => {
    let forge: Forge;
    beforeAll(async () => {
      forge = await createForge({ seed: "layout tables" });
    });

    it.each(REPORT_VERSIONS)("in version %i", (version) => {
      const report = parseReport(forge.evidence({ report: { version } }).evidence.report);
      const { rows }: Layout = REPORT_LAYOUTS[version];
      for (const row of rows.filter(isField)) {
        const value = memberOf(row.name)
          .split(".")
          .reduce<unknown>((object, key) => Reflect.get(Object(object), key), report);
        expect(value, row.name).toBeDefined();
        expect(value, row.name).not.toBeNull();
        expect(cellsUnder(tableOf(version)).flat()).toContain(`\`${memberOf(row.name)}\``);
      }
    });
  });
});
