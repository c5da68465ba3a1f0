/** Runs every check of the project, goes on after a failure, and says at the end which ones failed. */
import { spawn } from "node:child_process";

/** npm scripts in the order they run; those after `build` look at what it left in dist/. */
const STEPS = [
  "lint",
  "typecheck",
  "layers",
  "deadcode",
  "docs:site",
  "api",
  "coverage",
  "build",
  "check:package",
  "size",
  "test:package",
  "docs:examples",
];

interface Outcome {
  step: string;
  code: number;
  seconds: number;
  output: string;
}

function run(step: string): Promise<Outcome> {
  const started = performance.now();
  const chunks: Buffer[] = [];
  const child = spawn("npm", ["run", "--silent", step], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code, signal) => {
      const seconds = (performance.now() - started) / 1000;
      const output = Buffer.concat(chunks).toString() + (signal === null ? "" : `\nkilled by ${signal}\n`);
      done({ step, code: code ?? 1, seconds, output });
    });
  });
}

const failed: string[] = [];
for (const step of STEPS) {
  const { code, seconds, output } = await run(step);
  if (code !== 0) {
    failed.push(step);
    console.log(`\n--- npm run ${step}\n${output.trimEnd()}\n---`);
  }
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${step} (${seconds.toFixed(1)} s)`);
}
if (failed.length > 0) {
  console.log(`\n${failed.length} of ${STEPS.length} checks failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
