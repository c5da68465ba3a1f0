/**
 * `npm run bench:chips`: what many chips cost one verifier. Most requests come from a few chips, the rest from all;
 * the share that is remembered is the same with 2,000 and with 100,000 chips, so throughput should be as well.
 */
import { createVerifier } from "attestry";
import { createDice, makeManyChips } from "./many-chips.js";
import { type Measured, median, table } from "./measured.js";

const FEW = 2000;
const MANY = 100_000;
const HOT = 500;
const MAX_CHAINS = 1000;
const REQUESTS = 20_000;
const ROUNDS = 5;
const MEGABYTE = 1e6;

const { now, anchors, engine, evidenceOf } = await makeManyChips();

async function throughput(chips: number, seed: number): Promise<{ rate: number; heap: number }> {
  const verifier = createVerifier({ now: () => now, anchors, engine, revocation: "skip", maxChains: MAX_CHAINS });
  const dice = createDice(seed);
  const pick = () => (dice() < 0.9 ? Math.floor(dice() * HOT) : HOT + Math.floor(dice() * (chips - HOT)));
  globalThis.gc?.();
  const before = process.memoryUsage();
  let spent = 0;
  for (let request = 0; request < REQUESTS; request++) {
    const brought = evidenceOf(pick());
    const start = performance.now();
    await verifier.verify(brought);
    spent += performance.now() - start;
  }
  globalThis.gc?.();
  const after = process.memoryUsage();
  const heap = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  await verifier.verify(evidenceOf(0));
  return { rate: REQUESTS / spent, heap: heap / MEGABYTE };
}

if (globalThis.gc === undefined) throw new Error("run node with --expose-gc, as npm run bench:chips does");
const ratios: number[] = [];
const heaps: number[] = [];
await throughput(FEW, 1);
for (let round = 0; round < ROUNDS; round++) {
  process.stderr.write(`round ${round + 1} of ${ROUNDS}...\n`);
  const few = await throughput(FEW, round);
  const many = await throughput(MANY, round);
  ratios.push(many.rate / few.rate);
  heaps.push(many.heap);
}
const rows: Measured[] = [
  { name: `${MANY} chips to ${FEW}, throughput`, value: median(ratios), unit: "", goal: 0.9, is: "at least" },
  { name: `memory of ${MAX_CHAINS} chains`, value: median(heaps), unit: "MB", goal: 10, is: "at most" },
];
console.log(table(rows));
