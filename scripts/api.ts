/**
 * `npm run api` holds the public interface against what api/ says it is; `npm run api -- --update` writes it anew.
 * A change there is a change for users: CONTRIBUTING.md says which one asks for which version.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiReports } from "./support/api-report.js";
import { manifest, projectRoot, subpaths } from "./support/packed.js";
import { everyCheckId } from "./support/policy-tables.js";

const FOLDER = join(projectRoot, "api");

function entryOf(subpath: string): string {
  return subpath === "attestry" ? "src/index.ts" : `${subpath.replace("attestry", "src")}/index.ts`;
}

function wanted(): ReadonlyMap<string, string> {
  const entries = Object.fromEntries(subpaths().map((subpath) => [subpath, entryOf(subpath)]));
  const reports = apiReports(entries).map(({ subpath, text }): [string, string] => [
    `${subpath.replaceAll("/", "-")}.d.ts.txt`,
    text,
  ]);
  const checks = `${[...everyCheckId()].sort().join("\n")}\n`;
  const doors = `${JSON.stringify(manifest().exports, null, 2)}\n`;
  return new Map([...reports, ["check-ids.txt", checks], ["exports.json", doors]]);
}

function present(): ReadonlyMap<string, string> {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return new Map(names.map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));
}

/** The first line in which two texts differ. */
function difference(before: string, after: string): string {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const line = fresh.findIndex((text, index) => text !== old[index]);
  const at = line === -1 ? fresh.length : line;
  return `line ${at + 1}: api/ says ${JSON.stringify(old[at] ?? "")}, the source ${JSON.stringify(fresh[at] ?? "")}`;
}

const [before, after] = [present(), wanted()];
const changed = [...after].filter(([name, text]) => before.get(name) !== text);
const gone = [...before.keys()].filter((name) => !after.has(name));
if (process.argv.includes("--update")) {
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of changed) writeFileSync(join(FOLDER, name), text);
  for (const name of gone) rmSync(join(FOLDER, name));
  console.log(`api/: ${changed.length} written, ${gone.length} removed`);
} else if (changed.length + gone.length > 0) {
  for (const [name, text] of changed) console.error(`${name}: ${difference(before.get(name) ?? "", text)}`);
  for (const name of gone) console.error(`${name}: nothing in the source stands for it`);
  console.error("the public interface changed; if that is meant, run npm run api -- --update and see CONTRIBUTING.md");
  process.exitCode = 1;
}
