/** Writes the tables of docs/report-layout.md anew from the tables of src/report. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renewLayoutTables } from "./support/layout-tables.js";
import { projectRoot } from "./support/packed.js";

const path = join(projectRoot, "docs/report-layout.md");
writeFileSync(path, renewLayoutTables(readFileSync(path, "utf8")));
