/** Writes test/policy/said.json anew: what policies say to people. Read the difference before you commit it. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { SAID } from "../test/policy/said.js";
import { projectRoot } from "./support/packed.js";

const said: [string, readonly string[]][] = [];
for (const [title, lines] of SAID) said.push([title, await lines()]);
const path = join(projectRoot, "test/policy/said.json");
writeFileSync(path, `${JSON.stringify(Object.fromEntries(said), null, 2)}\n`);
execFileSync("npx", ["biome", "format", "--write", path], { stdio: "inherit" });
