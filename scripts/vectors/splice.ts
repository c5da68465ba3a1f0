import { toHex } from "../../src/bytes/codecs.js";

/** A change of bytes: at `offset` of the base, `remove` bytes go and the bytes of `insert` (hex) come. */
export interface Splice {
  offset: number;
  remove: number;
  insert: string;
}

/** Equal runs shorter than this do not split a change in two: a signature is one change, not a hundred. */
const SHORTEST_GAP = 12;

interface Run {
  /** Start in the base and in the target, and how many bytes are equal from there. */
  base: number;
  target: number;
  length: number;
}

/** Lengths of the longest common subsequence of every pair of tails. */
function commonTails(base: Uint8Array, target: Uint8Array): (i: number, j: number) => number {
  const width = target.length + 1;
  const table = new Uint16Array((base.length + 1) * width);
  for (let i = base.length - 1; i >= 0; i--) {
    for (let j = target.length - 1; j >= 0; j--) {
      const at = i * width + j;
      table[at] =
        base[i] === target[j] ? (table[at + width + 1] ?? 0) + 1 : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0);
    }
  }
  return (i, j) => table[i * width + j] ?? 0;
}

/** The equal runs of the best alignment that are long enough to keep, in order, with an empty one at the end. */
function equalRuns(base: Uint8Array, target: Uint8Array): Run[] {
  const common = commonTails(base, target);
  const runs: Run[] = [];
  let [i, j] = [0, 0];
  while (i < base.length && j < target.length) {
    const start = { base: i, target: j };
    while (i < base.length && j < target.length && base[i] === target[j]) {
      i++;
      j++;
    }
    const length = i - start.base;
    if (length >= SHORTEST_GAP || (length > 0 && i === base.length && j === target.length))
      runs.push({ ...start, length });
    if (length > 0) continue;
    if (common(i + 1, j) >= common(i, j + 1)) i++;
    else j++;
  }
  return [...runs, { base: base.length, target: target.length, length: 0 }];
}

/** How many bytes two arrays share from the start. */
function commonStart(base: Uint8Array, target: Uint8Array): number {
  const differs = base.findIndex((byte, index) => byte !== target[index]);
  return differs < 0 ? base.length : differs;
}

/** The changes that turn `base` into `target`, in order, offsets counted in the base. */
export function splicesBetween(base: Uint8Array, target: Uint8Array): Splice[] {
  const start = commonStart(base, target);
  const splices: Splice[] = [];
  let [i, j] = [start, start];
  for (const run of equalRuns(base.subarray(start), target.subarray(start))) {
    const [baseEnd, targetEnd] = [start + run.base, start + run.target];
    if (baseEnd > i || targetEnd > j) {
      splices.push({ offset: i, remove: baseEnd - i, insert: toHex(target.subarray(j, targetEnd)) });
    }
    [i, j] = [baseEnd + run.length, targetEnd + run.length];
  }
  return splices;
}
