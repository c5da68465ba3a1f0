/**
 * A second evaluator of the policy language, written from docs/policy.md and the table of AMD 56860 alone: slow, plain,
 * and without a line of `src`. It walks every way through a policy and holds the report's bytes against each.
 */
import { blockAnswers } from "./block.js";
import type { Block, Excuse, Facts, Inputs, PolicyText, Rule, TextList } from "./facts.js";
import { readAt } from "./facts.js";
import { RULES, type Rules } from "./rules.js";
import { type Answer, entries, isChip, type World } from "./world.js";

export interface Judgement {
  readonly verdict: "accept" | "reject";
  /** `POINTER ID` of what stands in the way; `implied ID` for defaults, `always ID` for what no policy turns off. */
  readonly failed: readonly string[];
  /** Every check of the policy that was held against the evidence, whatever came of it. */
  readonly answers: readonly Answer[];
}

/** Failed defaults beyond which a refusal lists everything that failed. */
const MOST_DEFAULTS = 4;

interface Placed {
  readonly at: string;
  readonly block: Block;
}

/** What fails on a way, and whether it compares REPORT_DATA with what the caller brought. */
interface Walked {
  readonly failing: ReadonlySet<string>;
  readonly compares: boolean;
}

/** Every way through a rule: the blocks that it passes. */
function ways(rule: Rule, at: string, rules: Rules): Placed[][] {
  if (rule.snp !== undefined) return [[{ at: `${at}/snp`, block: rule.snp }]];
  if (rule.anyOf !== undefined)
    return rule.anyOf.flatMap((member, index) => ways(member, `${at}/anyOf/${index}`, rules));
  const members = (rule.allOf ?? []).map((member, index) => ways(member, `${at}/allOf/${index}`, rules));
  if (!rules.allOfIsAll) return members.flat();
  return members.reduce<Placed[][]>(
    (all, further) => all.flatMap((way) => further.map((more) => [...way, ...more])),
    [[]],
  );
}

/** What holds on a way for the claims of which nobody on it speaks. */
function defaultsOn(way: readonly Placed[], world: World): Answer[] {
  const spoken = (test: (block: Block) => unknown) => way.some(({ block }) => test(block) !== undefined);
  const implied: Block = {};
  if (!spoken((block) => block.signingKey)) implied.signingKey = ["VCEK"];
  if (!spoken((block) => block.vmpl)) implied.vmpl = [0, 1, 2, 3];
  const bits = ["debug", "migrateMa", "unknownBits"].filter((bit) => !spoken((block) => block.guestPolicy?.[bit]));
  implied.guestPolicy = Object.fromEntries(bits.map((bit) => [bit, "forbidden"]));
  if (!spoken((block) => block.revocation?.status)) implied.revocation = { status: "checked" };
  if (!spoken((block) => block.reserved)) implied.reserved = "zero";
  return blockAnswers(implied, world).filter(({ id }) => world.rules.defaults.includes(id));
}

function isFor(only: Excuse["only"], world: World): boolean {
  const { facts, rules } = world;
  const at = readAt(facts.report);
  const chipId = at.hex(0x1a0, 64);
  const has = (list: TextList, test: (entry: string) => boolean) => entries(list, world).some(test);
  const parts: boolean[] = [];
  if (only.chipId !== undefined) parts.push(has(only.chipId, (entry) => isChip(entry, chipId)));
  if (only.cspId !== undefined) parts.push(has(only.cspId, (entry) => entry === facts.cspId));
  if (only.productLine !== undefined) parts.push(has(only.productLine, (entry) => entry === facts.productLine));
  if (only.measurement !== undefined) {
    parts.push(has(only.measurement, (entry) => entry.toLowerCase() === at.hex(0x090, 48)));
  }
  return rules.onlyHolds === "every" ? parts.every(Boolean) : parts.some(Boolean);
}

function excused(pointer: string, policy: PolicyText, world: World): boolean {
  return [...(policy.waivers ?? []), ...(policy.warn ?? [])].some(
    ({ check, until, only }) =>
      check === pointer && world.rules.stillCounts(world.inputs.now, Date.parse(until)) && isFor(only, world),
  );
}

/** What fails on a way, without what is excused. */
function walk(way: readonly Placed[], policy: PolicyText, world: World): Walked {
  const written = way.flatMap(({ at, block }) =>
    blockAnswers(block, world).map((answer) => ({ ...answer, pointer: `${at}${answer.at}` })),
  );
  const failing = written
    .filter(({ holds, pointer }) => holds === false && !excused(pointer, policy, world))
    .map(({ id, pointer }) => `${pointer} ${id}`);
  const implied = defaultsOn(way, world).filter(({ holds }) => holds === false);
  return {
    failing: new Set([...failing, ...implied.map(({ id }) => `implied ${id}`)]),
    compares: written.some(({ compares }) => compares === true),
  };
}

/** The ways that decide: those that no other way outdoes by failing in less; all where too many defaults fail. */
function deciding(walked: readonly Walked[]): readonly Walked[] {
  const implied = walked.flatMap(({ failing }) => [...failing]).filter((name) => name.startsWith("implied "));
  if (new Set(implied).size > MOST_DEFAULTS && walked.every(({ failing }) => failing.size > 0)) return walked;
  const outdone = ({ failing }: Walked) =>
    walked.some((other) => other.failing.size < failing.size && [...other.failing].every((name) => failing.has(name)));
  return walked.filter((way) => !outdone(way));
}

function afterwards(policy: PolicyText, { facts, inputs }: World): string[] {
  const { now } = inputs;
  const failed: string[] = [];
  const say = (wrong: boolean, id: string) => {
    if (wrong) failed.push(`always time.${id}`);
  };
  const { notBefore, notAfter } = policy.validity ?? {};
  const { usableUntil } = facts.revocation;
  say(now < facts.verifiedAt, "verification");
  say(usableUntil !== null && now > usableUntil, "crl");
  say(notBefore !== undefined && now < Date.parse(notBefore), "policy.notBefore");
  say(notAfter !== undefined && now > Date.parse(notAfter), "policy.notAfter");
  for (const role of ["leaf", "intermediate", "root"] as const) say(now > facts.notAfter[role], role);
  return failed;
}

/** The oracle's verdict; `rules` with a fault make it a faulty evaluator. */
export function judge(policy: PolicyText, evidence: { facts: Facts; inputs: Inputs }, rules: Rules = RULES): Judgement {
  const world: World = { ...evidence, lists: policy.lists ?? {}, rules };
  const rule: Rule = policy.require ?? { snp: policy.snp ?? {} };
  const all = ways(rule, policy.require === undefined ? "" : "/require", rules);
  const walked = all.map((way) => walk(way, policy, world));
  const decisive = deciding(walked);
  const failed = new Set([...decisive.flatMap(({ failing }) => [...failing]), ...afterwards(policy, world)]);
  const { reportData } = evidence.inputs;
  const found = readAt(evidence.facts.report).hex(0x050, 64);
  // A value made of parts from the evidence counts nowhere but where a rule allows those parts.
  const idle = reportData !== null && (reportData.fromEvidence.length > 0 || reportData.bytes !== found);
  if (idle && !decisive.some(({ compares }) => compares)) failed.add("always input.reportData");
  const answers = [...new Set(all.flat().map(({ block }) => block))].flatMap((block) => blockAnswers(block, world));
  return {
    verdict: failed.size === 0 ? "accept" : "reject",
    failed: [...failed].sort(),
    answers,
  };
}
