/**
 * `npm run load:flow`: challenge, fresh report, appraisal and token, by two copies with one Redis. What is judged is the
 * copies' own CPU against raw verifications of the same run, and how they feel at half of what they can do.
 */
import { parseArgs } from "node:util";
import { isKept, type Measured, median, table } from "../../bench/measured.js";
import { makeKey } from "../../examples/relying-party/demo/guest.js";
import { RedisMissing } from "../../examples/relying-party/demo/processes.js";
import { CORES, confine } from "./cores.js";
import { askFigures } from "./figures.js";
import { type Fleet, startFleet } from "./fleet.js";
import { appraisalFlow, createClient } from "./flows.js";
import { type Flow, pace, saturate, type Tally } from "./pace.js";
import { type Raw, startRaw } from "./raw.js";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "4" },
    chips: { type: "string", default: "32" },
    /** Leaves a CPU profile of each copy in this folder. */
    profile: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const forMs = Number(values.seconds) * 1000;
const chipCount = Number(values.chips);

/** Thirty-two clients for each copy; fewer leave it waiting, and it pays for going to sleep and waking up. */
const IN_FLIGHT = 64;
/** Enough for the runtime to compile what is measured. */
const WARM_FLOWS = 20_000;
const WARM_MS = 60_000;
const RAW_COUNT = 250;
const MOST_FLOWS = 1e6;
const HALF_TIMES = 2;
/** Exit codes of sysexits.h: a goal was missed; something that this machine lacks. */
const EXIT = { missed: 1, unavailable: 69, failed: 70 } as const;

const say = (text: string) => process.stderr.write(`${text}\n`);

/** One round: what an appraisal cost the copies, and what a raw verification cost beside it. */
interface Round {
  readonly appraisalUs: number;
  readonly rawUs: number;
  readonly perSecond: number;
  readonly refused: number;
}

async function cpuOf({ copies }: Fleet): Promise<number> {
  const figures = await Promise.all(copies.map(({ url }) => askFigures(url)));
  return figures.reduce((sum, { cpuUs }) => sum + cpuUs, 0);
}

/** Raw verifications before and after, so that a machine that slows down meanwhile slows both. */
async function playRound(fleet: Fleet, flow: Flow, raw: Raw): Promise<Round> {
  const rawBefore = await raw.measure(RAW_COUNT);
  const before = await cpuOf(fleet);
  const tally = await saturate(flow, { inFlight: IN_FLIGHT, forMs, most: MOST_FLOWS });
  const spent = (await cpuOf(fleet)) - before;
  const rawUs = (rawBefore + (await raw.measure(RAW_COUNT))) / 2;
  complain(tally);
  const { done, seconds, refused } = tally;
  return { appraisalUs: spent / done, rawUs, perSecond: done / seconds, refused };
}

function complain({ reasons }: Tally): void {
  for (const [reason, count] of Object.entries(reasons)) say(`  refused ${count} times: ${reason}`);
}

async function playRounds(fleet: Fleet, flow: Flow): Promise<Round[]> {
  const raw = startRaw(fleet.programs["raw-worker"], fleet.copies.length);
  for (const pid of raw.pids) confine(pid, CORES.all);
  const played: Round[] = [];
  try {
    await raw.measure(RAW_COUNT);
    for (let round = 1; round <= rounds; round++) {
      const found = await playRound(fleet, flow, raw);
      const { appraisalUs, rawUs, perSecond } = found;
      const us = `${appraisalUs.toFixed(0)} us of CPU each, a raw verification ${rawUs.toFixed(0)} us`;
      say(`round ${round} of ${rounds}: ${perSecond.toFixed(0)} appraisals a second, ${us}`);
      played.push(found);
    }
  } finally {
    await raw.stop();
  }
  return played;
}

/** Half of the capacity, and how the event loops feel. */
async function playHalf(fleet: Fleet, flow: Flow, perSecond: number): Promise<{ lagMs: number; refused: number }> {
  // Asking begins a new count.
  await cpuOf(fleet);
  const tally = await pace(flow, { perSecond, forMs: HALF_TIMES * forMs });
  const figures = await Promise.all(fleet.copies.map(({ url }) => askFigures(url)));
  complain(tally);
  say(`half: ${tally.done} appraisals in ${tally.seconds.toFixed(1)} s`);
  return { lagMs: Math.max(...figures.map(({ lagP99Ms }) => lagP99Ms)), refused: tally.refused };
}

async function measure(fleet: Fleet): Promise<Measured[]> {
  const client = createClient(IN_FLIGHT);
  const chips = Array.from({ length: chipCount }, (_, index) => fleet.addChip(`load ${index}`));
  const { publicKey } = await makeKey();
  const [a, b] = fleet.copies;
  const flow: Flow = (index) => {
    const chip = chips[index % chips.length];
    if (chip === undefined) throw new Error("no chips");
    const copies = index % 2 === 0 ? ([a.url, b.url] as const) : ([b.url, a.url] as const);
    return appraisalFlow({ client, chip, publicKey, copies });
  };
  try {
    complain(await saturate(flow, { inFlight: IN_FLIGHT, forMs: WARM_MS, most: WARM_FLOWS }));
    const played = await playRounds(fleet, flow);
    const capacity = median(played.map(({ perSecond }) => perSecond));
    const { lagMs, refused } = await playHalf(fleet, flow, capacity / 2);
    say(`\nthroughput: ${capacity.toFixed(0)} appraisals a second, with client, Redis and copies on this machine\n`);
    const ratio = median(played.map(({ appraisalUs, rawUs }) => appraisalUs / rawUs));
    const all = played.reduce((sum, round) => sum + round.refused, 0);
    return [
      {
        name: "CPU of an appraisal, challenge and token included",
        value: ratio,
        unit: "P-384",
        goal: 2.5,
        is: "at most",
      },
      { name: "event-loop delay at half of the capacity, p99", value: lagMs, unit: "ms", goal: 50, is: "at most" },
      { name: "refused at half of the capacity", value: refused, unit: "", goal: 0, is: "at most" },
      { name: "refused at the capacity", value: all, unit: "", goal: 0, is: "at most" },
    ];
  } finally {
    client.close();
  }
}

async function main(): Promise<void> {
  const { profile } = values;
  // What is started from here on, Redis among it, inherits this; the copies are moved away from it.
  const isConfined = confine(process.pid, CORES.others);
  if (!isConfined) say("no taskset: the copies share their cores with the guests, and cost more");
  const fleet = await startFleet(() => (profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]));
  try {
    for (const { pid } of fleet.copies) confine(pid, CORES.copies);
    const rows = await measure(fleet);
    console.log(table(rows));
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
