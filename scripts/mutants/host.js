/** What test files import of Vitest, for a runner that is not Vitest. */
import { format } from "node:util";
import { expect } from "vitest";

/** Where bundles find it. */
export const HOST = "__attestryTests";

/** What `expect` of Vitest asks of a worker of Vitest's, which this is not. */
globalThis["__vitest_worker__"] = { config: { expect: {} } };

/** Replaces globals until the test is over. */
function createStubs() {
  const before = new Map();
  return {
    stubGlobal(name, value) {
      if (!before.has(name)) before.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    },
    restore() {
      for (const [name, descriptor] of before) Object.defineProperty(globalThis, name, descriptor);
      before.clear();
    },
  };
}

/** Collects the tests of one file at a time. */
export function createHost() {
  const stubs = createStubs();
  let file = "";
  let titles = [];
  let tests = [];
  let suites = [];

  /** The body runs when the file has been evaluated; it sees everything that stands below it. */
  function describe(title, body) {
    suites.push({ titles: [...titles, title], body });
  }

  function it(title, body) {
    const id = `${file}#${tests.length + 1} ${[...titles, title].join(" ")}`;
    const run = async () => {
      try {
        await body();
      } finally {
        stubs.restore();
      }
    };
    tests.push({ id, run });
  }

  it.each = (rows) => (title, body) => {
    for (const row of rows) {
      const values = Array.isArray(row) ? row : [row];
      const shown = values.slice(0, title.split("%").length - 1);
      it(format(title, ...shown).slice(0, 100), () => body(...values));
    }
  };
  const modules = new Map([["vitest", { describe, it, expect, vi: { stubGlobal: stubs.stubGlobal } }]]);
  globalThis[HOST] = modules;
  return {
    begin(name) {
      file = name;
      titles = [];
      tests = [];
      suites = [];
    },
    tests() {
      for (let suite = suites.shift(); suite !== undefined; suite = suites.shift()) {
        titles = suite.titles;
        suite.body();
      }
      return tests;
    },
  };
}
