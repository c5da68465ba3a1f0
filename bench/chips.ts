/**
 * `npm run bench:chips`: what many chips cost one verifier. Most requests come from a few chips, the rest from all;
 * the share that is remembered is the same with 2,000 and with 100,000 chips, so throughput should be as well.
 *
 * Chips are one forged chip with other CHIP_IDs. The engine pays for the signatures and then believes them, since a
 * hundred thousand genuine ones would take hours to make: what is measured is the memory, the look-up and the walk.
 */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { type CryptoEngine, createVerifier, type Evidence } from "attestry";
import { nodeEngine } from "attestry/node";
import { type Measured, median, plot, table } from "./measured.js";
import { forgeSubject } from "./subject.js";

const FEW = 2000;
const MANY = 100_000;
const HOT = 500;
const MAX_CHAINS = 1000;
const REQUESTS = 20_000;
const ROUNDS = 5;
const CHIP_ID_AT = 0x1a0;
const CHIP_ID_BYTES = 64;
const MEGABYTE = 1e6;

const { forged, evidence, raw } = await forgeSubject("a");
const { now, anchors } = forged;
const [first] = evidence;
const [rawFirst] = raw;
const { leaf, ...others } = first?.certificates ?? {};
if (first === undefined || rawFirst === undefined || leaf === undefined) throw new Error("there is no evidence");
const hwId = first.report.slice(CHIP_ID_AT, CHIP_ID_AT + CHIP_ID_BYTES);
const hwIdAt = Buffer.from(leaf).indexOf(hwId);
if (hwIdAt === -1) throw new Error("the leaf does not name its chip");

const engine: CryptoEngine = {
  ...nodeEngine,
  name: "believing",
  verifyRsaPss: () => true,
  verifyEcdsaP384: (key) => {
    nodeEngine.verifyEcdsaP384(key, rawFirst.message, rawFirst.signature);
    return true;
  },
};

/** The evidence of one of many chips. */
function evidenceOf(chip: number): Evidence {
  const id = Buffer.alloc(CHIP_ID_BYTES, 0x5a);
  id.writeUInt32BE(chip);
  const report = Uint8Array.from(first?.report ?? []);
  report.set(id, CHIP_ID_AT);
  const own = Uint8Array.from(leaf ?? []);
  own.set(id, hwIdAt);
  // The end of a certificate is its signature, which differs from chip to chip.
  new DataView(own.buffer).setUint32(own.length - 4, Math.imul(chip + 1, 0x9e3779b1));
  return { report, certificates: { ...others, leaf: own } };
}

/** Numbers that only look like chance: each run asks for the same chips. */
function createDice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

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
if (process.argv.includes("--plot")) {
  writeFileSync(resolve(import.meta.dirname, "../docs/chips.svg"), plot(rows, "A hundred thousand chips"));
}
