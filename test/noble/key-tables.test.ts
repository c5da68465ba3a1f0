import { p384 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";
import type { P384PublicKey } from "../../src/crypto/engine.js";
import { createKeyTables, type KeyTables } from "../../src/noble/key-tables.js";

const USES = 4;
const TABLES = 16;

/** As many different keys: multiples of the base point. */
const KEYS: readonly P384PublicKey[] = Array.from({ length: TABLES + 2 }, (_, index) => ({
  kind: "p384",
  point: p384.Point.BASE.multiply(BigInt(index + 2)).toBytes(false),
}));

function use(tables: KeyTables, key: P384PublicKey | undefined, times: number) {
  if (key === undefined) throw new Error("no key");
  let point: ReturnType<KeyTables["pointOf"]>;
  for (let turn = 0; turn < times; turn++) point = tables.pointOf(key);
  return point;
}

describe("tables of keys", () => {
  it("are built for a key that is used again and again, and kept", () => {
    const tables = createKeyTables();
    const [key] = KEYS;
    expect(use(tables, key, USES - 1)).toBeUndefined();
    const point = use(tables, key, 1);
    expect(point?.toBytes(false)).toEqual(key?.point);
    expect(use(tables, key, 1)).toBe(point);
    expect(use(tables, KEYS[1], 1)).toBeUndefined();
  });

  it("are sixteen at the most; one in use is not given up for another key, one out of use is", () => {
    const tables = createKeyTables();
    for (const key of KEYS.slice(0, TABLES)) expect(use(tables, key, USES)).toBeDefined();
    const [first, second] = KEYS;
    const newcomer = KEYS[TABLES];
    expect(use(tables, newcomer, USES)).toBeUndefined();
    // All but the first are used again, until that one is long out of use.
    for (let turn = 0; turn < 1000; turn++) tables.pointOf(KEYS[1 + (turn % (TABLES - 1))] ?? ({} as P384PublicKey));
    expect(use(tables, newcomer, 1)).toBeDefined();
    expect(use(tables, second, 1)).toBeDefined();
    expect(use(tables, first, 1)).toBeUndefined();
    expect(use(tables, KEYS[TABLES + 1], USES)).toBeUndefined();
  });
});
