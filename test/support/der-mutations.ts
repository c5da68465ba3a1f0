import { concatBytes } from "../../src/bytes/codecs.js";

/** Numbers that look random and are the same for the same seed: 0 up to, and without, `below`. */
export type Dice = (below: number) => number;

/** Dice from a seed (the generator known as mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** An element of a DER tree: children where it is constructed, else content. */
interface Node {
  tag: number;
  content: Uint8Array;
  children: Node[] | null;
  header: (length: number) => number[];
}

function shortestHeader(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

/** Well-formed DER below 64 KiB as a tree. */
function grow(bytes: Uint8Array): Node[] {
  const nodes: Node[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0, ...rest] = bytes.subarray(at, at + 4);
    const long = first < 0x80 ? 0 : first & 0x7f;
    const length = first < 0x80 ? first : rest.slice(0, long).reduce((sum, byte) => sum * 256 + byte, 0);
    const content = bytes.slice(at + 2 + long, at + 2 + long + length);
    const constructed = (tag & 0x20) !== 0;
    nodes.push({ tag, content, children: constructed ? grow(content) : null, header: shortestHeader });
    at += 2 + long + length;
  }
  return nodes;
}

function write(nodes: readonly Node[]): Uint8Array {
  const parts = nodes.map(({ tag, content, children, header }) => {
    const body = children === null ? content : write(children);
    return concatBytes(Uint8Array.of(tag, ...header(body.length)), body);
  });
  return concatBytes(...parts);
}

/** Every list of siblings in a tree, the roots included. */
function siblings(nodes: Node[]): Node[][] {
  return [nodes, ...nodes.flatMap(({ children }) => (children === null ? [] : siblings(children)))];
}

const TAGS = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x80, 0xa0, 0xa3];

type Mutation = (list: Node[], index: number, dice: Dice) => void;

/** Changes one node in place. */
function edit(change: (node: Node, dice: Dice) => Partial<Node>): Mutation {
  return (list, index, dice) => {
    const node = list[index];
    if (node !== undefined) Object.assign(node, change(node, dice));
  };
}

/** Changes a node's content; of a constructed one, what its children are written as. */
function editContent(change: (content: Uint8Array, dice: Dice) => Uint8Array): Mutation {
  return edit((node, dice) => ({
    content: change(node.children === null ? node.content : write(node.children), dice),
    children: null,
  }));
}

const flip = (content: Uint8Array, dice: Dice) => {
  const bit = dice(content.length * 8);
  return content.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
};

/** Mutations of one element among its siblings. */
const MUTATIONS: readonly Mutation[] = [
  editContent(flip),
  editContent(flip),
  editContent((content) => content.subarray(0, -1)),
  editContent((content) => content.subarray(1)),
  editContent((content, dice) => concatBytes(content, Uint8Array.of(dice(256)))),
  editContent((content) => concatBytes(Uint8Array.of(0), content)),
  editContent(() => new Uint8Array(0)),
  editContent((content, dice) => content.map(() => dice(256))),
  edit((_, dice) => ({ tag: TAGS[dice(TAGS.length)] ?? 0 })),
  edit(({ tag }, dice) => ({ tag: tag ^ (1 << dice(8)) })),
  edit(() => ({ header: (length) => [0x83, 0, length >> 8, length & 0xff] })),
  edit(() => ({ header: () => [0x80] })),
  edit((_, dice) => ({ header: (length) => shortestHeader(Math.max(0, length + dice(5) - 2)) })),
  (list, index) => list.splice(index, 1),
  (list, index) => list.splice(index, 0, ...list.slice(index, index + 1).map((node) => ({ ...node }))),
  (list, index, dice) => list.splice(dice(list.length), 0, ...list.splice(index, 1)),
];

/** Mutations of the whole without regard to its structure. */
const BLIND: readonly ((bytes: Uint8Array, dice: Dice) => Uint8Array)[] = [
  flip,
  (bytes, dice) => bytes.subarray(0, dice(bytes.length)),
  (bytes, dice) => concatBytes(bytes, new Uint8Array(1 + dice(4))),
  (bytes, dice) => {
    const at = dice(bytes.length);
    return concatBytes(bytes.subarray(0, at), Uint8Array.of(dice(256)), bytes.subarray(at));
  },
  (bytes, dice) => {
    const at = dice(bytes.length);
    return concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1 + dice(8)));
  },
];

/** DER taken apart and written again with the shortest lengths: the same bytes for strict DER. */
export function rewriteDer(der: Uint8Array): Uint8Array {
  return write(grow(der));
}

/** Well-formed DER with one to three mutations, most of them of single elements; the same for the same dice. */
export function mutateDer(der: Uint8Array, dice: Dice): Uint8Array {
  if (dice(8) === 0) return (BLIND[dice(BLIND.length)] ?? flip)(der, dice);
  const roots = grow(der);
  for (let left = 1 + Math.max(0, dice(5) - 2); left > 0; left--) {
    const lists = siblings(roots).filter((list) => list.length > 0);
    const list = lists[dice(lists.length)] ?? roots;
    MUTATIONS[dice(MUTATIONS.length)]?.(list, dice(list.length), dice);
  }
  return write(roots);
}
