import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const project = resolve(import.meta.dirname, "../..");

/** A report as vitest writes it: file name, its status, and each test's name and status. */
function report(...files: [name: string, status: string, ...tests: [fullName: string, status: string][]][]) {
  return JSON.stringify({
    testResults: files.map(([name, status, ...tests]) => ({
      name,
      status,
      assertionResults: tests.map(([fullName, word]) => ({ fullName, status: word })),
    })),
  });
}

describe("sum-tests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "attestry-sum-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function sum(reports: Record<string, string>, suites = Object.keys(reports)) {
    for (const [suite, text] of Object.entries(reports)) writeFileSync(join(folder, `${suite}.json`), text);
    const words = ["scripts/sum-tests.ts", folder, ...suites];
    const { status, stdout } = spawnSync("node_modules/.bin/tsx", words, { cwd: project, encoding: "utf8" });
    return { status, lines: stdout.trimEnd().split("\n") };
  }

  it("adds suites up, and counts a test that coverage runs again once", () => {
    const source = report(["a", "passed", ["one", "passed"], ["two", "passed"], ["two", "passed"], ["off", "skipped"]]);
    const packaged = report(["p", "passed", ["one", "passed"]]);
    expect(sum({ test: source, coverage: source, package: packaged })).toEqual({
      status: 0,
      lines: ["4 passed, 0 failed, 1 skipped"],
    });
  });

  it("counts a test as failed that failed in one of its runs", () => {
    const good = report(["a", "passed", ["one", "passed"]]);
    const bad = report(["a", "failed", ["one", "failed"]]);
    expect(sum({ test: bad, coverage: good })).toEqual({ status: 1, lines: ["0 passed, 1 failed, 0 skipped"] });
    expect(sum({ test: good, coverage: bad })).toEqual({ status: 1, lines: ["0 passed, 1 failed, 0 skipped"] });
  });

  it("counts a file that broke before its tests as one failure", () => {
    const text = report(["a", "passed", ["one", "passed"]], ["b", "failed"]);
    expect(sum({ test: text })).toEqual({ status: 1, lines: ["1 passed, 1 failed, 0 skipped"] });
  });

  it("fails, and says so, where a suite left no report", () => {
    const { status, lines } = sum({ test: report(["a", "passed", ["one", "passed"]]) }, ["test", "package"]);
    expect(status).toBe(1);
    expect(lines[0]).toContain('"package" left no report');
    expect(lines.at(-1)).toBe("1 passed, 0 failed, 0 skipped");
  });
});
