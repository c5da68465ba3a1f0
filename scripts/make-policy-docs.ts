/** Writes the tables of docs/policy.md anew from the tables of src/policy. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./support/packed.js";
import { renewTables } from "./support/policy-tables.js";

const path = join(projectRoot, "docs/policy.md");
writeFileSync(path, renewTables(readFileSync(path, "utf8")));
