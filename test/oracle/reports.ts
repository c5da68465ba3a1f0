import type { ProductLine, Tcb } from "../../src/index.js";
import type { BytePatch, ReportOptions } from "../../src/testing/index.js";
import type { Random } from "./random.js";
import type { Station } from "./scenes.js";

export const CPUS: Readonly<Record<ProductLine, readonly (readonly [number, number, number])[]>> = {
  Milan: [
    [0x19, 0x01, 0x00],
    [0x19, 0x01, 0x01],
  ],
  Genoa: [
    [0x19, 0x11, 0x01],
    [0x19, 0xa0, 0x02],
  ],
  Turin: [
    [0x1a, 0x02, 0x01],
    [0x1a, 0x11, 0x00],
  ],
};

function raised(tcb: Tcb, random: Random, most: number): Tcb {
  const more = () => (random.chance(0.4) ? random.below(most) : 0);
  const { bootLoader, tee, snp, microcode } = tcb;
  return {
    ...tcb,
    bootLoader: bootLoader + more(),
    tee: tee + more(),
    snp: snp + more(),
    microcode: microcode + more(),
  };
}

function between(low: Tcb, high: Tcb, random: Random): Tcb {
  const one = (name: "bootLoader" | "tee" | "snp" | "microcode") =>
    low[name] + random.below(high[name] - low[name] + 1);
  return { ...low, bootLoader: one("bootLoader"), tee: one("tee"), snp: one("snp"), microcode: one("microcode") };
}

function tcbFields({ tcb }: Station, random: Random): ReportOptions {
  const currentTcb = raised(tcb, random, 4);
  const committedTcb = random.chance(0.5) ? currentTcb : between(tcb, currentTcb, random);
  return { reportedTcb: tcb, currentTcb, committedTcb, launchTcb: between(tcb, currentTcb, random) };
}

function firmwareFields(random: Random): ReportOptions {
  const [currentMinor, currentBuild] = [55 + random.below(4), 20 + random.below(6)];
  const same = random.chance(0.5);
  const committedMinor = same ? currentMinor : currentMinor - random.below(2);
  const lower = committedMinor < currentMinor ? 20 + random.below(8) : currentBuild - random.below(3);
  const committedBuild = same ? currentBuild : lower;
  return { currentMajor: 1, currentMinor, currentBuild, committedMajor: 1, committedMinor, committedBuild };
}

function wordFields(random: Random): ReportOptions {
  const bit = (number: number, probability: number) => (random.chance(probability) ? 1n << BigInt(number) : 0n);
  let policy = 0x20000n | BigInt(random.below(4)) | (BigInt(random.below(3)) << 8n) | bit(19, 0.12) | bit(18, 0.12);
  for (const number of [16, 20, 21, 22, 23, 24, 25]) policy |= bit(number, 0.5);
  policy |= bit(26 + random.below(38), 0.06);
  let platformInfo = bit(6, 0.2) | bit(8 + random.below(56), 0.06);
  for (const number of [0, 1, 2, 3, 4, 5, 7]) platformInfo |= bit(number, 0.5);
  return { policy, platformInfo };
}

const digestOf = (byte: number, length: number) => new Uint8Array(length).fill(byte);

/** The fields of the ID block, and KEY_INFO; a few contradict each other. */
function idBlockFields({ signingKey }: Station, random: Random): ReportOptions {
  const signed = random.chance(0.7);
  const authored = signed && random.chance(0.5);
  const odd = () => random.chance(0.015);
  const own = (length: number) => digestOf(signed !== odd() ? 1 + random.below(3) : 0, length);
  const enabled = authored !== odd() ? 1 : 0;
  const unknown = random.chance(0.05) ? 2 ** (5 + random.below(27)) : 0;
  return {
    keyInfo: (signingKey === "VLEK" ? 4 : 0) + enabled + unknown,
    guestSvn: signed !== odd() ? random.below(5) : 0,
    familyId: own(16),
    imageId: own(16),
    idKeyDigest: digestOf(signed ? 1 + random.below(3) : 0, 48),
    authorKeyDigest: digestOf(authored !== odd() ? 1 + random.below(3) : 0, 48),
  };
}

function ownerFields(random: Random): ReportOptions {
  return {
    vmpl: random.below(4),
    measurement: digestOf(0xa0 + random.below(3), 48),
    hostData: digestOf(0xb0 + random.below(3), 32),
    reportId: digestOf(0xc0 + random.below(3), 32),
    reportIdMa: digestOf(random.pick([0xff, 0xd1, 0xd2]), 32),
  };
}

function chipField(station: Station, random: Random): Uint8Array {
  const chipId = new Uint8Array(64);
  if (random.chance(station.signingKey === "VLEK" ? 0.5 : 0.12)) return chipId;
  chipId.set(station.hwId);
  return chipId;
}

/** Bytes at and around the ends of the reserved ranges. */
function stain(version: number, random: Random): BytePatch[] {
  const always = [0x18b, 0x19f, 0x1eb, 0x1ef, 0x208, 0x29f];
  const early = version < 3 ? [0x188, 0x18a] : [];
  const middle = version < 5 ? [0x1f8, 0x207] : [];
  return [{ offset: random.pick([...always, ...early, ...middle]), bytes: Uint8Array.of(1 << random.below(8)) }];
}

export function reportOptions(station: Station, reportData: Uint8Array, random: Random): ReportOptions {
  const version = random.pick([2, 3, 4, 5, 5]);
  const [cpuidFamId, cpuidModId, cpuidStep] = random.pick(CPUS[station.productLine]);
  const vector = () => BigInt(0x0f | random.below(256)) ^ (random.chance(0.3) ? 1n << BigInt(random.below(4)) : 0n);
  return {
    version,
    ...tcbFields(station, random),
    ...firmwareFields(random),
    ...wordFields(random),
    ...ownerFields(random),
    ...idBlockFields(station, random),
    chipId: chipField(station, random),
    reportData,
    ...(version < 3 ? {} : { cpuidFamId, cpuidModId, cpuidStep }),
    ...(version < 5 ? {} : { launchMitVector: vector(), currentMitVector: vector() }),
    patch: random.chance(0.1) ? stain(version, random) : [],
  };
}
