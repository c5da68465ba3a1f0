/**
 * A test runner for Stryker: `npm run mutants`.
 *
 * Stryker's own runner starts Vitest for each mutant, which costs seconds before the first test. This one bundles each
 * test file with the mutated source once, and for each mutant evaluates the bundles anew in one process and stops at
 * the first test that fails. `expect` is Vitest's; `describe`, `it` and `vi` are what host.js makes of them.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { Script } from "node:vm";
import { bundle } from "./bundle.js";
import { createHost } from "./host.js";

const FOLDER = "test/policy";

/** Tests that want more than policies: the corpus, and forged chips. */
const APART = ["corpus", "end-to-end"];

/** Tests that take seconds each, tens of thousands of random policies; with ATTESTRY_MUTANTS=all they run as well. */
const SLOW = ["excuses", "properties", "twins-in-trees", "waived-ways"];
const LEFT_OUT = process.env["ATTESTRY_MUTANTS"] === "all" ? APART : [...APART, ...SLOW];

/** Those that tell most mutants, and last those that take longest to begin. */
const FIRST = ["said", "rules", "malformed", "waivers", "explain", "define"];
const LAST = ["docs", "schema", "id-block", "appraise", "ways"];

/** What Stryker's instrumented source looks at. */
const state = {};
globalThis["__stryker__"] = state;

const passed = 0;
const failed = 1;

function rank(name) {
  if (FIRST.includes(name)) return FIRST.indexOf(name);
  return LAST.includes(name) ? 1000 + LAST.indexOf(name) : 100;
}

/** The names of test files, in the order in which they run. */
function testFiles() {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".test.ts"));
  const short = names.map((name) => basename(name, ".test.ts")).filter((name) => !LEFT_OUT.includes(name));
  return short.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function textOf(error) {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

class PolicyTests {
  /** Compiled bundles by the name of their test file. */
  #scripts = new Map();
  #host = createHost();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    for (const name of testFiles()) {
      const code = await bundle(join(process.cwd(), FOLDER, `${name}.test.ts`));
      this.#scripts.set(name, new Script(`(async () => {${code}\n})()`, { filename: `${name}.bundle.js` }));
    }
  }

  async dryRun() {
    state.activeMutant = undefined;
    state.mutantCoverage = { static: {}, perTest: {} };
    const tests = [];
    for (const name of this.#scripts.keys()) {
      for (const test of await this.#collect(name)) tests.push(await this.#outcome(test));
    }
    return { status: "complete", tests, mutantCoverage: state.mutantCoverage };
  }

  async mutantRun({ testFilter, hitLimit, activeMutant, mutantActivation }) {
    Object.assign(state, { hitCount: 0, hitLimit });
    const mutant = { id: activeMutant.id, always: mutantActivation === "static" };
    const names = [...this.#scripts.keys()];
    let nrOfTests = 0;
    for (const name of names) {
      const wanted = testFilter?.filter((id) => id.startsWith(`${name}#`));
      if (wanted?.length === 0) continue;
      const { ran, failure } = await this.#tell(name, wanted, mutant);
      nrOfTests += ran;
      if (state.hitCount > hitLimit) return { status: "timeout", reason: `hit ${state.hitCount} times` };
      if (failure !== undefined) return { status: "killed", nrOfTests, ...failure };
    }
    return { status: "survived", nrOfTests };
  }

  /** Runs the wanted tests of a file up to the first that fails. */
  async #tell(name, wanted, mutant) {
    state.activeMutant = mutant.always ? mutant.id : undefined;
    let tests;
    try {
      tests = await this.#collect(name);
    } catch (error) {
      // A file of tests that cannot even begin fails.
      return { ran: 0, failure: { killedBy: [`${name}#0`], failureMessage: textOf(error) } };
    }
    state.activeMutant = mutant.id;
    let ran = 0;
    for (const test of tests.filter(({ id }) => wanted === undefined || wanted.includes(id))) {
      ran += 1;
      const { status, failureMessage } = await this.#outcome(test);
      if (status === failed) return { ran, failure: { killedBy: [test.id], failureMessage } };
    }
    return { ran, failure: undefined };
  }

  /** Evaluates a file of tests anew, and everything that it imports of ours. */
  async #collect(name) {
    this.#host.begin(name);
    await this.#scripts.get(name)?.runInThisContext();
    return this.#host.tests();
  }

  async #outcome({ id, run }) {
    const started = performance.now();
    state.currentTestId = id;
    let result = { status: passed };
    try {
      await run();
    } catch (error) {
      result = { status: failed, failureMessage: textOf(error) };
    }
    state.currentTestId = undefined;
    return { id, name: id, timeSpentMs: performance.now() - started, ...result };
  }
}

function createRunner() {
  return new PolicyTests();
}
createRunner.inject = [];

export const strykerPlugins = [{ kind: "TestRunner", name: "policy-tests", factory: createRunner }];
