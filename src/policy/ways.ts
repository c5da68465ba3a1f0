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
