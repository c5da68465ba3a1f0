/**
 * Parsing, chains alone, eight at once and cold imports; `npm run bench` runs it after bench.ts. Ratios of medians
 * taken in turns within one run, against a raw P-384 verification by node:crypto where nothing else is said.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createVerifier, parseCertificate, parseCrl, parseReport, verifyCertificates, webCryptoEngine } from "attestry";
import { nodeEngine } from "attestry/node";
import { build } from "esbuild";
import { BARE } from "./bare.js";
import { type Measured, median, plot, table } from "./measured.js";
import { forgeSubject } from "./subject.js";

const ROUNDS = 15;
const IMPORTS = 21;
const AT_ONCE = 8;

const subject = await forgeSubject("a");
const { forged, evidence, raw } = subject;
const { now, anchors } = forged;

/** What the forge is known to have made. */
function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the forge left something out");
  return value;
}

const first = present(evidence[0]);
const rawFirst = present(raw[0]);
const { certificates = {} } = first;
const { leaf, intermediate, root } = certificates;
const chain = { leaf: present(leaf), intermediate: present(intermediate), root: present(root) };
const crl = present(certificates.crl);

/** Milliseconds of one call, of many in a row. */
async function timed(count: number, call: () => unknown): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index++) await call();
  return (performance.now() - start) / count;
}

/** Every value that a report has, read. */
function readAll(value: object): number {
  let count = 0;
  for (const field of Object.values(value)) {
    const isGroup = typeof field === "object" && field !== null && !(field instanceof Uint8Array);
    count += isGroup ? readAll(field) : 1;
  }
  return count;
}

async function ratios(): Promise<Measured[]> {
  const run = await BARE[0]?.prepare(subject);
  if (run === undefined) throw new Error("nothing bare for node");
  const tasks = {
    raw: () => run.warm(rawFirst),
    parse: () => readAll(parseReport(first.report)),
    chain: () => verifyCertificates(chain, { now, anchors, revocation: "skip", engine: nodeEngine }),
    certificate: () => parseCertificate(chain.leaf),
    crl: () => parseCrl(crl),
  };
  const times: Record<keyof typeof tasks, number[]> = { raw: [], parse: [], chain: [], certificate: [], crl: [] };
  for (let round = 0; round < 2 * ROUNDS; round++) {
    for (const [name, task] of Object.entries(tasks)) {
      const took = await timed(name === "raw" || name === "chain" ? 100 : 2000, task);
      // The first half lets the runtime compile what is measured.
      if (round >= ROUNDS) times[name as keyof typeof tasks].push(took);
    }
  }
  const per = (name: keyof typeof tasks) => median(times[name].map((time, round) => Number(times.raw[round]) / time));
  return [
    { name: "parseReport, every field read", value: per("parse"), unit: "times as fast", goal: 150, is: "at least" },
    { name: "parseCertificate", value: per("certificate"), unit: "times as fast", goal: 10, is: "at least" },
    { name: "parseCrl", value: per("crl"), unit: "times as fast", goal: 10, is: "at least" },
    { name: "a chain alone, nothing remembered", value: 1 / per("chain"), unit: "P-384", goal: 2.5, is: "at most" },
  ];
}

/** What eight verifications at once bring beside one after the other, by the engine that works in the background. */
async function concurrency(): Promise<Measured> {
  const verifier = createVerifier({ now: () => now, anchors, engine: webCryptoEngine, revocation: "skip" });
  const one = () => verifier.verify(first);
  const eight = () => Promise.all(Array.from({ length: AT_ONCE }, one));
  const gains: number[] = [];
  for (let round = 0; round < 2 * ROUNDS; round++) {
    const single = await timed(160, one);
    const together = (await timed(20, eight)) / AT_ONCE;
    if (round >= ROUNDS) gains.push(single / together);
  }
  return { name: "eight at once, webcrypto", value: median(gains), unit: "times one", goal: 1.85, is: "at least" };
}

/** Milliseconds that importing `attestry` adds to a process that imports an empty module: its files, and one bundle. */
async function coldImports(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), "attestry-bench-"));
  const [empty, bundled] = [join(folder, "empty.mjs"), join(folder, "bundled.mjs")];
  const built = resolve(import.meta.dirname, "../dist/index.js");
  writeFileSync(empty, "export {};\n");
  await build({ entryPoints: [built], outfile: bundled, bundle: true, format: "esm", platform: "node" });
  const time = (path: string) => {
    const script = `const t = performance.now(); await import(${JSON.stringify(pathToFileURL(path).href)}); console.log(performance.now() - t);`;
    return Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }));
  };
  const added = (path: string) => median(Array.from({ length: IMPORTS }, () => time(path) - time(empty)));
  const rows = [
    { name: "cold import of attestry", value: added(built) },
    { name: "cold import of one bundle of it", value: added(bundled) },
  ];
  rmSync(folder, { recursive: true });
  return rows.map((row) => ({ ...row, unit: "ms more", goal: 12, is: "at most" as const }));
}

process.stderr.write("measuring parsing, chains, eight at once, imports...\n");
const rows = [...(await ratios()), await concurrency(), ...(await coldImports())];
console.log(table(rows));
if (process.argv.includes("--plot")) {
  writeFileSync(resolve(import.meta.dirname, "../docs/speed.svg"), plot(rows, "Speed beside the goals"));
}
