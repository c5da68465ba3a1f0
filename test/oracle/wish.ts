import type { Block } from "./facts.js";
import { readAt } from "./facts.js";
import type { Random } from "./random.js";
import type { Scene } from "./scenes.js";

/** What a demand is made for: a scene, a source of chance, and whether the scene should meet it. */
export interface Wish {
  readonly scene: Scene;
  readonly random: Random;
  readonly met: boolean;
  readonly dataSet: string;
}

export const MOST_SECONDS = 315_360_000;

export const byte = (value: number, length: number) => value.toString(16).padStart(2, "0").repeat(length);
export const at = ({ scene }: Wish) => readAt(scene.facts.report);

/** Hex in either case. */
export const cased = (text: string, random: Random) => (random.chance(0.3) ? text.toUpperCase() : text);

/** A list that has the value or has it not; the others are what the list may have beside it. */
export function listOf(value: string | null, others: readonly string[], { random, met }: Wish): string[] {
  const beside = others.filter((other) => other !== value);
  const kept = random.some(beside, 0.4);
  if (met && value !== null) return random.chance(0.5) ? [value, ...kept] : [...kept, value];
  return kept.length > 0 ? kept : [random.pick(beside)];
}

export function bytesAt(offset: number, length: number, pool: readonly number[]): (wish: Wish) => string[] {
  return (wish) =>
    listOf(
      pool.includes(at(wish).u8(offset)) ? at(wish).hex(offset, length) : null,
      pool.map((value) => byte(value, length)),
      wish,
    ).map((entry) => cased(entry, wish.random));
}

export function least(actual: number, { random, met }: Wish, most: number): number {
  if (met) return random.chance(0.4) ? actual : random.below(actual + 1);
  return Math.min(actual + 1 + random.below(2), most);
}

export const cpuText = (numbers: readonly number[]) => numbers.map((number) => `0x${byte(number, 1)}`).join("-");

export type Demand = (wish: Wish) => Block;
