import type { Block, Floor, Version } from "./facts.js";
import { readAt } from "./facts.js";
import {
  type Answer,
  cpuName,
  GUEST_POLICY_BITS,
  PLATFORM_INFO_BITS,
  PLATFORM_UNKNOWN,
  POLICY_UNKNOWN_FROM,
  TCB_OFFSETS,
  type World,
} from "./world.js";

function word(key: "guestPolicy" | "platformInfo", { facts }: World) {
  const at = readAt(facts.report);
  const [policy, platform] = [at.u64(0x08), at.u64(0x40)];
  return key === "guestPolicy"
    ? { value: policy, unknown: policy >> POLICY_UNKNOWN_FROM, numbers: GUEST_POLICY_BITS }
    : { value: platform, unknown: platform & PLATFORM_UNKNOWN, numbers: PLATFORM_INFO_BITS };
}

type BitDemand = NonNullable<Block["guestPolicy"]>[string];

function onBit(demand: BitDemand, name: string, { rules, value, unknown, numbers }: ReturnType<typeof word> & World) {
  if (demand === "any") return null;
  if (typeof demand === "object") {
    return rules.reaches([Number((value >> 8n) & 0xffn), Number(value & 0xffn)], [demand.major, demand.minor]);
  }
  if (name === "unknownBits") return unknown === 0n;
  return rules.hasBit(value, numbers[name] ?? Number.NaN) === (demand === "required");
}

export function bits(block: Block, world: World): Answer[] {
  return (["guestPolicy", "platformInfo"] as const).flatMap((key) =>
    Object.entries(block[key] ?? {}).map(([name, demand]) => ({
      id: `snp.${key}.${name}`,
      at: `/${key}/${name}`,
      holds: onBit(demand, name, { ...world, ...word(key, world) }),
    })),
  );
}

function tcbAt(offset: number, world: World): (component: string) => number {
  const names = world.rules.tcbBytes(world.facts.productLine);
  return (component) => readAt(world.facts.report).u8(offset + names.indexOf(component));
}

function lineOf(cpu: string): string {
  const [family, model = 0] = cpu.split("-").map(Number);
  if (family === 0x1a) return "Turin";
  return model < 0x10 ? "Milan" : "Genoa";
}

/** The floors that a report must reach in one of its TCBs; null: the policy has no floor for such a machine. */
function floorsFor(
  kind: string,
  table: Exclude<NonNullable<Block["minimumTcb"]>, "any">,
  world: World,
): Floor[] | null {
  const { productLine: line, report } = world.facts;
  const cpu = cpuName(report);
  const ofLine = table[line];
  const own = cpu === null ? undefined : table[cpu];
  if (ofLine === undefined && own === undefined) return null;
  const floors = [own?.[kind] ?? ofLine?.[kind]];
  if (cpu === null && world.rules.everyProcessor) {
    for (const [name, entry] of Object.entries(table)) {
      if (name.startsWith("0x") && lineOf(name) === line) floors.push(entry[kind]);
    }
  }
  return floors.filter((floor) => floor !== undefined);
}

export function minimumTcb(block: Block, world: World): Answer[] {
  const table = block.minimumTcb;
  if (table === undefined || table === "any") return [];
  return Object.entries(TCB_OFFSETS).flatMap(([kind, offset]) => {
    if (!Object.values(table).some((entry) => entry[kind] !== undefined)) return [];
    const floors = floorsFor(kind, table, world);
    const value = tcbAt(offset, world);
    const reached = (floor: Floor) =>
      Object.entries(floor).every(
        ([name, least]) => !world.rules.compared(name) || world.rules.atLeast(value(name), least),
      );
    const holds = floors?.length === 0 ? null : (floors?.every(reached) ?? false);
    return [{ id: `snp.minimumTcb.${kind}`, at: "/minimumTcb", holds }];
  });
}

export function firmware(block: Block, { facts, rules }: World): Answer[] {
  const at = readAt(facts.report);
  const version = (offset: number) => [at.u8(offset + 2), at.u8(offset + 1), at.u8(offset)];
  const offsets = { current: 0x1e8, committed: 0x1ec };
  const answers: Answer[] = [];
  for (const kind of ["current", "committed"] as const) {
    const least: Version | undefined = block.minimumFirmware?.[kind];
    if (least === undefined) continue;
    const holds = rules.reaches(version(offsets[kind]), [least.major, least.minor, least.build]);
    answers.push({ id: `snp.minimumFirmware.${kind}`, at: `/minimumFirmware/${kind}`, holds });
  }
  if (block.provisionalFirmware === "forbidden") {
    const where = "/provisionalFirmware";
    answers.push({ id: "snp.provisionalFirmware.tcb", at: where, holds: at.hex(0x38, 8) === at.hex(0x1e0, 8) });
    answers.push({ id: "snp.provisionalFirmware.version", at: where, holds: at.hex(0x1e8, 3) === at.hex(0x1ec, 3) });
  }
  for (const [kind, offset] of [
    ["launch", 0x1f8],
    ["current", 0x200],
  ] as const) {
    const needed = block.mitigations?.[kind];
    if (needed === undefined) continue;
    const holds = at.u32(0) >= 5 && rules.hasAll(at.u64(offset), needed);
    answers.push({ id: `snp.mitigations.${kind}`, at: `/mitigations/${kind}`, holds });
  }
  return answers;
}
