/**
 * What decides of the ways through a policy: a way decides unless another one fails in less. Where a way holds, exactly
 * the ways that hold decide.
 */
import type { Block, Node } from "./ways.js";

/** What an evaluation asks of the checks. */
export interface Facts {
  /** True when every check of the block holds. */
  holds(block: Block): boolean;
  /** The strict defaults that failed, as bits. */
  readonly failedDefaults: number;
}

/** A block that decides nothing, and the `anyOf` with another alternative that holds. */
export interface SetAside {
  readonly block: Block;
  readonly anyOf: string;
}

/** What stands in the way, and what does not. */
export interface Decision {
  /** The failed defaults that hold on some way that decides, as bits. */
  readonly counting: number;
  /** The blocks on no way that decides. */
  readonly aside: readonly SetAside[];
}

/** Sets of failed defaults, each as bits: the largest alone, in order. */
type Sets = readonly number[];

/** Ways through a rule that fare alike, whatever stands around the rule. */
interface Kind {
  /** The failed defaults of which they speak, as bits. */
  readonly spoken: number;
  /** True where every block on them holds. */
  readonly holds: boolean;
  /** The failed defaults of which a way can speak that fails in no other block than they do; none in a first look. */
  readonly within: Sets;
  /** The same of ways that fail in fewer blocks. */
  readonly below: Sets;
}

type Kinds = ReadonlyMap<string, Kind>;

/** What a look at the ways is for. */
interface Look extends Facts {
  /** False for the ways that hold alone. */
  readonly all: boolean;
}

/** How many failed defaults are told apart where no way holds. */
const MOST_TOLD_APART = 4;

/** A rule with the kinds of its ways; those that cannot decide are left out. */
interface Outcome {
  readonly node: Node;
  readonly members: readonly Outcome[];
  readonly kinds: Kinds;
}

function countOf(set: number): number {
  return set.toString(2).replaceAll("0", "").length;
}

function covers(set: number, part: number): boolean {
  return (set & part) === part;
}

function largest(sets: readonly number[]): Sets {
  const all = [...new Set(sets)].sort((a, b) => a - b);
  return all.filter((set) => !all.some((other) => other !== set && covers(other, set)));
}

function unions(a: Sets, b: Sets): readonly number[] {
  return a.flatMap((one) => b.map((other) => one | other));
}

function keyOf({ spoken, holds, within, below }: Kind): string {
  return JSON.stringify([spoken, holds, within, below]);
}

function gather(kinds: readonly Kind[]): Kinds {
  const able = kinds.filter(({ spoken, below }) => !below.some((set) => covers(set, spoken)));
  return new Map(able.map((kind) => [keyOf(kind), kind]));
}

function pick(kinds: Kinds, test: (kind: Kind) => boolean): Kinds {
  return new Map([...kinds].filter(([, kind]) => test(kind)));
}

/** The kind of a way through two members of `allOf`. */
function both(a: Kind, b: Kind): Kind {
  return {
    spoken: a.spoken | b.spoken,
    holds: a.holds && b.holds,
    within: largest(unions(a.within, b.within)),
    below: largest([...unions(a.below, b.within), ...unions(a.within, b.below)]),
  };
}

/** The kind that a member's way has as a way through `anyOf`: a way through another member fails in less if it holds. */
function among(members: readonly Outcome[]): (kind: Kind) => Kind {
  const holding = members.flatMap(({ kinds }) => [...kinds.values()].filter(({ holds }) => holds));
  const spoken = holding.map((kind) => kind.spoken);
  return (kind) => {
    if (kind.within.length === 0) return kind;
    const below = kind.holds ? kind.below : largest([...kind.below, ...spoken]);
    return { ...kind, within: largest([...kind.within, ...spoken]), below };
  };
}

function joined(some: Kinds, more: Kinds): Kinds {
  return gather([...some.values()].flatMap((kind) => [...more.values()].map((other) => both(kind, other))));
}

const NOTHING = /* @__PURE__ */ gather([{ spoken: 0, holds: true, within: [0], below: [] }]);

function kindsOfBlock(block: Block, { holds, failedDefaults, all }: Look): Kinds {
  const spoken = block.spoken & failedDefaults;
  if (all) return gather([{ spoken, holds: holds(block), within: [spoken], below: [] }]);
  return gather(holds(block) ? [{ spoken, holds: true, within: [], below: [] }] : []);
}

function kindsOf(node: Node, members: readonly Outcome[], look: Look): Kinds {
  if (node.kind === "block") return kindsOfBlock(node, look);
  if (node.kind === "allOf") return members.reduce((all, { kinds }) => joined(all, kinds), NOTHING);
  return gather(members.flatMap(({ kinds }) => [...kinds.values()]).map(among(members)));
}

function evaluate(node: Node, look: Look): Outcome {
  const members = node.kind === "block" ? [] : node.members.map((member) => evaluate(member, look));
  return { node, members, kinds: kindsOf(node, members, look) };
}

/** A member and those of its kinds that are on ways that decide. */
type Chosen = readonly [member: Outcome, deciding: Kinds];

/** What of each member of `allOf` leads to the kinds that decide. */
function chosenOfAll(members: readonly Outcome[], deciding: Kinds): readonly Chosen[] {
  let before = NOTHING;
  const steps = members.map((member) => {
    const step = { member, before };
    before = joined(before, member.kinds);
    return step;
  });
  let left = deciding;
  const chosen = steps.reverse().map(({ member, before }): Chosen => {
    const leads = (kind: Kind, other: Kind) => left.has(keyOf(both(kind, other)));
    const [of, rest] = [
      pick(member.kinds, (kind) => [...before.values()].some((other) => leads(other, kind))),
      pick(before, (kind) => [...member.kinds.values()].some((other) => leads(kind, other))),
    ];
    left = rest;
    return [member, of];
  });
  return chosen.reverse();
}

function chosenOfAny(members: readonly Outcome[], deciding: Kinds): readonly Chosen[] {
  const lift = among(members);
  return members.map((member) => [member, pick(member.kinds, (kind) => deciding.has(keyOf(lift(kind))))]);
}

function blocksIn(node: Node): readonly Block[] {
  return node.kind === "block" ? [node] : node.members.flatMap(blocksIn);
}

function setAside({ node, members }: Outcome, deciding: Kinds): readonly SetAside[] {
  if (node.kind === "block") return [];
  const chosen = node.kind === "allOf" ? chosenOfAll(members, deciding) : chosenOfAny(members, deciding);
  // Every member of an allOf that decides is on a way that decides: only an anyOf leaves members out.
  return chosen.flatMap(([member, kinds]) =>
    kinds.size > 0 ? setAside(member, kinds) : blocksIn(member.node).map((block) => ({ block, anyOf: node.pointer })),
  );
}

/**
 * What decides. Where no way holds and more than four strict defaults failed, everything that failed counts: the kinds
 * of ways double and redouble with each of them.
 */
export function decide(root: Node, facts: Facts): Decision {
  const { failedDefaults } = facts;
  const holding = evaluate(root, { ...facts, all: false });
  const whole = pick(holding.kinds, ({ spoken }) => spoken === failedDefaults);
  if (whole.size > 0) return { counting: 0, aside: setAside(holding, whole) };
  if (countOf(failedDefaults) > MOST_TOLD_APART) return { counting: failedDefaults, aside: [] };
  const outcome = evaluate(root, { ...facts, all: true });
  const deciding = pick(outcome.kinds, ({ spoken, within }) =>
    within.every((set) => set === spoken || !covers(set, spoken)),
  );
  const open = [...deciding.values()].map(({ spoken }) => failedDefaults & ~spoken);
  return { counting: open.reduce((bits, more) => bits | more, 0), aside: setAside(outcome, deciding) };
}
