/**
 * `npm run fuzz [-- --minutes N] [--target NAME] [--seed N]`: each reader of strangers' bytes in turn, beginning with
 * sound input and keeping what reaches code that nothing reached before (V8's own block coverage). Prints a table.
 * An input that breaks a reader stays in test/fuzz/regressions, where the tests find it, and fails the run.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { TARGETS, type Target, targetOf } from "../test/fuzz/targets.js";
import { fuzz } from "./support/fuzzer.js";
import { projectRoot } from "./support/packed.js";

const PATIENCE_MS = 10_000;

const text = { type: "string" } as const;
const { values } = parseArgs({ options: { minutes: text, target: text, seed: text } });
const seconds = Number(values.minutes ?? 1) * 60;
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(seconds > 0)) throw new Error(`--minutes: expected a number above 0, found ${values.minutes}`);
if (!Number.isSafeInteger(seed)) throw new Error(`--seed: expected a whole number, found ${values.seed}`);
const targets: readonly Target[] = values.target === undefined ? TARGETS : [targetOf(values.target)];

/** Leaves an input where the tests find it. */
function keep(name: string, input: Uint8Array): string {
  const folder = join(projectRoot, "test/fuzz/regressions", name);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, createHash("sha256").update(input).digest("hex").slice(0, 16));
  writeFileSync(path, input);
  return path;
}

const findings: string[] = [];
console.log(`seed ${seed}, ${seconds} s each\n`);
console.log("| target | executions | blocks reached by sound input | in the end | times something new | findings |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const target of targets) {
  const { executions, first, last, news, finding } = await fuzz(target, { seconds, seed, patienceMs: PATIENCE_MS });
  console.log(`| ${target.name} | ${executions} | ${first} | ${last} | ${news} | ${finding === null ? 0 : 1} |`);
  if (finding !== null) findings.push(`${keep(target.name, finding.input)}\n${finding.error}`);
}
for (const finding of findings) console.log(`\n${finding}`);
if (findings.length > 0) process.exitCode = 1;
