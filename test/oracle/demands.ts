import type { Block } from "./facts.js";
import { guestPolicy, minimumFirmware, minimumTcb, mitigations, platformInfo } from "./platform-demands.js";
import { CPUS } from "./reports.js";
import { RULES } from "./rules.js";
import { CSPS, KEYS, LINES } from "./scenes.js";
import { at, byte, bytesAt, cased, cpuText, type Demand, least, listOf, MOST_SECONDS, type Wish } from "./wish.js";
import { cpuName } from "./world.js";

function idBlock(wish: Wish): Block {
  const { random, met } = wish;
  const none = /^0*$/.test(at(wish).hex(0xe0, 48));
  const pool = [1, 2, 3];
  const wrong = met ? "" : random.pick(["id", "author", "none"]);
  const digests = (offset: number, name: string) => bytesAt(offset, 48, pool)({ ...wish, met: name !== wrong });
  const authors = (wrong === "author" || random.chance(0.35)) && (!met || (at(wish).u32(0x48) & 1) === 1 || none);
  return {
    idBlock: {
      ...(random.chance(0.5) || (none && met) ? { required: !(none && met) && random.chance(0.6) } : {}),
      idKeyDigests: digests(0xe0, "id"),
      ...(authors ? { authorKeyDigests: digests(0x110, "author") } : {}),
    },
  };
}

function reportData(wish: Wish): Block {
  const { random, met, scene } = wish;
  const { reportData: brought } = scene.inputs;
  const found = at(wish).hex(0x50, 64);
  if (met && (brought === null || random.chance(0.2)))
    return { reportData: random.pick(["any", { exact: cased(found, random) }]) };
  const scheme = met ? (brought?.scheme ?? "nonce") : random.pick(["nonce", "attestry-v1", "azure"]);
  if (!met && random.chance(0.3)) return { reportData: { exact: byte(random.below(256), 64) } };
  const parts =
    scheme === "attestry-v1" && (met || random.chance(0.3)) ? { parts: { publicKey: "fromEvidence" as const } } : {};
  return { reportData: { scheme, ...parts } };
}

function chips(wish: Wish): { mine: string[]; others: string[] } {
  const { scene, random } = wish;
  const chipId = at(wish).hex(0x1a0, 64);
  const short = /^0*$/.test(chipId.slice(16)) && random.chance(0.7);
  return {
    mine: /^0*$/.test(chipId) ? [] : [short ? chipId.slice(0, 16) : chipId],
    others: ["ab".repeat(8), "cd".repeat(64)].concat(scene.facts.productLine === "Turin" ? ["ef".repeat(8)] : []),
  };
}

function chipId(wish: Wish): Block {
  const { mine, others } = chips(wish);
  return { chipId: listOf(mine[0] ?? "masked", mine.length === 0 ? others : [...others, "masked"], wish) };
}

function denyChips(wish: Wish): Block {
  const { mine, others } = chips(wish);
  const { hwId } = wish.scene.facts;
  const ids = [...mine, ...(hwId === null ? [] : [hwId])];
  return { denyChips: ids.length === 0 ? others : listOf(wish.random.pick(ids), others, { ...wish, met: !wish.met }) };
}

function denyCertificates(wish: Wish): Block {
  const { leafSha256, intermediateSha256 } = wish.scene.facts;
  const others = [byte(0xde, 32), byte(0xdf, 32)];
  return {
    denyCertificates: listOf(wish.random.pick([leafSha256, intermediateSha256]), others, { ...wish, met: !wish.met }),
  };
}

function revocation(wish: Wish): Block {
  const { scene, random, met } = wish;
  const { status, thisUpdate } = scene.facts.revocation;
  const order = RULES.revocationOrder;
  const index = order.indexOf(status);
  const better = index + 1 < order.length ? order.slice(index + 1) : order;
  const words = met ? order.slice(0, index + 1) : better;
  const age = thisUpdate === null ? 100 : Math.max(1, Math.floor((scene.inputs.now - thisUpdate) / 1000));
  const maxAgeSeconds = Math.min(met ? age + random.below(2) : Math.max(1, age - 1), MOST_SECONDS);
  const aged = thisUpdate !== null && random.chance(0.4) ? { maxAgeSeconds } : {};
  return {
    revocation: { ...(met || random.chance(0.5) ? { status: random.pick(words) } : { maxAgeSeconds }), ...aged },
  };
}

function advisories(wish: Wish): Block {
  const { random, met, dataSet } = wish;
  const ids = random.some(["TCB", "FIRMWARE", "BITS", "MITIGATION", "SPARED"], 0.3);
  const never = met ? [] : random.some(["NEVER", "UNKNOWN"], 0.3);
  const all = [...ids, ...never];
  const wrongSet = !met && random.chance(0.3) ? byte(0xad, 48) : dataSet;
  const maxAgeSeconds = random.chance(met ? 0.1 : 0.3) ? 86_400 : MOST_SECONDS;
  return { advisories: { ids: all.length > 0 ? all : ["TCB"], dataSet: cased(wrongSet, random), maxAgeSeconds } };
}

function cpu(wish: Wish): Block {
  const own = cpuName(wish.scene.facts.report);
  return { cpu: listOf(own, Object.values(CPUS).flat().map(cpuText), wish) };
}

function reportVersion(wish: Wish): Block {
  const { random, met } = wish;
  const version = at(wish).u32(0);
  if (!met)
    return { reportVersion: random.chance(0.5) || version === 2 ? { minimum: version + 1 } : { maximum: version - 1 } };
  const [minimum, maximum] = [2 + random.below(version - 1), version + random.below(3)];
  return { reportVersion: random.pick([{ minimum }, { maximum }, { minimum, maximum }]) };
}

function cspId(wish: Wish): Block {
  if (wish.met && wish.random.chance(0.3)) return { cspId: "any" };
  return { cspId: listOf(wish.scene.facts.cspId, [...CSPS, "CN=cc.nobody.example"], wish) };
}

function vmpl(wish: Wish): Block {
  const levels = listOf(String(at(wish).u32(0x30)), ["0", "1", "2", "3"], wish);
  return { vmpl: levels.map(Number) };
}

/** For each key of the block, how to demand something by it. */
export const DEMANDS: Readonly<Record<keyof Block, Demand>> = {
  productLine: (wish) => ({ productLine: listOf(wish.scene.facts.productLine, LINES, wish) }),
  cpu,
  reportVersion,
  signingKey: (wish) => ({ signingKey: listOf(wish.scene.facts.signingKey, KEYS, wish) }),
  cspId,
  chipId,
  denyChips,
  denyCertificates,
  measurement: (wish) =>
    wish.met && wish.random.chance(0.2)
      ? { measurement: "any" }
      : { measurement: bytesAt(0x90, 48, [0xa0, 0xa1, 0xa2])(wish) },
  reportData,
  hostData: (wish) => ({ hostData: bytesAt(0xc0, 32, [0xb0, 0xb1, 0xb2])(wish) }),
  familyId: (wish) => ({ familyId: bytesAt(0x10, 16, [1, 2, 3])(wish) }),
  imageId: (wish) => ({ imageId: bytesAt(0x20, 16, [1, 2, 3])(wish) }),
  reportId: (wish) => ({ reportId: bytesAt(0x140, 32, [0xc0, 0xc1, 0xc2])(wish) }),
  reportIdMa: (wish) => ({ reportIdMa: bytesAt(0x160, 32, [0xff, 0xd1, 0xd2])(wish) }),
  guestSvn: (wish) => ({ guestSvn: { minimum: least(at(wish).u32(4), wish, 0xffffffff) } }),
  vmpl,
  guestPolicy,
  platformInfo,
  minimumTcb,
  minimumFirmware,
  provisionalFirmware: ({ random }) => ({ provisionalFirmware: random.chance(0.8) ? "forbidden" : "any" }),
  mitigations,
  advisories,
  idBlock,
  revocation,
  reserved: ({ random }) => ({ reserved: random.pick(["zero", "any"]) }),
};
