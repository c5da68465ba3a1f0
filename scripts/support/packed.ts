import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const projectRoot = resolve(import.meta.dirname, "../..");

/** A folder outside the project, removed when the process ends, in good or bad. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `attestry-${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function npm(cwd: string, ...words: string[]): string {
  return execFileSync("npm", words, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** What `npm pack` makes of the built project: the tarball's path and the files in it. */
export interface Packed {
  tarball: string;
  files: readonly string[];
}

/** Packs what `npm run build` left in dist/, without building again. */
export function pack(folder: string): Packed {
  if (!existsSync(join(projectRoot, "dist/index.js"))) {
    throw new Error("there is no dist/index.js to pack; run npm run build first");
  }
  const answer = JSON.parse(npm(projectRoot, "pack", "--json", "--ignore-scripts", "--pack-destination", folder));
  // npm answers with a list, newer ones with an object by package name.
  const [entry] = Object.values(answer) as { filename: string; files: { path: string }[] }[];
  if (entry === undefined) throw new Error("npm pack named no tarball");
  return { tarball: join(folder, entry.filename), files: entry.files.map(({ path }) => path).sort() };
}

/** Installs a tarball, as a stranger would, into a folder that holds nothing else; dependencies at the locked versions. */
export function installPacked(folder: string, tarball: string): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  npm(folder, "install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev", tarball);
}

/** The package's own manifest. */
export function manifest(): { exports: Record<string, unknown>; files: string[]; version: string } {
  return JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
}

/** The documented subpaths that can be imported, as a stranger writes them: `attestry`, `attestry/policy`. */
export function subpaths(): string[] {
  return Object.keys(manifest().exports)
    .filter((key) => !key.endsWith(".json"))
    .map((key) => `attestry${key.slice(1)}`);
}
