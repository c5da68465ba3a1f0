import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { needs } from "../support/needs.js";
import { SUITES } from "./suite/index.js";
import type { Input } from "./suite/input.js";
import { bareSuite, limitsSuite, pageSuite } from "./suite/limits.js";
import { nodeRefusedSuite, nodeSuite } from "./suite/node-room.js";
import type { Outcome, Suite } from "./suite/suite.js";
import { drive, INPUT } from "./support/drive.js";
import { ENGINES, type Engine, type EngineKind } from "./support/engines.js";
import { markdownOf, type Row, withMatrix } from "./support/table.js";

const { folder, update } = inject("runtimes");
const input: Input = JSON.parse(readFileSync(join(folder, INPUT), "utf8"));

/** What each kind of engine must do beside the suites that all must. */
const BESIDES: Readonly<Record<EngineKind, readonly Suite[]>> = {
  node: [nodeSuite("undici"), limitsSuite],
  bun: [nodeSuite("stand-in")],
  deno: [nodeSuite("undici"), limitsSuite],
  workerd: [bareSuite],
  "workerd with nodejs_compat": [nodeRefusedSuite, limitsSuite],
  chromium: [pageSuite([])],
};

const isThere = ({ need }: Engine) => need === null || needs(need);

const present = ENGINES.filter(isThere);
const seconds = new Map<string, number>();
const begun = new Map<Engine, Promise<Outcome[]>>();

async function timed(engine: Engine): Promise<Outcome[]> {
  const start = performance.now();
  const outcomes = await drive(engine, folder);
  seconds.set(engine.title, (performance.now() - start) / 1000);
  return outcomes;
}

/** Starts an engine, once. */
function begin(engine: Engine): Promise<Outcome[]> {
  const run = begun.get(engine) ?? timed(engine);
  begun.set(engine, run);
  // The failure is told by the engine's own tests, which may await it later.
  run.catch(() => undefined);
  return run;
}

/** The outcomes of an engine. The next one runs meanwhile: two cores, two engines. */
function outcomesOf(engine: Engine): Promise<Outcome[]> {
  const run = begin(engine);
  const next = present[present.indexOf(engine) + 1];
  if (next !== undefined) void begin(next);
  return run;
}

const rows: Row[] = ENGINES.filter((engine) => !isThere(engine)).map(({ title }) => ({ title, outcomes: null }));

describe.each(ENGINES)("$title", (engine) => {
  let outcomes: Outcome[] = [];
  const suites = [...SUITES, ...BESIDES[engine.kind]].map(({ name, cases }) => [name, cases(input).length] as const);

  describe.runIf(isThere(engine))("by the packed package", () => {
    beforeAll(async () => {
      outcomes = await outcomesOf(engine);
      rows.push({ title: engine.title, outcomes });
    }, 600_000);

    for (const [name, count] of suites) {
      it.runIf(count > 0)(name, () => {
        const mine = outcomes.filter(({ suite }) => suite === name);
        expect(mine.filter(({ complaint }) => complaint !== null)).toEqual([]);
        expect(mine.length).toBe(count);
      });
    }
  });
});

describe("the matrix", () => {
  const names = [...SUITES, nodeSuite("undici"), limitsSuite].map(({ name }) => name);
  const inOrder = () => ENGINES.flatMap(({ title }) => rows.filter((row) => row.title === title));

  afterAll(() => {
    const took = [...seconds].map(([title, time]) => `${title} ${time.toFixed(1)} s`).join(", ");
    process.stdout.write(`\n${markdownOf(inOrder(), names)}\n${took}\n`);
  });

  it.runIf(needs("corpus") && ENGINES.every(isThere))("is the one of docs/runtimes.md", () => {
    const path = resolve(import.meta.dirname, "../../docs/runtimes.md");
    const page = readFileSync(path, "utf8");
    const fresh = withMatrix(page, markdownOf(inOrder(), names));
    const holds = rows.every(({ outcomes }) => outcomes?.every(({ complaint }) => complaint === null));
    if (update && holds) writeFileSync(path, fresh);
    expect(update && holds ? fresh : page, "npm run test:runtimes -- --update writes the page anew").toBe(fresh);
  });
});
