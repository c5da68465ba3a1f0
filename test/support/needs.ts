import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Where the corpus of real evidence lies; `ATTESTRY_CORPUS` wins over the folder beside the project. */
export const corpusRoot = resolve(
  process.env["ATTESTRY_CORPUS"] ?? resolve(import.meta.dirname, "../../../shared/vectors"),
);

/** AMD's published anchors as facts, beside the corpus. */
export const anchorsPath = resolve(corpusRoot, "../amd/anchors.json");

/** The browser of the tests in test/browser. */
export const chromiumPath = process.env["ATTESTRY_CHROMIUM"] ?? "/usr/bin/chromium";

/** The server of the tests on a real cache. */
export const redisPath = process.env["ATTESTRY_REDIS"] ?? "/usr/bin/redis-server";

interface Need {
  found: () => boolean;
  /** What to do where it is missing. */
  hint: string;
  /** The one suite that needs it, where it is none of `npm test`. */
  suite?: "runtimes";
}

const runtimesFolder = resolve(import.meta.dirname, "../runtimes/programs");

/** A runtime of the package test/runtimes/programs: its program, and the version that is pinned there. */
function runtime(name: string, file: string): { folder: string; path: string; version: string } {
  const { optionalDependencies } = JSON.parse(readFileSync(resolve(runtimesFolder, "package.json"), "utf8"));
  const folder = resolve(runtimesFolder, "node_modules", name);
  return { folder, path: resolve(folder, file), version: String(optionalDependencies[name]).replace(/^.*@/, "") };
}

/** The runtimes that `npm run test:runtimes` takes from the registry. */
export const RUNTIMES = {
  "node-20": runtime("node-20", "bin/node"),
  "node-22": runtime("node-22", "bin/node"),
  "node-24": runtime("node-24", "bin/node"),
  "node-26": runtime("node-26", "bin/node"),
  bun: runtime("bun", "bin/bun"),
  deno: runtime("deno", "deno"),
  workerd: runtime("workerd", "bin/workerd"),
};

function isInstalled({ folder, path, version }: (typeof RUNTIMES)["bun"]): boolean {
  const manifest = resolve(folder, "package.json");
  return existsSync(path) && JSON.parse(readFileSync(manifest, "utf8")).version.replace(/^v/, "") === version;
}

function needOfRuntime(name: keyof typeof RUNTIMES): Need {
  const hint = `no version ${RUNTIMES[name].version} in ${RUNTIMES[name].folder}; run npm ci in test/runtimes/programs, on Linux on x86-64`;
  return { found: () => isInstalled(RUNTIMES[name]), hint, suite: "runtimes" };
}

/** Every thing of the machine that some test needs; nothing else in test/ looks for one. */
const NEEDS = {
  corpus: {
    found: () => existsSync(resolve(corpusRoot, "index.json")),
    hint: `no index.json in ${corpusRoot}; set ATTESTRY_CORPUS to the corpus of real evidence`,
  },
  "amd-anchors": {
    found: () => existsSync(anchorsPath),
    hint: `no ${anchorsPath}; it lies beside the corpus that ATTESTRY_CORPUS names`,
  },
  chromium: {
    found: () => existsSync(chromiumPath),
    hint: `no ${chromiumPath}; install Debian's package chromium, or set ATTESTRY_CHROMIUM to the browser's path`,
  },
  "redis-server": {
    found: () => existsSync(redisPath),
    hint: `no ${redisPath}; install Debian's package redis-server, or set ATTESTRY_REDIS to the server's path`,
  },
  "node-20": needOfRuntime("node-20"),
  "node-22": needOfRuntime("node-22"),
  "node-24": needOfRuntime("node-24"),
  "node-26": needOfRuntime("node-26"),
  bun: needOfRuntime("bun"),
  deno: needOfRuntime("deno"),
  workerd: needOfRuntime("workerd"),
} satisfies Record<string, Need>;

export type NeedName = keyof typeof NEEDS;

const ANSWERS = "ATTESTRY_NEEDS";

type Answers = Partial<Record<NeedName, boolean>>;

// Object.entries forgets what the names are.
const ALL = Object.entries(NEEDS) as [NeedName, Need][];

function handed(): Answers {
  return JSON.parse(process.env[ANSWERS] ?? "{}");
}

function look(suite: Need["suite"]): void {
  const wanted = ALL.filter(([, need]) => need.suite === suite);
  const answers: Answers = Object.fromEntries(wanted.map(([name, need]) => [name, need.found()]));
  process.env[ANSWERS] = JSON.stringify({ ...handed(), ...answers });
  for (const [name, { hint }] of wanted) {
    if (!answers[name]) process.stderr.write(`this machine lacks "${name}", its tests do not run: ${hint}\n`);
  }
}

/** Vitest's global setup: looks once for the whole run, says what is missing, hands the answers to every worker. */
export function setup(): void {
  look(undefined);
}

/** True where the package test/runtimes/programs is installed as it is pinned. */
export function hasRuntimes(): boolean {
  return Object.values(RUNTIMES).every(isInstalled);
}

/** The same for the runtimes, which the suite of that name alone needs. */
export function lookForRuntimes(): void {
  look("runtimes");
}

/**
 * Whether the machine has the thing; for `describe.runIf(needs("corpus"))`.
 *
 * Missing: its tests count as skipped. With `CI=true`, where everything is installed, missing throws and so fails
 * the test file.
 */
export function needs(name: NeedName): boolean {
  const found = handed()[name] ?? NEEDS[name].found();
  if (!found && process.env["CI"] === "true") {
    throw new Error(`this machine lacks "${name}": ${NEEDS[name].hint}`);
  }
  return found;
}
