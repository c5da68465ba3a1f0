import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "../../src/policy/deciding.js";
import type { Block, Node } from "../../src/policy/ways.js";

/** A tree before its blocks have places: a block's bits of spoken defaults and whether it holds, or a branch. */
type Plan =
  | { readonly spoken: number; readonly holds: boolean }
  | { readonly all: boolean; readonly of: readonly Plan[] };

interface Tree {
  readonly root: Node;
  readonly failing: ReadonlySet<Block>;
}

function plant(plan: Plan): Tree {
  const failing = new Set<Block>();
  let count = 0;
  const grow = (part: Plan, pointer: string): Node => {
    if ("of" in part) {
      const kind = part.all ? "allOf" : "anyOf";
      return { kind, pointer, members: part.of.map((member, index) => grow(member, `${pointer}/${index}`)) };
    }
    const first = count++;
    const block: Block = { kind: "block", pointer, keys: 0, spoken: part.spoken, needs: [], first, end: first + 1 };
    if (!part.holds) failing.add(block);
    return block;
  };
  return { root: grow(plan, ""), failing };
}

/** Every way, as the blocks on it. */
function waysOf(node: Node): readonly (readonly Block[])[] {
  if (node.kind === "block") return [[node]];
  if (node.kind === "anyOf") return node.members.flatMap(waysOf);
  return node.members.reduce<readonly (readonly Block[])[]>(
    (ways, member) => ways.flatMap((way) => waysOf(member).map((more) => [...way, ...more])),
    [[]],
  );
}

/** What fails on a way: blocks, and defaults of which no block on it speaks, as text so that sets compare. */
function failuresOf(way: readonly Block[], failing: ReadonlySet<Block>, failed: number): ReadonlySet<string> {
  const spoken = way.reduce((bits, block) => bits | block.spoken, 0);
  const open = [0, 1, 2, 3, 4].filter((at) => (failed & ~spoken & (1 << at)) !== 0);
  return new Set([
    ...way.filter((block) => failing.has(block)).map(({ pointer }) => pointer),
    ...open.map((at) => `d${at}`),
  ]);
}

function isLess(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size < b.size && [...a].every((one) => b.has(one));
}

/** The answer from the definition: a way decides unless another one fails in less. */
function naive({ root, failing }: Tree, failed: number) {
  const ways = waysOf(root).map((way) => ({ way, failures: failuresOf(way, failing, failed) }));
  const deciding = ways.filter(({ failures }) => !ways.some((other) => isLess(other.failures, failures)));
  const blocks = new Set(deciding.flatMap(({ way }) => way));
  const counting = [0, 1, 2, 3, 4].filter((at) => deciding.some(({ failures }) => failures.has(`d${at}`)));
  const aside = waysOf(root)
    .flat()
    .filter((block) => !blocks.has(block));
  return {
    counting: counting.reduce((bits, at) => bits | (1 << at), 0),
    aside: new Set(aside.map(({ pointer }) => pointer)),
  };
}

const leaf: fc.Arbitrary<Plan> = fc.record({ spoken: fc.nat(15), holds: fc.boolean() });
const { plan } = fc.letrec<{ plan: Plan }>((tie) => ({
  plan: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ all: fc.boolean(), of: fc.array(tie("plan"), { minLength: 1, maxLength: 3 }) }),
  ),
}));

function decided({ root, failing }: Tree, failed: number) {
  return decide(root, { holds: (block) => !failing.has(block), failedDefaults: failed });
}

function anyOfs(node: Node): readonly Node[] {
  if (node.kind === "block") return [];
  return [...(node.kind === "anyOf" ? [node] : []), ...node.members.flatMap(anyOfs)];
}

describe("decide", () => {
  it("answers as the definition does, way by way", () => {
    const seen = { held: 0, refused: 0 };
    fc.assert(
      fc.property(plan, fc.nat(15), (planned, failed) => {
        const tree = plant(planned);
        fc.pre(waysOf(tree.root).length <= 200);
        const { counting, aside } = decided(tree, failed);
        const expected = naive(tree, failed);
        expect(counting).toBe(expected.counting);
        expect(new Set(aside.map(({ block }) => block.pointer))).toEqual(expected.aside);
        expect(aside.length).toBe(expected.aside.size);
        for (const { block, anyOf } of aside) {
          const branch = anyOfs(tree.root).find(({ pointer }) => pointer === anyOf);
          expect(block.pointer.startsWith(`${branch?.pointer}/`)).toBe(true);
        }
        seen[expected.counting === 0 ? "held" : "refused"] += 1;
      }),
      { numRuns: 3000, seed: 20261122 },
    );
    expect(Math.min(seen.held, seen.refused)).toBeGreaterThan(300);
  });

  it("counts everything that failed where no way holds and more than four defaults failed", () => {
    const tree = plant({
      all: false,
      of: [
        { spoken: 1, holds: false },
        { spoken: 0, holds: true },
      ],
    });
    expect(decided(tree, 31)).toEqual({ counting: 31, aside: [] });
    expect(decided(tree, 15)).toEqual({ counting: 15, aside: [] });
    const holding = plant({
      all: false,
      of: [
        { spoken: 31, holds: true },
        { spoken: 0, holds: true },
      ],
    });
    expect(decided(holding, 31)).toMatchObject({ counting: 0, aside: [{ block: { pointer: "/1" }, anyOf: "" }] });
  });
});
