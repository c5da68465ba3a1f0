/**
 * `npm run soak:flow -- --minutes 10`: a steady load by more and more chips, and what both copies' heaps have left once
 * their garbage is collected: at the end at most a tenth more than after the first fifth.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { isKept, type Measured, table } from "../../bench/measured.js";
import { makeKey } from "../../examples/relying-party/demo/guest.js";
import { RedisMissing } from "../../examples/relying-party/demo/processes.js";
import type { Chip } from "./chips.js";
import { type Fleet, startFleet } from "./fleet.js";
import { appraisalFlow, createClient } from "./flows.js";
import { type Flow, pace } from "./pace.js";
import { growth, type Sample, sampleAt, soakPlot, soakTable } from "./soak-plot.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    /** Flows a second. */
    rate: { type: "string", default: "30" },
    /** New chips a minute: by minute two of ten each copy, which appraises half of the flows, saw more than it remembers. */
    chips: { type: "string", default: "1100" },
    /** Where the picture goes; a short run need not overwrite that of a long one. */
    picture: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const perSecond = Number(values.rate);
const chipsPerMinute = Number(values.chips);

const MINUTE_MS = 60_000;
const SAMPLES = 20;
/** Minute two of ten. */
const COMPARED_AT = 0.2;
const CONNECTIONS = 8;
/** Every so many flows end with a secret. */
const RELEASE_EVERY = 4;
const EXIT = { missed: 1, unavailable: 69, failed: 70 } as const;

/** A crowd of chips that grows; every other flow is of the newest one. */
function createCrowd(fleet: Fleet) {
  const chips: Chip[] = [];
  const grow = (count: number) => {
    while (chips.length < count) chips.push(fleet.addChip(`soak ${chips.length}`));
  };
  const pick = (index: number): Chip => {
    const chip = index % 2 === 0 ? chips.at(-1) : chips[(index >> 1) % chips.length];
    if (chip === undefined) throw new Error("no chips");
    return chip;
  };
  return { grow, pick, size: () => chips.length };
}

async function sample(fleet: Fleet, since: number, so: Pick<Sample, "chips" | "flows">): Promise<Sample> {
  const found = await Promise.all(fleet.copies.map((copy) => copy.memory()));
  const heap = found.map(({ heapUsed }) => heapUsed);
  const buffers = found.map(({ arrayBuffers }) => arrayBuffers);
  const taken = { minutes: (performance.now() - since) / MINUTE_MS, ...so, heap, buffers };
  const told = heap.map((bytes) => (bytes / 1e6).toFixed(1)).join(" and ");
  process.stderr.write(`minute ${taken.minutes.toFixed(1)}: ${so.chips} chips, ${so.flows} flows, ${told} MB\n`);
  return taken;
}

/** A slice of the load after the other, and a sample after each. */
async function soak(fleet: Fleet): Promise<{ samples: Sample[]; refused: number }> {
  const client = createClient(CONNECTIONS);
  const crowd = createCrowd(fleet);
  const { publicKey } = await makeKey();
  const since = performance.now();
  const [a, b] = fleet.copies;
  const samples: Sample[] = [];
  const sum = { flows: 0, refused: 0 };
  const flow: Flow = (index) => {
    const number = sum.flows + index;
    crowd.grow(1 + Math.floor(((performance.now() - since) / MINUTE_MS) * chipsPerMinute));
    const copies = number % 2 === 0 ? ([a.url, b.url] as const) : ([b.url, a.url] as const);
    return appraisalFlow({ client, chip: crowd.pick(number), publicKey, copies }, number % RELEASE_EVERY === 0);
  };
  try {
    for (let slice = 0; slice < SAMPLES; slice++) {
      const { done, refused, reasons } = await pace(flow, { perSecond, forMs: (minutes * MINUTE_MS) / SAMPLES });
      sum.flows += done;
      sum.refused += refused;
      if (refused > 0) process.stderr.write(`refused: ${JSON.stringify(reasons)}\n`);
      samples.push(await sample(fleet, since, { chips: crowd.size(), flows: sum.flows }));
    }
  } finally {
    client.close();
  }
  return { samples, refused: sum.refused };
}

async function main(): Promise<void> {
  const fleet = await startFleet((programs) => ["--expose-gc", "--import", programs["gc-on-signal"]]);
  try {
    const { samples, refused } = await soak(fleet);
    const from = sampleAt(samples, COMPARED_AT * minutes);
    // There is a sample at least, or else `sampleAt` had thrown.
    const to = samples.at(-1) ?? from;
    const since = `heap at the end against minute ${from.minutes.toFixed(1)}, the copy that grew more`;
    const rows: Measured[] = [
      { name: since, value: growth(from, to), unit: "% more", goal: 10, is: "at most" },
      { name: "refused", value: refused, unit: "", goal: 0, is: "at most" },
    ];
    console.log(`${soakTable(samples)}\n\n${table(rows)}`);
    if (values.picture !== undefined) await writeFile(values.picture, soakPlot(samples, from));
    if (!rows.every(isKept)) process.exitCode = EXIT.missed;
  } finally {
    await fleet.close();
  }
}

main().catch((error: unknown) => {
  const missing = error instanceof RedisMissing;
  console.error(missing ? error.message : error);
  process.exitCode = missing ? EXIT.unavailable : EXIT.failed;
});
