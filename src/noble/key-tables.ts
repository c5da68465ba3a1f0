import { p384 } from "@noble/curves/nist.js";
import type { P384PublicKey } from "../crypto/engine.js";

type Point = InstanceType<typeof p384.Point>;

/** Tables that are kept, about half a megabyte each. */
const MAX_TABLES = 16;
/** The fourth verification by a key builds its table, which costs as much as seven verifications without one. */
const BUILD_AT = 4;
/** A table that was used within so many verifications is not given up for another key: building is dear. */
const GIVE_UP_AFTER = 1000;
/** Bits of a window: one more saves a tenth of the work and takes twice the memory. */
const WINDOW_BITS = 6;

interface Kept {
  readonly point: Point;
  /** The verification that used it last. */
  used: number;
}

/** Tables of the keys that verify often. */
export interface KeyTables {
  /** The point of a key with its table; undefined where the key has none (yet). */
  pointOf(key: P384PublicKey): Point | undefined;
}

/**
 * Multiples of public keys, worked out beforehand: with them a verification takes a third of the time. A key gets its
 * table when it is used again and again; which one it is depends on public keys alone.
 */
export function createKeyTables(): KeyTables {
  const uses = new WeakMap<P384PublicKey, number>();
  const tables = new Map<P384PublicKey, Kept>();
  let verifications = 0;
  const makeRoom = (): boolean => {
    if (tables.size < MAX_TABLES) return true;
    const [oldest, kept] = [...tables].reduce((a, b) => (b[1].used < a[1].used ? b : a));
    if (verifications - kept.used <= GIVE_UP_AFTER) return false;
    return tables.delete(oldest);
  };
  return {
    pointOf(key) {
      verifications++;
      const kept = tables.get(key);
      if (kept !== undefined) {
        kept.used = verifications;
        return kept.point;
      }
      const count = (uses.get(key) ?? 0) + 1;
      uses.set(key, count);
      if (count < BUILD_AT || !makeRoom()) return undefined;
      uses.delete(key);
      const point = p384.Point.fromBytes(key.point).precompute(WINDOW_BITS, false);
      tables.set(key, { point, used: verifications });
      return point;
    },
  };
}
