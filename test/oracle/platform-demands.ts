import type { ProductLine } from "../../src/index.js";
import type { Block, Floor, Ternary } from "./facts.js";
import { CPUS } from "./reports.js";
import { RULES } from "./rules.js";
import { LINES } from "./scenes.js";
import { at, cpuText, least, type Wish } from "./wish.js";
import { cpuName, GUEST_POLICY_BITS, PLATFORM_INFO_BITS, TCB_OFFSETS } from "./world.js";

/** Demands on some bits; where they are not to be met, at least one is not. */
function onBits(
  numbers: Readonly<Record<string, number>>,
  word: bigint,
  { random, met }: Wish,
): Record<string, Ternary> {
  const chosen = random.some(Object.keys(numbers), 0.35);
  const names = chosen.length > 0 ? chosen : [random.pick(Object.keys(numbers))];
  const wrong = met ? [] : [random.pick(names), ...random.some(names, 0.4)];
  const demand = (name: string): Ternary => {
    if (!wrong.includes(name) && random.chance(0.1)) return "any";
    const set = RULES.hasBit(word, numbers[name] ?? 0);
    return set !== wrong.includes(name) ? "required" : "forbidden";
  };
  return Object.fromEntries(names.map((name) => [name, demand(name)]));
}

export function guestPolicy(wish: Wish): Block {
  const { random, met } = wish;
  const word = at(wish).u64(8);
  const said: Record<string, Ternary | { major: number; minor: number }> = {};
  if (met || random.chance(0.7)) Object.assign(said, onBits(GUEST_POLICY_BITS, word, wish));
  for (const name of ["migrateMa", "debug"]) {
    if (met && RULES.hasBit(word, GUEST_POLICY_BITS[name] ?? 0)) said[name] ??= random.pick(["any", "required"]);
  }
  if (word >> 26n !== 0n && met) said["unknownBits"] = "any";
  else if (word >> 26n !== 0n || random.chance(0.2)) said["unknownBits"] = "forbidden";
  if (random.chance(0.4) || Object.keys(said).length === 0) {
    const [major, minor] = [Number((word >> 8n) & 0xffn), Number(word & 0xffn)];
    said["minimumAbi"] = versionBelow([major, minor], wish);
  }
  return { guestPolicy: said };
}

/** A pair that the given one reaches, or misses in one place. */
function versionBelow([major, minor]: readonly [number, number], wish: Wish): { major: number; minor: number } {
  const { random, met } = wish;
  if (!met) return random.chance(0.5) ? { major: major + 1, minor: random.below(2) } : { major, minor: minor + 1 };
  if (major > 0 && random.chance(0.5)) return { major: major - 1, minor: minor + random.below(3) };
  return { major, minor: least(minor, wish, 255) };
}

export function platformInfo(wish: Wish): Block {
  const word = at(wish).u64(0x40);
  const said = onBits(PLATFORM_INFO_BITS, word, wish);
  const unknown = (word & ~0xbfn) !== 0n;
  if (wish.random.chance(unknown ? 0.6 : 0.3)) said["unknownBits"] = unknown && wish.met ? "any" : "forbidden";
  return { platformInfo: said };
}

function floorOf(kind: string, wish: Wish): Floor {
  const { random, met, scene } = wish;
  const names = RULES.tcbBytes(scene.facts.productLine);
  const components = names.filter((name) => name !== "");
  const chosen = random.some(components, 0.5);
  const named = chosen.length > 0 ? chosen : [random.pick(components)];
  const wrong = met ? "" : random.pick(named);
  const value = (name: string) => at(wish).u8((TCB_OFFSETS[kind] ?? 0) + names.indexOf(name));
  return Object.fromEntries(named.map((name) => [name, least(value(name), { ...wish, met: name !== wrong }, 255)]));
}

function entryOf(wish: Wish): Record<string, Floor> {
  const chosen = wish.random.some(Object.keys(TCB_OFFSETS), 0.5);
  const kinds = chosen.length > 0 ? chosen : [wish.random.pick(Object.keys(TCB_OFFSETS))];
  const wrong = wish.met ? "" : wish.random.pick(kinds);
  return Object.fromEntries(kinds.map((kind) => [kind, floorOf(kind, { ...wish, met: kind !== wrong })]));
}

/** Floors of some processors of a line; a report that names none has to reach them all. */
function processorEntries(line: ProductLine, wish: Wish): Record<string, Record<string, Floor>> {
  const { random, scene, met } = wish;
  const own = cpuName(scene.facts.report);
  const chosen = random.some(CPUS[line], own === null && !met ? 1 : 0.35).map(cpuText);
  const entry = (name: string) => {
    const mine = name === own || own === null;
    return entryOf({ ...wish, met: mine && (met || random.chance(0.3)) });
  };
  return Object.fromEntries(chosen.map((name) => [name, entry(name)]));
}

/** Floors of several lines and processors; those of other machines are out of reach for this one. */
export function minimumTcb(wish: Wish): Block {
  const { random, scene, met } = wish;
  if (met && random.chance(0.15)) return { minimumTcb: "any" };
  const line = LINES.find((name) => name === scene.facts.productLine) ?? "Milan";
  const table: Record<string, Record<string, Floor>> = {};
  const others = random.some([...LINES], 0.4).filter((name) => name !== line);
  for (const other of others) table[other] = { reported: { snp: 255 } };
  const own = cpuName(scene.facts.report);
  const ofLine = random.chance(0.8);
  if (ofLine) table[line] = entryOf({ ...wish, met: met || random.chance(own === null ? 0.8 : 0.3) });
  Object.assign(table, processorEntries(line, wish));
  if (Object.keys(table).length === 0) table[line] = entryOf(wish);
  return { minimumTcb: table };
}

const FIRMWARE = { current: 0x1e8, committed: 0x1ec } as const;

export function minimumFirmware(wish: Wish): Block {
  const { random, met } = wish;
  const chosen = random.some(["current", "committed"] as const, 0.6);
  const kinds = chosen.length > 0 ? chosen : [random.pick(["current", "committed"] as const)];
  const version = (kind: keyof typeof FIRMWARE) => {
    const [build, minor, major] = [0, 1, 2].map((index) => at(wish).u8(FIRMWARE[kind] + index));
    if (build === undefined || minor === undefined || major === undefined) throw new Error("three bytes");
    if (!met) return random.chance(0.5) ? { major, minor: minor + 1, build: 0 } : { major, minor, build: build + 1 };
    return random.chance(0.5) ? { major, minor: minor - 1, build: build + random.below(9) } : { major, minor, build };
  };
  return { minimumFirmware: Object.fromEntries(kinds.map((kind) => [kind, version(kind)])) };
}

export function mitigations(wish: Wish): Block {
  const { random, met } = wish;
  const kinds = random.pick([["launch"], ["current"], ["launch", "current"]] as const);
  const bits = (kind: "launch" | "current") => {
    const word = at(wish).u64(kind === "launch" ? 0x1f8 : 0x200);
    const all = [...Array(12).keys()];
    const set = random.some(
      all.filter((bit) => RULES.hasBit(word, bit)),
      0.4,
    );
    const clear = random.pick(all.filter((bit) => !RULES.hasBit(word, bit)));
    return met && set.length > 0 ? set : [...set, clear];
  };
  return { mitigations: Object.fromEntries(kinds.map((kind) => [kind, bits(kind)])) };
}
