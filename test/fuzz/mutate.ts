import fc from "fast-check";

/** One change of bytes: places are taken modulo the length at hand. */
type Change =
  | { readonly kind: "set"; readonly at: number; readonly value: number }
  | { readonly kind: "flip"; readonly at: number; readonly bit: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "remove"; readonly at: number; readonly length: number }
  | { readonly kind: "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "word"; readonly at: number; readonly value: number };

const WORD = 4;
/** Numbers at which lengths and counts go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

const at = fc.nat(0xffff);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), at, value: fc.nat(255) }),
  fc.record({ kind: fc.constant("flip" as const), at, bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("cut" as const), at }),
  fc.record({ kind: fc.constant("insert" as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }) }),
  fc.record({ kind: fc.constant("remove" as const), at, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("repeat" as const), at, length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("word" as const), at, value: fc.constantFrom(...EDGES) }),
);

function spliced(bytes: Uint8Array, place: number, { remove, insert }: { remove: number; insert: Uint8Array }) {
  return Uint8Array.of(...bytes.subarray(0, place), ...insert, ...bytes.subarray(place + remove));
}

function word(value: number): Uint8Array {
  const bytes = new Uint8Array(WORD);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

function apply(bytes: Uint8Array, one: Change): Uint8Array {
  const place = bytes.length === 0 ? 0 : one.at % bytes.length;
  const found = bytes[place] ?? 0;
  switch (one.kind) {
    case "set":
      return spliced(bytes, place, { remove: 1, insert: Uint8Array.of(one.value) });
    case "flip":
      return spliced(bytes, place, { remove: 1, insert: Uint8Array.of(found ^ (1 << one.bit)) });
    case "cut":
      return bytes.slice(0, place);
    case "insert":
      return spliced(bytes, place, { remove: 0, insert: one.bytes });
    case "remove":
      return spliced(bytes, place, { remove: one.length, insert: new Uint8Array(0) });
    case "repeat":
      return spliced(bytes, place, { remove: 0, insert: bytes.slice(place, place + one.length) });
    case "word":
      return spliced(bytes, place, { remove: WORD, insert: word(one.value) });
  }
}

/** Seeds with up to eight changes, and now and then bytes that have nothing to do with them. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const changed = fc
    .tuple(fc.constantFrom(...seeds), fc.array(change, { maxLength: 8 }))
    .map(([seed, changes]) => changes.reduce(apply, seed));
  return fc.oneof({ arbitrary: changed, weight: 19 }, { arbitrary: fc.uint8Array({ maxLength: 2000 }), weight: 1 });
}
