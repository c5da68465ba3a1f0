/**
 * Adds up the reports that vitest left in a folder and prints one line: `N passed, N failed, N skipped`.
 *
 * The suite `coverage` runs the tests of `test` once more: a test of both counts once, and as failed if it failed in
 * either. A file that broke before its first test counts as one failure. Usage: `sum-tests.ts FOLDER SUITE...`;
 * a suite without a report is an error.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

type Status = "passed" | "failed" | "skipped";

interface Report {
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
}

const RANK: Readonly<Record<Status, number>> = { skipped: 0, passed: 1, failed: 2 };

function statusOf(word: string): Status {
  return word === "passed" || word === "failed" ? word : "skipped";
}

/** Each test of a report with what became of it; equal names in one file are told apart by a count. */
function* outcomes(report: Report): Generator<[key: string, status: Status]> {
  for (const { name, status, assertionResults } of report.testResults) {
    const seen = new Map<string, number>();
    for (const test of assertionResults) {
      const count = seen.get(test.fullName) ?? 0;
      seen.set(test.fullName, count + 1);
      yield [`${name}\n${test.fullName}\n${count}`, statusOf(test.status)];
    }
    const unexplained = status === "failed" && !assertionResults.some((test) => test.status === "failed");
    if (unexplained) yield [`${name}\nthe file itself`, "failed"];
  }
}

const [folder, ...suites] = process.argv.slice(2);
if (folder === undefined || suites.length === 0) throw new TypeError("usage: sum-tests.ts FOLDER SUITE...");

const results = new Map<string, Status>();
for (const suite of suites) {
  let text: string;
  try {
    text = readFileSync(join(folder, `${suite}.json`), "utf8");
  } catch {
    console.log(`the suite "${suite}" left no report: it did not run to its end`);
    process.exitCode = 1;
    continue;
  }
  const group = suite === "coverage" ? "test" : suite;
  for (const [key, status] of outcomes(JSON.parse(text))) {
    const known = results.get(`${group}\n${key}`) ?? "skipped";
    results.set(`${group}\n${key}`, RANK[status] > RANK[known] ? status : known);
  }
}

const count = (wanted: Status) => [...results.values()].filter((status) => status === wanted).length;
if (count("failed") > 0) process.exitCode = 1;
console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
