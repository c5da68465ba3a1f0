/**
 * `npm run bench:measure`: what a launch digest costs beside the SHA-384 of its pages, which nobody can do without.
 *
 * Every figure is a ratio of processor times within one run: the tasks are taken in turns, in each round the best of
 * three runs counts, and of the rounds the median. Below 0.95 work was skipped, which is a fault and fails the run.
 */
import { computeLaunchDigest, computeMeasurements, nobleDigests, type SyncDigests } from "attestry/measure";
import { nodeDigests } from "attestry/node";
import { buildFirmware, SYNTHETIC } from "../scripts/vectors/firmware.js";

const PAGES = 1024;
const PAGE_BYTES = 4096;
const VCPUS = 64;
const ROUNDS = 15;
const WARM_UPS = 3;
const RUNS = 3;
const FAULT = 0.95;
const GOALS = { launch: 1.4, all: 1.5 } as const;

type Task = () => Promise<void> | void;

/** Bytes that a seed decides (xorshift), so that no page is like another. */
function noise(): () => number {
  let state = 0x2545f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  };
}

const firmware = buildFirmware({ ...SYNTHETIC, size: PAGES * PAGE_BYTES, fill: noise() });
const pages = Array.from({ length: PAGES }, (_, index) =>
  firmware.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES),
);
const counts = Array.from({ length: VCPUS }, (_, index) => index + 1);
const machine = { firmware, vmm: "qemu", vcpuType: "EPYC-Milan" } as const;

/** Time that this process spent, in milliseconds; what others took meanwhile is not counted. */
async function milliseconds(task: Task): Promise<number> {
  const start = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
}

/** The best of a few runs. */
async function best(task: Task): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS; run++) least = Math.min(least, await milliseconds(task));
  return least;
}

/** The times of tasks that are taken in turns, round by round. */
async function times<Name extends string>(tasks: Readonly<Record<Name, Task>>): Promise<Record<Name, number>[]> {
  const names = Object.keys(tasks) as Name[];
  const rounds: Record<Name, number>[] = [];
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    const entries: [Name, number][] = [];
    for (const name of names) entries.push([name, await best(tasks[name])]);
    if (round >= WARM_UPS) rounds.push(Object.fromEntries(entries) as Record<Name, number>);
  }
  return rounds;
}

function tasksOf(digests: SyncDigests) {
  return {
    plain: () => {
      for (const page of pages) digests.sha384(page);
    },
    one: async () => void (await computeLaunchDigest({ ...machine, vcpus: 1 }, { digests })),
    launch: async () => void (await computeLaunchDigest({ ...machine, vcpus: VCPUS }, { digests })),
    all: async () => {
      const rows = await computeMeasurements(machine, { vcpus: counts, digests });
      if (new Set(rows.map(({ measurement }) => measurement)).size !== VCPUS) throw new Error("digests are missing");
    },
  };
}

const verdict = (ratio: number, goal: number) => (ratio <= goal ? "kept" : "missed");
console.log("| digests | what | ratio | goal | |");
console.log("| --- | --- | --- | --- | --- |");
for (const digests of [nodeDigests, nobleDigests]) {
  const rounds = await times(tasksOf(digests));
  const toPlain = median(rounds.map(({ plain, launch }) => launch / plain));
  const toOne = median(rounds.map(({ one, all }) => all / one));
  const what = `${PAGES} pages and ${VCPUS} vCPUs, to plain SHA-384 of the pages`;
  console.log(
    `| ${digests.name} | ${what} | ${toPlain.toFixed(3)} | ${GOALS.launch} | ${verdict(toPlain, GOALS.launch)} |`,
  );
  const together = `1 to ${VCPUS} vCPUs together, to one`;
  console.log(`| ${digests.name} | ${together} | ${toOne.toFixed(3)} | ${GOALS.all} | ${verdict(toOne, GOALS.all)} |`);
  if (toPlain < FAULT) {
    console.error(`FAULT: ${digests.name} was faster than the SHA-384 of the pages; work was skipped`);
    process.exitCode = 1;
  }
}
