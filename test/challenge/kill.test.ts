import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import type { Challenge } from "../../src/challenge/index.js";
import { startRedis } from "../examples/redis.js";
import { needs } from "../support/needs.js";
import { type Copy, openCopy } from "./redis-client.js";
import { PURPOSE } from "./support.js";

/** How often a copy is killed; ATTESTRY_CHALLENGE_KILLS says more. */
const ROUNDS = Number(process.env["ATTESTRY_CHALLENGE_KILLS"] ?? "20");
const CHALLENGES = 200;
const LONGEST_LIFE_MS = 40;

/** The copy that is killed, as one file of JavaScript, which starts at once. */
async function buildSpender(folder: string): Promise<string> {
  const outfile = join(folder, "spender.cjs");
  const entryPoints = [join(import.meta.dirname, "spender.ts")];
  await build({ entryPoints, outfile, bundle: true, format: "cjs", platform: "node", target: "node20" });
  return outfile;
}

/** Lets a copy spend for a while and kills it in whatever it is doing; the ids that it said it had spent. */
async function spendAndDie(script: string, url: string, job: { challenges: Challenge[]; lifeMs: number }) {
  const nonces = job.challenges.map(({ nonce }) => Buffer.from(nonce).toString("base64"));
  const child = spawn(process.execPath, [script, url, ...nonces], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let said = "";
  child.stdout.on("data", (piece) => {
    said += String(piece);
  });
  // A copy that fails before its first word ends the wait as well.
  await Promise.race([once(child.stdout, "data"), closed]);
  expect(said).toMatch(/^ready\n/);
  await pause(job.lifeMs);
  child.kill("SIGKILL");
  await closed;
  return said.split("\n").slice(1, -1);
}

/** What another copy can still spend; everything else it must refuse as spent. */
async function spendTheRest({ challenger }: Copy, challenges: readonly Challenge[]): Promise<string[]> {
  const won: string[] = [];
  for (const { nonce, id } of challenges) {
    const verified = await challenger.verify(nonce, PURPOSE);
    const code = await challenger.spend(verified).then(
      () => "won",
      (error) => error.code,
    );
    if (code === "won") won.push(id);
    else expect(code).toBe("ERR_CHALLENGE_SPENT");
  }
  return won;
}

describe.runIf(needs("redis-server"))("a copy that is killed while it spends", () => {
  it(`takes with it at most the challenge under way, and none is spent twice, in ${ROUNDS} rounds`, {
    timeout: 20_000 + 5_000 * ROUNDS,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "attestry-challenge-kill-"));
    const redis = await startRedis();
    const survivor = await openCopy(redis.url);
    const sum = { said: 0, won: 0 };
    try {
      const script = await buildSpender(folder);
      for (let round = 0; round < ROUNDS; round++) {
        const challenges: Challenge[] = [];
        for (let count = 0; count < CHALLENGES; count++) challenges.push(await survivor.challenger.issue(PURPOSE));
        const lifeMs = (round * 7) % LONGEST_LIFE_MS;
        const said = await spendAndDie(script, redis.url, { challenges, lifeMs });
        const won = await spendTheRest(survivor, challenges);
        expect(new Set([...said, ...won]).size, `round ${round}: spent twice`).toBe(said.length + won.length);
        expect(CHALLENGES - said.length - won.length, `round ${round}: lost`).toBeLessThanOrEqual(1);
        expect(await spendTheRest(survivor, challenges), `round ${round}: came back`).toEqual([]);
        sum.said += said.length;
        sum.won += won.length;
      }
    } finally {
      survivor.close();
      await redis.stop();
      await rm(folder, { recursive: true });
    }
    // Otherwise nobody was killed at work.
    expect(sum.said).toBeGreaterThan(0);
    expect(sum.won).toBeGreaterThan(0);
  });
});
