/**
 * `npm run bench:chips`, second part: what a verification costs when all chips are equally likely, by how many there are
 * and by how many chains the verifier remembers. In raw P-384 verifications of the same run, by processor time.
 * `-- --plot` writes docs/chips.svg.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createVerifier } from "attestry";
import { type Curve, curvePlot, curveTable } from "./curve-plot.js";
import { createDice, makeManyChips } from "./many-chips.js";
import { median } from "./measured.js";

const CACHES = [100, 1000, 10_000] as const;
const CHIPS = [50, 200, 500, 1000, 2000, 5000, 20_000, 100_000] as const;
const SEED = 7;
/** A memory is filled before anything is measured, and measured in parts, each with raw verifications beside it. */
const PARTS = 8;
const PER_PART = 120;

const { now, anchors, engine, evidenceOf, raw } = await makeManyChips();

/** Microseconds of processor time. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function repeat(count: number, call: () => unknown): Promise<void> {
  for (let done = 0; done < count; done++) await call();
}

async function cost(chips: number, maxChains: number): Promise<number> {
  const verifier = createVerifier({ now: () => now, anchors, engine, revocation: "skip", maxChains });
  const dice = createDice(SEED);
  for (let chip = 0; chip < Math.min(chips, maxChains); chip++) await verifier.verify(evidenceOf(chip));
  const parts: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    const brought = Array.from({ length: PER_PART }, () => evidenceOf(Math.floor(dice() * chips)));
    const spent = await cpuOf(() => repeat(PER_PART, () => verifier.verify(brought.pop() ?? evidenceOf(0))));
    parts.push(spent / (await cpuOf(() => repeat(PER_PART, raw))));
  }
  return median(parts);
}

await cost(100, 100);
const curves: Curve[] = [];
for (const cache of CACHES) {
  process.stderr.write(`a memory of ${cache} chains...\n`);
  const points: Curve["points"][number][] = [];
  for (const chips of CHIPS) points.push({ chips, cost: await cost(chips, cache) });
  curves.push({ cache, points });
}
console.log(curveTable(curves));
if (process.argv.includes("--plot")) {
  writeFileSync(resolve(import.meta.dirname, "../docs/chips.svg"), curvePlot(curves));
}
