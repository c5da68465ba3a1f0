import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Splice, splicesBetween } from "../../scripts/vectors/splice.js";
import { fromHex, toHex } from "../../src/bytes/codecs.js";

function apply(base: Uint8Array, splices: readonly Splice[]): Uint8Array {
  const bytes = [...base];
  for (const { offset, remove, insert } of [...splices].reverse()) bytes.splice(offset, remove, ...fromHex(insert));
  return Uint8Array.from(bytes);
}

const count = (length: number) => Uint8Array.from({ length }, (_, index) => index);

describe("splicesBetween", () => {
  it.each<{ what: string; base: Uint8Array; target: Uint8Array; splices: Splice[] }>([
    { what: "nothing", base: count(40), target: count(40), splices: [] },
    { what: "no bytes at all", base: count(0), target: count(0), splices: [] },
    {
      what: "one byte in the middle",
      base: count(40),
      target: count(40).fill(0xff, 20, 21),
      splices: [{ offset: 20, remove: 1, insert: "ff" }],
    },
    {
      what: "a byte more at the end",
      base: count(40),
      target: count(41),
      splices: [{ offset: 40, remove: 0, insert: "28" }],
    },
    {
      what: "a byte less at the end",
      base: count(40),
      target: count(39),
      splices: [{ offset: 39, remove: 1, insert: "" }],
    },
    {
      what: "a byte less at the start",
      base: count(40),
      target: count(40).subarray(1),
      splices: [{ offset: 0, remove: 1, insert: "" }],
    },
    { what: "everything gone", base: count(4), target: count(0), splices: [{ offset: 0, remove: 4, insert: "" }] },
    { what: "everything new", base: count(0), target: count(2), splices: [{ offset: 0, remove: 0, insert: "0001" }] },
  ])("tells $what", ({ base, target, splices }) => expect(splicesBetween(base, target)).toEqual(splices));

  it("tells two changes far apart as two, and near ones as one", () => {
    const change = (...places: number[]) => count(60).map((byte, index) => (places.includes(index) ? 0xff : byte));
    expect(splicesBetween(count(60), change(10, 40))).toHaveLength(2);
    expect(splicesBetween(count(60), change(10, 15))).toEqual([
      { offset: 10, remove: 6, insert: `ff${toHex(count(60).subarray(11, 15))}ff` },
    ]);
  });

  it("tells changes in order, without overlap, that make the target", () => {
    const bytes = fc.uint8Array({ maxLength: 80, max: 3 });
    fc.assert(
      fc.property(bytes, bytes, (base, target) => {
        const splices = splicesBetween(base, target);
        expect(apply(base, splices)).toEqual(target);
        for (const [index, { offset }] of splices.entries()) {
          const before = splices[index - 1];
          expect(offset).toBeGreaterThan(before === undefined ? -1 : before.offset + before.remove);
        }
      }),
    );
  });
});
