import { REPORT_LENGTH } from "../../src/report/report.js";

/** The versions that parse. */
export const VERSIONS = [2, 3, 4, 5] as const;

export type Version = (typeof VERSIONS)[number];

/** A part of the report: first byte, number of bytes. */
export type Range = readonly [offset: number, size: number];

/**
 * Where AMD puts each field and the first version that has it: written down once more, apart from the tables under
 * test, so that a slip in either shows.
 */
export const PLACES: Readonly<Record<string, readonly [offset: number, size: number, since: number]>> = {
  version: [0x000, 4, 1],
  guestSvn: [0x004, 4, 1],
  policy: [0x008, 8, 1],
  familyId: [0x010, 0x10, 1],
  imageId: [0x020, 0x10, 1],
  vmpl: [0x030, 4, 1],
  signatureAlgo: [0x034, 4, 1],
  currentTcb: [0x038, 8, 1],
  platformInfo: [0x040, 8, 1],
  keyInfo: [0x048, 4, 1],
  reportData: [0x050, 0x40, 1],
  measurement: [0x090, 0x30, 1],
  hostData: [0x0c0, 0x20, 1],
  idKeyDigest: [0x0e0, 0x30, 1],
  authorKeyDigest: [0x110, 0x30, 1],
  reportId: [0x140, 0x20, 1],
  reportIdMa: [0x160, 0x20, 1],
  reportedTcb: [0x180, 8, 1],
  cpuidFamId: [0x188, 1, 3],
  cpuidModId: [0x189, 1, 3],
  cpuidStep: [0x18a, 1, 3],
  chipId: [0x1a0, 0x40, 1],
  committedTcb: [0x1e0, 8, 2],
  currentBuild: [0x1e8, 1, 2],
  currentMinor: [0x1e9, 1, 2],
  currentMajor: [0x1ea, 1, 2],
  committedBuild: [0x1ec, 1, 2],
  committedMinor: [0x1ed, 1, 2],
  committedMajor: [0x1ee, 1, 2],
  launchTcb: [0x1f0, 8, 2],
  launchMitVector: [0x1f8, 8, 5],
  currentMitVector: [0x200, 8, 5],
  signatureR: [0x2a0, 0x30, 1],
  signatureS: [0x2e8, 0x30, 1],
};

/** Reserved ranges whose bytes must be zero for a report to parse, in every version. */
export const REFUSED: readonly Range[] = [
  [0x04c, 4],
  [0x2d0, 24],
  [0x318, 24],
  [0x330, 368],
];

/** Reserved ranges that are kept and reported, by version. */
export const KEPT: Readonly<Record<Version, readonly Range[]>> = {
  2: [
    [0x188, 24],
    [0x1eb, 1],
    [0x1ef, 1],
    [0x1f8, 168],
  ],
  3: [
    [0x18b, 21],
    [0x1eb, 1],
    [0x1ef, 1],
    [0x1f8, 168],
  ],
  4: [
    [0x18b, 21],
    [0x1eb, 1],
    [0x1ef, 1],
    [0x1f8, 168],
  ],
  5: [
    [0x18b, 21],
    [0x1eb, 1],
    [0x1ef, 1],
    [0x208, 152],
  ],
};

/** A report that parses: its version, all reserved bytes zero, every other byte unlike its neighbours. */
export function patternReport(version: Version): Uint8Array {
  const bytes = Uint8Array.from({ length: REPORT_LENGTH }, (_, index) => (index * 7 + (index >> 8) * 3 + 13) & 0xff);
  for (const [offset, size] of [...REFUSED, ...KEPT[version]]) bytes.fill(0, offset, offset + size);
  bytes.set([version, 0, 0, 0]);
  return bytes;
}

/** The same report with some bytes replaced. */
export function patched(bytes: Uint8Array, offset: number, replacement: readonly number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(replacement, offset);
  return copy;
}

/** The bytes of a field by AMD's place for it. */
export function fieldOf(bytes: Uint8Array, name: string): Uint8Array {
  const [offset, size] = PLACES[name] ?? [0, 0];
  return bytes.slice(offset, offset + size);
}

/** Bytes as a little-endian number. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
