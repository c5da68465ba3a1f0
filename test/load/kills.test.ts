import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../support/needs.js";
import { type Fleet, startFleet } from "./fleet.js";
import { playRound, type Sums } from "./kill-round.js";

/** How often a copy is killed; ATTESTRY_FLOW_KILLS says more. */
const ROUNDS = Number(process.env["ATTESTRY_FLOW_KILLS"] ?? "20");
const START_MS = 120_000;
const ROUND_MS = 15_000;

describe.runIf(needs("redis-server"))("one of two copies is killed while it releases secrets", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  }, START_MS);
  afterAll(() => fleet.close());

  it(`none is released twice, and what was not spent is served by the other, in ${ROUNDS} rounds`, {
    timeout: START_MS + ROUNDS * ROUND_MS,
  }, async () => {
    const chip = fleet.addChip("kills");
    const sums: Sums = { answered: 0, rescued: 0, lost: 0, raced: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      await playRound(fleet, chip, round, sums);
    }
    // Otherwise nobody was killed at work.
    expect(sums.answered).toBeGreaterThan(0);
    expect(sums.rescued).toBeGreaterThan(0);
    expect(sums.raced).toBeGreaterThan(0);
    process.stderr.write(`${ROUNDS} kills: ${JSON.stringify(sums)}\n`);
  });
});
