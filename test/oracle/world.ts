import type { Facts, Inputs, PolicyText, TextList } from "./facts.js";
import { readAt } from "./facts.js";
import type { Rules } from "./rules.js";

/** One check: its id, where the policy says it (relative to the block), and whether it holds; null: does not apply. */
export interface Answer {
  readonly id: string;
  readonly at: string;
  readonly holds: boolean | null;
  /** Whether this is a comparison of REPORT_DATA with what the caller brought. */
  readonly compares?: boolean;
}

export interface World {
  readonly facts: Facts;
  readonly inputs: Inputs;
  readonly lists: NonNullable<PolicyText["lists"]>;
  readonly rules: Rules;
}

export const GUEST_POLICY_BITS: Readonly<Record<string, number>> = {
  smt: 16,
  migrateMa: 18,
  debug: 19,
  singleSocket: 20,
  cxlAllow: 21,
  memAes256Xts: 22,
  raplDis: 23,
  ciphertextHidingDram: 24,
  pageSwapDisable: 25,
};
export const PLATFORM_INFO_BITS: Readonly<Record<string, number>> = {
  smtEn: 0,
  tsmeEn: 1,
  eccEn: 2,
  raplDis: 3,
  ciphertextHidingDramEn: 4,
  aliasCheckComplete: 5,
  tioEn: 7,
};
export const TCB_OFFSETS: Readonly<Record<string, number>> = {
  reported: 0x180,
  committed: 0x1e0,
  launch: 0x1f0,
  current: 0x038,
};
export const PLATFORM_UNKNOWN = ((1n << 64n) - 1n) ^ 0xbfn;
export const POLICY_UNKNOWN_FROM = 26n;

export const zeros = (hex: string) => /^0*$/.test(hex);

export function entries(list: TextList, { lists }: World): readonly string[] {
  const found = "list" in list ? lists[list.list] : list;
  if (found === undefined) throw new Error("no such list");
  return found;
}

export const lower = (list: TextList, world: World) => entries(list, world).map((entry) => entry.toLowerCase());

/** Whether CHIP_ID, or the VCEK's own id, is the one that an entry of a list names. */
export function isChip(entry: string, id: string): boolean {
  const wanted = entry.toLowerCase();
  return wanted.length === 16 ? wanted === id.slice(0, 16) && zeros(id.slice(16)) : wanted === id;
}

export function cpuName(report: Uint8Array): string | null {
  const at = readAt(report);
  if (at.u32(0) < 3) return null;
  return [0x188, 0x189, 0x18a].map((offset) => `0x${at.hex(offset, 1)}`).join("-");
}
