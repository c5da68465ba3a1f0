/** The single decisions of the policy language; a planted fault replaces one of them. */
export interface Rules {
  atLeast(actual: number, floor: number): boolean;
  /** Lexicographic order, as of versions. */
  reaches(actual: readonly number[], floor: readonly number[]): boolean;
  /** Names of a TCB's bytes in memory order; bytes without a name are empty. */
  tcbBytes(line: string): readonly string[];
  /** Which components of a floor count. */
  compared(component: string): boolean;
  hasBit(word: bigint, bit: number): boolean;
  hasAll(word: bigint, bits: readonly number[]): boolean;
  allOfIsAll: boolean;
  /** Whether a version 2 report is also held against the floors of its line's processors. */
  everyProcessor: boolean;
  authorKeyEnabled(keyInfo: number): boolean;
  /** Claims that have a default. */
  defaults: readonly string[];
  /** What `only` asks of its parts. */
  onlyHolds: "every" | "some";
  stillCounts(now: number, until: number): boolean;
  /** From the worst to the best. */
  revocationOrder: readonly string[];
  reserved(version: number): readonly (readonly [from: number, to: number])[];
}

const TCB_BEFORE_TURIN = ["bootLoader", "tee", "", "", "", "", "snp", "microcode"];
const TCB_OF_TURIN = ["fmc", "bootLoader", "tee", "snp", "", "", "", "microcode"];

function reaches(actual: readonly number[], floor: readonly number[]): boolean {
  for (const [index, wanted] of floor.entries()) {
    const found = actual[index] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

function reserved(version: number): readonly (readonly [number, number])[] {
  return [
    [version < 3 ? 0x188 : 0x18b, 0x1a0],
    [0x1eb, 0x1ec],
    [0x1ef, 0x1f0],
    [version < 5 ? 0x1f8 : 0x208, 0x2a0],
  ];
}

/** As the documents say. */
export const RULES: Rules = {
  atLeast: (actual, floor) => actual >= floor,
  reaches,
  tcbBytes: (line) => (line === "Turin" ? TCB_OF_TURIN : TCB_BEFORE_TURIN),
  compared: () => true,
  hasBit: (word, bit) => ((word >> BigInt(bit)) & 1n) === 1n,
  hasAll: (word, bits) => bits.every((bit) => ((word >> BigInt(bit)) & 1n) === 1n),
  allOfIsAll: true,
  everyProcessor: true,
  authorKeyEnabled: (keyInfo) => (keyInfo & 1) === 1,
  defaults: [
    "snp.signingKey",
    "snp.vmpl",
    "snp.guestPolicy.debug",
    "snp.guestPolicy.migrateMa",
    "snp.guestPolicy.unknownBits",
    "snp.revocation.status",
    "snp.reserved.keyInfo",
    "snp.reserved.bytes",
  ],
  onlyHolds: "every",
  stillCounts: (now, until) => now <= until,
  revocationOrder: ["skipped", "unavailable", "stale", "checked"],
  reserved,
};
