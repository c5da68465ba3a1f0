/**
 * `npm run bench`: what a verification costs beside the cryptography that it cannot do without.
 *
 * Machines are noisy, so every figure is a ratio of two medians taken in turns within one run: 1.00 is as fast as the
 * engine's bare signature checks. Above 1.05 work was skipped, which is a fault and fails the run.
 */
import { type CryptoEngine, createVerifier, isAttestationError, type Verifier } from "attestry";
import { Bench } from "tinybench";
import { BARE, type Bare, type BareRun } from "./bare.js";
import { ENGINES, forgeSubject, type RawReport, REPORTS, type Subject } from "./subject.js";

/** Short rounds, and many: a machine that slows down for a second then slows both sides of a ratio. */
const ROUNDS = 61;
const WARM_UP_MS = 5000;
const GOALS = { warm: 0.95, first: 0.9 } as const;
const FAULT = 1.05;

interface Row {
  readonly engine: string;
  readonly what: keyof typeof GOALS;
  readonly ratio: number;
  readonly toRaw: number;
}

type Task = () => Promise<void>;

/** Lets the runtime compile what is measured: a service is warm after its first seconds. */
async function warmUp(tasks: Readonly<Record<string, Task>>): Promise<void> {
  for (const task of Object.values(tasks)) {
    const end = performance.now() + WARM_UP_MS;
    while (performance.now() < end) await task();
  }
}

/** One turn of each task, a whole rotation of reports; every other round the other way round. */
async function playRound(tasks: Readonly<Record<string, Task>>, round: number): Promise<readonly [string, number][]> {
  const bench = new Bench({ time: 0, iterations: REPORTS, warmup: false });
  const order = Object.entries(tasks);
  for (const [name, task] of round % 2 === 0 ? order : order.reverse()) bench.add(name, task);
  const tasksRun = await bench.run();
  return tasksRun.map(({ name, result }) => {
    if (!("latency" in result)) throw new Error(`${name}: ${JSON.stringify(result)}`);
    return [name, result.latency.p50];
  });
}

/** Median milliseconds of each task, round by round. */
async function medians(tasks: Readonly<Record<string, Task>>): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  await warmUp(tasks);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, time] of await playRound(tasks, round)) found[name] = [...(found[name] ?? []), time];
  }
  return found;
}

function median(values: readonly number[]): number {
  return Number([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);
}

/** How fast `of` is beside `to`: the median over the rounds, in each of which the two ran one after the other. */
function ratio(of: readonly number[] = [], to: readonly number[] = []): number {
  return median(of.map((value, round) => Number(to[round]) / value));
}

/** Verifies the reports in turn and holds each answer against what it must be: the last one is broken. */
function rotation(run: (index: number) => Promise<boolean>): Task {
  let next = 0;
  return async () => {
    const index = next++ % REPORTS;
    if ((await run(index)) !== (index !== REPORTS - 1)) throw new Error(`report ${index} got the wrong answer`);
  };
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`there is no item ${index}`);
  return item;
}

async function accepts(verifier: Verifier, subject: Subject, index: number): Promise<boolean> {
  try {
    await verifier.verify(at(subject.evidence, index));
    return true;
  } catch (error) {
    if (isAttestationError(error, "ERR_UNTRUSTED_REPORT_SIGNATURE")) return false;
    throw error;
  }
}

/** The tasks of one engine. `first` takes two chips in turn under a verifier that remembers one chain. */
async function tasksOf(engine: CryptoEngine, bare: Bare, chips: readonly Subject[]): Promise<Record<string, Task>> {
  const { forged } = at(chips, 0);
  const options = { now: () => forged.now, anchors: forged.anchors, engine, revocation: "skip" } as const;
  const verifier = createVerifier(options);
  const forgetful = createVerifier({ ...options, maxChains: 1 });
  const bareRuns = await Promise.all(chips.map((chip) => bare.prepare(chip)));
  const rawRun = await at(BARE, 0).prepare(at(chips, 0));
  const turn = (index: number) => (index + 1) % chips.length;
  const report = (index: number, chip = 0): RawReport => at(at(chips, chip).raw, index);
  const first = async (run: BareRun, index: number) => run.first(report(index, turn(index)));
  return {
    raw: rotation(async (index) => rawRun.warm(report(index))),
    bareWarm: rotation(async (index) => at(bareRuns, 0).warm(report(index))),
    warm: rotation((index) => accepts(verifier, at(chips, 0), index)),
    bareFirst: rotation((index) => first(at(bareRuns, turn(index)), index)),
    first: rotation((index) => accepts(forgetful, at(chips, turn(index)), index)),
  };
}

async function measure(engine: CryptoEngine, chips: readonly Subject[]): Promise<Row[]> {
  const bare = BARE.find(({ name }) => name === engine.name);
  if (bare === undefined) throw new Error(`nothing bare for ${engine.name}`);
  const times = await medians(await tasksOf(engine, bare, chips));
  const { raw, bareWarm, warm, bareFirst, first } = times;
  return [
    { engine: engine.name, what: "warm", ratio: ratio(warm, bareWarm), toRaw: ratio(warm, raw) },
    { engine: engine.name, what: "first", ratio: ratio(first, bareFirst), toRaw: ratio(first, raw) },
  ];
}

function judge({ ratio: value, what }: Row): string {
  if (value > FAULT) return "FAULT: work was skipped";
  return value >= GOALS[what] ? "kept" : "missed";
}

const chips = [await forgeSubject("a"), await forgeSubject("b")];
const rows: Row[] = [];
for (const engine of ENGINES) {
  process.stderr.write(`measuring ${engine.name}, ${ROUNDS} rounds...\n`);
  rows.push(...(await measure(engine, chips)));
}
console.log("| engine | verification | to the same engine bare | goal | | to one raw P-384 of node:crypto |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const row of rows) {
  const { engine, what, ratio: value, toRaw } = row;
  console.log(`| ${engine} | ${what} | ${value.toFixed(3)} | ${GOALS[what]} | ${judge(row)} | ${toRaw.toFixed(3)} |`);
}
if (rows.some((row) => row.ratio > FAULT)) process.exitCode = 1;
