import { createChallenger, memorySpentStore } from "../../src/challenge/index.js";
import type { ChallengePurpose, ChallengerOptions } from "../../src/challenge/types.js";

/** When the tests begin. */
export const START = Date.UTC(2026, 5, 1);

export const TTL = 120_000;

/** A secret that is another for each number. */
export const secretOf = (number: number, length = 32) =>
  Uint8Array.from({ length }, (_, index) => (number * 31 + index * 7 + 1) & 0xff);

export const PURPOSE: ChallengePurpose = { audience: "https://release.example", policyDigest: "0a".repeat(48) };

/** A challenger at a time that the test sets. */
export function setUp(more: Partial<ChallengerOptions> = {}) {
  const time = { now: START };
  const options: ChallengerOptions = {
    keys: [{ id: "k1", secret: secretOf(1) }],
    ttlMs: TTL,
    clock: () => new Date(time.now),
    spentStore: memorySpentStore({ singleProcess: true, max: 1000 }),
    ...more,
  };
  return { time, options, challenger: createChallenger(options) };
}

/** A copy with one bit changed; bits are counted from the first byte's lowest. */
export function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  const index = bit >> 3;
  copy[index] = (copy[index] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
