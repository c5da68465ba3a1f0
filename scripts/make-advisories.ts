/** Writes the schema of data sets of advisories and the digest of the built-in one anew where they have changed. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ADVISORIES } from "../src/advisories/built-in/data-set.js";
import { canonicalJson } from "../src/bytes/canonical-json.js";
import { ADVISORIES_SCHEMA_PATH, makeAdvisoriesSchema } from "./support/advisories-schema.js";
import { projectRoot } from "./support/packed.js";

const DIGEST_PATH = join(projectRoot, "src/advisories/built-in/digest.ts");

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
const file = readFileSync(DIGEST_PATH, "utf8");
const renewed = file.replace(/"[0-9a-f]{96}"/, `"${digest}"`);
if (renewed !== file) writeFileSync(DIGEST_PATH, renewed);
