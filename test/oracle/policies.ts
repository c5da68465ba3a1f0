import { DEMANDS } from "./demands.js";
import type { Block, Excuse, PolicyText, Rule, TextList } from "./facts.js";
import { readAt } from "./facts.js";
import type { Random } from "./random.js";
import type { Scene } from "./scenes.js";
import type { Wish } from "./wish.js";

type Key = keyof Block;

const KEYS = Object.keys(DEMANDS) as readonly Key[];
const DECISIONS: readonly Key[] = ["measurement", "reportData", "minimumTcb"];
/** Keys that need a trusted ID key beside them. */
const OF_THE_ID_BLOCK: readonly Key[] = ["familyId", "imageId", "guestSvn"];
/** Floors have more ways to be missed than anything else. */
const OFTEN_WRONG: readonly Key[] = [...KEYS, ...Array.from({ length: 5 }, () => "minimumTcb" as const)];
const ISO_SECONDS = 19;

interface Plan {
  readonly scene: Scene;
  readonly random: Random;
  readonly dataSet: string;
  /** How often a demand is not met. */
  readonly failing: number;
  /** A key whose demands are never met. */
  readonly wrong: Key | null;
}

function blockWith(keys: ReadonlySet<Key>, plan: Plan): Block {
  const { scene, random, dataSet, failing, wrong } = plan;
  const block: Block = {};
  for (const key of keys) {
    const wish: Wish = { scene, random, dataSet, met: key !== wrong && !random.chance(failing) };
    Object.assign(block, DEMANDS[key](wish));
  }
  return block;
}

/** The keys of a block with those that must stand beside them. */
function inCompany(keys: readonly Key[], { facts }: Scene): Set<Key> {
  const all = new Set(keys);
  if (OF_THE_ID_BLOCK.some((key) => all.has(key))) all.add("idBlock");
  if (all.has("signingKey") && facts.signingKey === "VLEK") all.add("cspId");
  return all;
}

function leaf(needs: readonly Key[], plan: Plan): Block {
  const { random, scene } = plan;
  const others = random.some(KEYS, 0.13).filter((key) => !DECISIONS.includes(key));
  const keys = inCompany(
    [...needs, ...others, ...(needs.length + others.length === 0 ? (["hostData"] as const) : [])],
    scene,
  );
  const block = blockWith(keys, plan);
  if (block.signingKey !== undefined && "includes" in block.signingKey && block.signingKey.includes("VLEK")) {
    block.cspId ??= "any";
  }
  return block;
}

/** A rule on every way of which all of `needs` is said. */
function ruleWith(needs: readonly Key[], depth: number, plan: Plan): Rule {
  const { random } = plan;
  const shape = depth === 0 ? "snp" : random.pick(["snp", "allOf", "anyOf"]);
  const size = 1 + random.below(3);
  if (shape === "snp") return { snp: leaf(needs, plan) };
  if (shape === "anyOf") {
    const members = Array.from({ length: size }, () =>
      ruleWith(needs, depth - 1, { ...plan, failing: random.chance(0.5) ? plan.failing : plan.failing + 0.2 }),
    );
    return { anyOf: members };
  }
  const bearers = new Map(needs.map((need) => [need, random.below(size)]));
  const members = Array.from({ length: size }, (_, index) =>
    ruleWith(
      needs.filter((need) => bearers.get(need) === index || random.chance(0.1)),
      depth - 1,
      plan,
    ),
  );
  return { allOf: members };
}

/** What a policy must speak of if this evidence is to be accepted at all. */
function needsOf({ facts }: Scene, random: Random): Key[] {
  const at = readAt(facts.report);
  const policy = at.u64(8);
  const stained = at.u32(0x48) >>> 5 !== 0;
  const needs: Key[] = [...DECISIONS];
  if (facts.signingKey === "VLEK" && random.chance(0.95)) needs.push("signingKey");
  if (((policy & 0xc0000n) !== 0n || policy >> 26n !== 0n) && random.chance(0.85)) needs.push("guestPolicy");
  if (facts.revocation.status !== "checked" && random.chance(0.9)) needs.push("revocation");
  if (stained) needs.push("reserved");
  return needs;
}

interface Place {
  readonly at: string;
  readonly block: Block;
}

function placesIn(rule: Rule, at: string): Place[] {
  if (rule.snp !== undefined) return [{ at: `${at}/snp`, block: rule.snp }];
  const below = (name: "allOf" | "anyOf") =>
    (rule[name] ?? []).flatMap((member, index) => placesIn(member, `${at}/${name}/${index}`));
  return [...below("allOf"), ...below("anyOf")];
}

/** The JSON Pointers of what may be waived in a block. */
function waivable({ at, block }: Place): string[] {
  const whole = (["cpu", "minimumTcb", "provisionalFirmware"] as const).filter(
    (key) => block[key] !== undefined && block[key] !== "any",
  );
  const parts = (["platformInfo", "minimumFirmware", "mitigations"] as const).flatMap((key) =>
    Object.entries(block[key] ?? {}).flatMap(([name, said]) => (said === "any" ? [] : [`${key}/${name}`])),
  );
  const ofData = block.advisories === undefined ? [] : ["advisories/dataSet", "advisories/maxAgeSeconds"];
  return [...whole, ...parts, ...ofData].map((name) => `${at}/${name}`);
}

const timeText = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, ISO_SECONDS)}Z`;

/** For whom a waiver is: mostly for this evidence. */
function onlyFor({ facts }: Scene, random: Random): Excuse["only"] {
  const at = readAt(facts.report);
  const chipId = at.hex(0x1a0, 64);
  const only: Excuse["only"] = {};
  const mostly = (right: string, wrong: string) => [random.chance(0.8) ? right : wrong];
  if (random.chance(0.4)) only.productLine = mostly(facts.productLine, "Genoa");
  if (random.chance(0.3)) only.measurement = mostly(at.hex(0x90, 48), "a0".repeat(48));
  if (random.chance(0.3)) only.chipId = mostly(/^0*$/.test(chipId) ? "cd".repeat(64) : chipId, "ab".repeat(64));
  if (random.chance(0.2)) only.cspId = mostly(facts.cspId ?? "CN=cc.one.example", "CN=cc.nobody.example");
  if (Object.keys(only).length === 0) only.productLine = [facts.productLine];
  return only;
}

function excuses(pointers: readonly string[], { scene, random }: Plan): Excuse[] {
  return random.some(pointers, 0.4).map((check) => {
    const until = timeText(scene.inputs.now + random.pick([0, 0, 5000, 86_400_000, 86_400_000, -1000]));
    return { check, until, reason: "INC-1", only: onlyFor(scene, random) };
  });
}

const NAMED: readonly Key[] = ["productLine", "cpu", "signingKey", "cspId", "chipId", "denyChips", "denyCertificates"];
const NAMED_TOO: readonly Key[] = ["measurement", "hostData", "familyId", "imageId", "reportId", "reportIdMa"];

/** Moves some lists out of the blocks and gives them names. */
function nameLists(places: readonly { block: Block }[], random: Random): NonNullable<PolicyText["lists"]> {
  const lists: Record<string, readonly string[]> = {};
  const named = (list: readonly string[]): TextList => {
    const name = `list ${Object.keys(lists).length}`;
    lists[name] = list;
    return { list: name };
  };
  for (const { block } of places) {
    for (const key of random.some([...NAMED, ...NAMED_TOO], 0.3)) {
      const value = block[key];
      if (Array.isArray(value)) Object.assign(block, { [key]: named(value) });
    }
    const { idBlock, advisories } = block;
    if (Array.isArray(idBlock?.idKeyDigests) && random.chance(0.3)) idBlock.idKeyDigests = named(idBlock.idKeyDigests);
    if (Array.isArray(advisories?.ids) && random.chance(0.3)) advisories.ids = named(advisories.ids);
  }
  return lists;
}

function validity({ scene, random }: Plan): NonNullable<PolicyText["validity"]> {
  const { now } = scene.inputs;
  const notBefore = timeText(now + random.pick([-86_400_000, -86_400_000, 0, 1000]));
  const notAfter = timeText(now + random.pick([86_400_000, 86_400_000, 2000, 1000, 0, -1000]));
  return random.pick([{ notBefore }, { notAfter }, { notAfter }]);
}

/** A policy for a scene: about half of them are meant to accept it. */
export function policyFor(scene: Scene, random: Random, dataSet: string): PolicyText {
  const failing = random.chance(0.7) ? 0 : 0.16;
  const wrong = random.chance(0.25) ? random.pick(OFTEN_WRONG) : null;
  const plan: Plan = { scene, random, dataSet, failing, wrong };
  const needs = [...new Set([...needsOf(scene, random), ...(wrong === null ? [] : [wrong])])];
  const short = random.chance(0.25);
  const rule: Rule = short ? { snp: leaf(needs, plan) } : ruleWith(needs, 3, plan);
  const places = placesIn(rule, short ? "" : "/require");
  const pointers = places.flatMap(waivable);
  const [waivers, warn] = [1, 2].map(() => (random.chance(0.35) ? excuses(pointers, plan) : []));
  const lists = random.chance(0.5) ? nameLists(places, random) : {};
  return {
    version: 1,
    id: "differential",
    ...(random.chance(0.15) ? { validity: validity(plan) } : {}),
    ...(Object.keys(lists).length === 0 ? {} : { lists }),
    ...(short ? { snp: rule.snp ?? {} } : { require: rule }),
    ...(waivers === undefined || waivers.length === 0 ? {} : { waivers }),
    ...(warn === undefined || warn.length === 0 ? {} : { warn }),
  };
}
