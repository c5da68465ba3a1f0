/** Writes schemas/policy.v1.schema.json anew where the language has changed. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { makePolicySchema, SCHEMA_PATH } from "./support/policy-schema.js";

const schema = JSON.parse(JSON.stringify(makePolicySchema()));
const written: unknown = existsSync(SCHEMA_PATH) ? JSON.parse(readFileSync(SCHEMA_PATH, "utf8")) : undefined;
if (!isDeepStrictEqual(schema, written)) {
  writeFileSync(SCHEMA_PATH, `${JSON.stringify(schema, null, 2)}\n`);
  execFileSync("npx", ["biome", "format", "--write", SCHEMA_PATH], { stdio: "inherit" });
}
