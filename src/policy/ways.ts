/**
 * The ways through a policy. A way takes every member of each `allOf` and one member of each `anyOf`; evidence is
 * accepted when every block of one way holds.
 */

/** A key that must be said wherever something else is said. */
export interface Need {
  readonly name: string;
  readonly key: number;
  /** The place that asks for it. */
  readonly pointer: string;
}

/** A block as the ways see it. */
export interface Block {
  readonly kind: "block";
  readonly pointer: string;
  /** The keys of the language that it says, as bits. */
  readonly keys: number;
  /** The strict defaults whose claims it speaks of, as bits. */
  readonly spoken: number;
  /** What must be said on every way through this block. */
  readonly needs: readonly Need[];
  /** Its checks, as a range of the policy's list. */
  readonly first: number;
  readonly end: number;
}

/** `allOf` or `anyOf`; never without members. */
export interface Branch {
  readonly kind: "allOf" | "anyOf";
  readonly pointer: string;
  readonly members: readonly Node[];
}

/** A rule. */
export type Node = Block | Branch;

type Mask = (block: Block) => number;

/** The bits that every way through a rule has. */
export function always(node: Node, mask: Mask): number {
  if (node.kind === "block") return mask(node);
  const bits = node.members.map((member) => always(member, mask));
  return node.kind === "allOf" ? bits.reduce((all, bit) => all | bit, 0) : bits.reduce((all, bit) => all & bit, -1);
}

/** The bits that some way through a rule has. */
function ever(node: Node, mask: Mask): number {
  if (node.kind === "block") return mask(node);
  return node.members.reduce((all, member) => all | ever(member, mask), 0);
}

/**
 * The alternatives that a way takes past a key which not every way says: the members of `anyOf` without it, where
 * another member has it. Empty where the key is said nowhere.
 */
export function wayWithout(node: Node, key: number): readonly string[] {
  const has = ({ keys }: Block) => keys & key;
  if (node.kind === "block" || ever(node, has) === 0) return [];
  if (node.kind === "allOf") return node.members.flatMap((member) => wayWithout(member, key));
  const ways = node.members.map((member, index) => ({ member, place: `${node.pointer}/${index}` }));
  const without = ways.filter(({ member }) => always(member, has) === 0).slice(0, 1);
  return without.flatMap(({ member, place }) => [place, ...wayWithout(member, key)]);
}

/** The first need of a block that some way through it does not meet. */
export function unmetNeed(node: Node, around = 0): Need | undefined {
  const here = around | always(node, ({ keys }) => keys);
  if (node.kind === "block") return node.needs.find(({ key }) => (here & key) === 0);
  for (const member of node.members) {
    const unmet = unmetNeed(member, here);
    if (unmet !== undefined) return unmet;
  }
  return undefined;
}

/**
 * What came of a rule. `ways` has an entry for each different set of failed defaults that a holding way speaks of;
 * it is empty where no way holds.
 */
export interface Outcome {
  readonly node: Node;
  readonly ways: readonly number[];
  readonly members: readonly Outcome[];
}

/** What an evaluation asks of the checks. */
export interface Facts {
  /** True when every check of the block holds. */
  holds(block: Block): boolean;
  /** The strict defaults that failed, as bits. */
  readonly failedDefaults: number;
}

function joined(members: readonly Outcome[]): readonly number[] {
  return members.reduce<readonly number[]>(
    (ways, member) => [...new Set(ways.flatMap((way) => member.ways.map((other) => way | other)))],
    [0],
  );
}

/** Walks a rule once. The work is bounded by the rules times the sets of failed defaults that are possible. */
export function evaluate(node: Node, facts: Facts): Outcome {
  if (node.kind === "block") {
    return { node, ways: facts.holds(node) ? [node.spoken & facts.failedDefaults] : [], members: [] };
  }
  const members = node.members.map((member) => evaluate(member, facts));
  const ways = node.kind === "allOf" ? joined(members) : [...new Set(members.flatMap((member) => member.ways))];
  return { node, ways, members };
}

/** The failed defaults that stand in the way: none where a way that holds speaks of them all. */
export function countingDefaults({ ways }: Outcome, failedDefaults: number): number {
  if (ways.length === 0) return failedDefaults;
  if (ways.includes(failedDefaults)) return 0;
  return ways.reduce((bits, way) => bits | (failedDefaults & ~way), 0);
}

/** A block that decided nothing, and the `anyOf` with another alternative that holds. */
export interface SetAside {
  readonly block: Block;
  readonly anyOf: string;
}

/** True for an alternative that failed beside one that holds, unless it speaks of a default that stands in the way. */
function isIdle({ node, ways }: Outcome, member: Outcome, counting: number): boolean {
  if (node.kind !== "anyOf" || ways.length === 0 || member.ways.length > 0) return false;
  return (ever(member.node, ({ spoken }) => spoken) & counting) === 0;
}

/**
 * The blocks that decided nothing because another alternative holds.
 *
 * @param counting - the answer of `countingDefaults`
 */
export function setAside(outcome: Outcome, counting: number, anyOf?: string): readonly SetAside[] {
  const { node, members } = outcome;
  if (node.kind === "block") return anyOf === undefined ? [] : [{ block: node, anyOf }];
  return members.flatMap((member) =>
    setAside(member, counting, anyOf ?? (isIdle(outcome, member, counting) ? node.pointer : undefined)),
  );
}
