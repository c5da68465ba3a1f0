/**
 * `npm run bench`: what a verification costs beside the cryptography that it cannot do without.
 *
 * Machines are noisy, so every figure is a ratio of two medians taken in turns within one run: 1.00 is as fast as the
 * engine's bare signature checks. Above 1.05 work was skipped, which is a fault.
 */
import { Bench } from "tinybench";
import { type CryptoEngine, createVerifier, isAttestationError, type Verifier } from "attestry";
import { BARE, type Bare } from "./bare.js";
import { ENGINES, forgeSubject, REPORTS, type Subject } from "./subject.js";

const ROUNDS = 9;
const GOALS = { warm: 0.95, first: 0.9 } as const;
const FAULT = 1.05;

interface Row {
  readonly engine: string;
  readonly what: keyof typeof GOALS;
  readonly ratio: number;
  readonly toRaw: number;
}

type Task = () => Promise<void>;

/** Median milliseconds of each task, the tasks taken in turns, round by round. */
async function medians(tasks: Readonly<Record<string, Task>>, time: number): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const bench = new Bench({ time, warmupTime: time / 5 });
    for (const [name, task] of Object.entries(tasks)) bench.add(name, task);
    for (const task of await bench.run()) {
      const { result } = task;
      if (!("latency" in result)) throw new Error(`${task.name}: ${JSON.stringify(result)}`);
      found[task.name] = [...(found[task.name] ?? []), result.latency.p50];
    }
  }
  return found;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[Math.floor(sorted.length / 2)]);
}

function ratio(of: readonly number[], to: readonly number[]): number {
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

async function accepts(verifier: Verifier, subject: Subject, index: number): Promise<boolean> {
  const evidence = subject.evidence[index];
  if (evidence === undefined) throw new Error(`there is no report ${index}`);
  try {
    await verifier.verify(evidence);
    return true;
  } catch (error) {
    if (isAttestationError(error, "ERR_UNTRUSTED_REPORT_SIGNATURE")) return false;
    throw error;
  }
}

function newVerifier(engine: CryptoEngine, { forged }: Subject): Verifier {
  return createVerifier({ now: () => forged.now, anchors: forged.anchors, engine, revocation: "skip" });
}

async function measure(engine: CryptoEngine, bare: Bare, subject: Subject): Promise<Row[]> {
  const raw = (index: number) => subject.raw[index] ?? fail(index);
  const bareVerify = await bare.prepare(subject);
  const rawVerify = await (BARE[0] ?? fail(0)).prepare(subject);
  const verifier = newVerifier(engine, subject);
  const time = engine.name === "noble" ? 400 : 250;
  const times = await medians(
    {
      raw: rotation(async (index) => rawVerify(raw(index))),
      bareWarm: rotation(async (index) => bareVerify(raw(index))),
      warm: rotation((index) => accepts(verifier, subject, index)),
      bareFirst: rotation(async (index) => bare.first(subject, raw(index))),
      first: rotation((index) => accepts(newVerifier(engine, subject), subject, index)),
    },
    time,
  );
  const of = (name: string): readonly number[] => times[name] ?? [];
  return (["warm", "first"] as const).map((what) => ({
    engine: engine.name,
    what,
    ratio: ratio(of(what), of(what === "warm" ? "bareWarm" : "bareFirst")),
    toRaw: ratio(of(what), of("raw")),
  }));
}

function fail(index: number): never {
  throw new Error(`there is no ${index}`);
}

function print(rows: readonly Row[]): void {
  console.log("| engine | verification | to the same engine bare | goal | | to one raw P-384 of node:crypto |");
  console.log("| --- | --- | --- | --- | --- | --- |");
  for (const { engine, what, ratio: value, toRaw } of rows) {
    const verdict = judge(value, GOALS[what]);
    console.log(`| ${engine} | ${what} | ${value.toFixed(3)} | ${GOALS[what]} | ${verdict} | ${toRaw.toFixed(3)} |`);
  }
}

function judge(value: number, goal: number): string {
  if (value > FAULT) return "FAULT: work was skipped";
  return value >= goal ? "kept" : "missed";
}

const subject = await forgeSubject();
const rows: Row[] = [];
for (const engine of ENGINES) {
  const bare = BARE.find(({ name }) => name === engine.name);
  if (bare === undefined) throw new Error(`nothing bare for ${engine.name}`);
  process.stderr.write(`measuring ${engine.name}, ${ROUNDS} rounds...\n`);
  rows.push(...(await measure(engine, bare, subject)));
}
print(rows);
