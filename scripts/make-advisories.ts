/** Writes the schema of data sets of advisories, the digest of the built-in one and its table in docs/ anew. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ADVISORIES } from "../src/advisories/built-in/data-set.js";
import { canonicalJson } from "../src/bytes/canonical-json.js";
import { ADVISORIES_SCHEMA_PATH, makeAdvisoriesSchema } from "./support/advisories-schema.js";
import { renewAdvisoriesTable } from "./support/advisories-table.js";
import { projectRoot } from "./support/packed.js";

const DIGEST_PATH = join(projectRoot, "src/advisories/built-in/digest.ts");
const PAGE_PATH = join(projectRoot, "docs/advisories.md");

function renew(path: string, change: (text: string) => string): void {
  const text = readFileSync(path, "utf8");
  const renewed = change(text);
  if (renewed !== text) writeFileSync(path, renewed);
}

const schema: unknown = JSON.parse(JSON.stringify(makeAdvisoriesSchema()));
const written: unknown = existsSync(ADVISORIES_SCHEMA_PATH)
  ? JSON.parse(readFileSync(ADVISORIES_SCHEMA_PATH, "utf8"))
  : undefined;
if (!isDeepStrictEqual(schema, written)) {
  writeFileSync(ADVISORIES_SCHEMA_PATH, `${JSON.stringify(schema, null, 2)}\n`);
  execFileSync("npx", ["biome", "format", "--write", ADVISORIES_SCHEMA_PATH], { stdio: "inherit" });
}

const canonical = canonicalJson(JSON.parse(JSON.stringify(ADVISORIES)));
const digest = createHash("sha384").update(canonical).digest("hex");
renew(DIGEST_PATH, (file) => file.replace(/"[0-9a-f]{96}"/, `"${digest}"`));
renew(PAGE_PATH, renewAdvisoriesTable);
