import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { entryFileName } from "../../src/node/cache-entry.js";
import { createFileCache } from "../../src/node/index.js";
import { ALL_KEYS, entryAt, isWhole } from "./cache-entries.js";

/** How often a writer is killed; `npm run soak:cache` says more. */
const ROUNDS = Number(process.env["ATTESTRY_CACHE_KILLS"] ?? "20");
const LONGEST_LIFE_MS = 60;

const folder = await mkdtemp(join(tmpdir(), "attestry-cache-kill-"));
const children: ChildProcess[] = [];
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, maxRetries: 3 });
});

/** The writer as one file of JavaScript, which starts at once. */
async function buildWriter(): Promise<string> {
  const outfile = join(folder, "writer.mjs");
  const entryPoints = [join(import.meta.dirname, "cache-writer.ts")];
  await build({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", target: "es2022" });
  return outfile;
}

/** Starts a writer, lets it write for a while, kills it in whatever it is doing. */
async function killWriter(script: string, cache: string, round: number): Promise<void> {
  const { kill } = await startWriter(script, cache, round);
  await new Promise((resolve) => setTimeout(resolve, (round * 37) % LONGEST_LIFE_MS));
  await kill();
}

/** A writer at work. */
async function startWriter(script: string, cache: string, round: number): Promise<{ kill(): Promise<void> }> {
  const words = [script, cache, String(round * 10_000)];
  const child: ChildProcess = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  children.push(child);
  if (child.stdout === null) throw new Error("the writer has no output");
  // A writer that fails before its first word ends the wait as well.
  const [first] = await Promise.race([once(child.stdout, "data"), ended]);
  expect(String(first)).toMatch(/^writing\n/);
  const kill = async () => {
    child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
  };
  return { kill };
}

/** What a fresh cache says of every key. */
async function inspect(cache: string): Promise<{ served: string[]; wrong: string[] }> {
  const fresh = createFileCache(cache);
  const wrong: string[] = [];
  const served: string[] = [];
  for (const key of ALL_KEYS) {
    const bytes = await fresh.get(key);
    if (bytes === undefined) continue;
    served.push(key);
    if (!isWhole(key, bytes)) wrong.push(key);
  }
  return { served, wrong };
}

describe("a file cache whose writer is killed", () => {
  it(`serves nothing that is torn, in ${ROUNDS} rounds`, { timeout: 10_000 + 5_000 * ROUNDS }, async () => {
    const script = await buildWriter();
    const cache = join(folder, "cache");
    const sum = { served: 0, unfinished: 0 };
    let before: readonly string[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await killWriter(script, cache, round);
      const { served, wrong } = await inspect(cache);
      expect(wrong, `round ${round}`).toEqual([]);
      // An entry that is replaced is the old one until it is the new one.
      expect(served, `round ${round}`).toEqual(expect.arrayContaining([...before]));
      before = served;
      sum.served += served.length;
      sum.unfinished = (await readdir(cache)).filter((name) => name.endsWith(".writing")).length;
    }
    if (ROUNDS > 20) process.stderr.write(`${ROUNDS} kills: ${JSON.stringify(sum)}\n`);
    // The kills met writers at work: entries were served, and some were still under their other name.
    expect(sum.served).toBeGreaterThan(ROUNDS);
    expect(sum.unfinished).toBeGreaterThan(0);
  });

  it("serves nothing that is torn, and loses nothing, while two processes write", async () => {
    const script = await buildWriter();
    const cache = join(folder, "shared");
    const writers = await Promise.all([1, 2].map((round) => startWriter(script, cache, round)));
    let before: readonly string[] = [];
    let served = 0;
    for (let turn = 0; turn < 40; turn++) {
      const found = await inspect(cache);
      expect(found.wrong, `turn ${turn}`).toEqual([]);
      expect(found.served, `turn ${turn}`).toEqual(expect.arrayContaining([...before]));
      before = found.served;
      served += found.served.length;
    }
    await Promise.all(writers.map(({ kill }) => kill()));
    expect(served).toBeGreaterThan(40);
  });

  it("would be told from a torn one", async () => {
    const { key, bytes } = entryAt(4711);
    expect(isWhole(key, bytes)).toBe(true);
    expect(isWhole(key, bytes.subarray(0, -1))).toBe(false);
    expect(
      isWhole(
        key,
        bytes.map((byte, index) => (index === 2000 ? byte ^ 1 : byte)),
      ),
    ).toBe(false);
    expect(isWhole("key 0", bytes)).toBe(false);
    const cache = join(folder, "torn");
    await createFileCache(cache).set(key, bytes.subarray(0, -1), { expiresAt: new Date(Date.now() + 60_000) });
    expect(await readdir(cache)).toEqual([entryFileName(key)]);
    await writeFile(join(cache, "notes"), "");
    expect(await inspect(cache)).toEqual({ served: [key], wrong: [key] });
  });
});
