import { existsSync } from "node:fs";
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
} satisfies Record<string, Need>;

export type NeedName = keyof typeof NEEDS;

const ANSWERS = "ATTESTRY_NEEDS";

function lookForAll(): Record<NeedName, boolean> {
  const entries = Object.entries(NEEDS).map(([name, need]) => [name, need.found()] as const);
  // The names are those of NEEDS, which Object.entries widens to string.
  return Object.fromEntries(entries) as Record<NeedName, boolean>;
}

/** Vitest's global setup: looks once for the whole run, says what is missing, hands the answers to every worker. */
export function setup(): void {
  const answers = lookForAll();
  process.env[ANSWERS] = JSON.stringify(answers);
  for (const [name, { hint }] of Object.entries(NEEDS)) {
    if (!answers[name as NeedName])
      process.stderr.write(`this machine lacks "${name}", its tests do not run: ${hint}\n`);
  }
}

/**
 * Whether the machine has the thing; for `describe.runIf(needs("corpus"))`.
 *
 * Missing: its tests count as skipped. With `CI=true`, where everything is installed, missing throws and so fails
 * the test file.
 */
export function needs(name: NeedName): boolean {
  const handed = process.env[ANSWERS];
  const answers: Record<NeedName, boolean> = handed === undefined ? lookForAll() : JSON.parse(handed);
  if (!answers[name] && process.env["CI"] === "true") {
    throw new Error(`this machine lacks "${name}": ${NEEDS[name].hint}`);
  }
  return answers[name];
}
