import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mutated } from "./mutate.js";
import { seedsOf } from "./seeds.js";
import { probe, type Target } from "./targets.js";

/** How long each target is tried; `npm test` gives a taste, `.ci/run` 20 seconds, `npm run fuzz` what one asks for. */
const SECONDS = Number(process.env["ATTESTRY_FUZZ_SECONDS"] ?? 0.3);

/** No reader takes longer for an input of a few kilobytes, on a busy machine. */
const PATIENCE_MS = 2000;

function regressionsOf({ name }: Target): readonly (readonly [file: string, bytes: Uint8Array])[] {
  const folder = join(import.meta.dirname, "regressions", name);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))] as const);
}

async function probeInTime(target: Target, bytes: Uint8Array): Promise<void> {
  const started = performance.now();
  await probe(target, bytes);
  expect(performance.now() - started, "milliseconds").toBeLessThan(PATIENCE_MS);
}

/** Reads seeds, what was once found, and mutants of the seeds for a while. */
export function describeTargets(targets: readonly Target[]): void {
  describe.each(targets)("$name", (target) => {
    it("reads what is sound", async () => {
      for (const seed of seedsOf(target)) await target.read(seed);
    });

    const regressions = regressionsOf(target);
    if (regressions.length > 0) {
      it.each(regressions)("has an answer to %s, which was found once", (_, bytes) => probeInTime(target, bytes));
    }

    it(
      "has an answer to whatever is sent",
      async () => {
        let runs = 0;
        await fc.assert(
          fc.asyncProperty(mutated(seedsOf(target)), async (bytes) => {
            runs++;
            await probeInTime(target, bytes);
          }),
          { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: SECONDS * 1000, markInterruptAsFailure: false },
        );
        expect(runs).toBeGreaterThan(0);
        if (SECONDS >= 1) console.info(`${target.name}: ${runs} inputs in ${SECONDS} s`);
      },
      SECONDS * 1000 + 30_000,
    );
  });
}
