import { hkdf } from "@noble/hashes/hkdf.js";
import { sha384 } from "@noble/hashes/sha2.js";
import type { CaRole } from "../amd/anchors.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { PRODUCT_LINES } from "../amd/product-lines.js";
import { bytesToNumber } from "./numbers.js";
import type { ForgedP384Key } from "./p384.js";
import { p384KeyOf } from "./p384.js";
import type { ForgedRsaKey } from "./rsa.js";
import { rsaKeyOfPrimes } from "./rsa.js";
import { PRIME_COUNT } from "./rsa-primes.js";

/** Bytes for one purpose from the seed; the same purpose gives the same bytes. */
export type Derive = (purpose: string, length: number) => Uint8Array;

/** All keys of a forge, made when first asked for. */
export interface Keyring {
  ca(role: CaRole, productLine: ProductLine): ForgedRsaKey;
  leaf(signingKey: SigningKey, productLine: ProductLine, chip: string): ForgedP384Key;
  /** A CA key that no role of any forge has. */
  foreignCa(): ForgedRsaKey;
  /** A leaf key that no chip of this forge has. */
  foreignLeaf(): ForgedP384Key;
}

const ROLES: readonly CaRole[] = ["ARK", "ASK", "ASVK"];
/** The last primes of the pool belong to the foreign key alone. */
const FOREIGN_PRIMES = 2;
const ROLE_PRIMES = PRIME_COUNT - FOREIGN_PRIMES;

/** A derivation from a seed of any length: HKDF with SHA-384, the purpose as its info. */
export function deriveFrom(seed: string | Uint8Array): Derive {
  const key = typeof seed === "string" ? new TextEncoder().encode(seed) : seed.slice();
  const text = new TextEncoder();
  return (purpose, length) => hkdf(sha384, key, text.encode("attestry forge"), text.encode(purpose), length);
}

type PrimePair = readonly [number, number];

/** Pairs of primes for every role of every line, all different. */
function choosePairs(derive: Derive): ReadonlyMap<string, PrimePair> {
  const slots = PRODUCT_LINES.flatMap((line) => ROLES.map((role) => `${role}-${line}`));
  const pairs = new Map<string, PrimePair>();
  const taken = new Set<string>();
  for (const slot of slots) {
    for (let attempt = 0; !pairs.has(slot); attempt++) {
      const pair = pairFrom(derive(`${slot} primes ${attempt}`, 8));
      if (pair === undefined || taken.has(pair.join())) continue;
      taken.add(pair.join());
      pairs.set(slot, pair);
    }
  }
  return pairs;
}

/** Two different role primes, the smaller index first so that a pair has one name; undefined for the same twice. */
function pairFrom(bytes: Uint8Array): PrimePair | undefined {
  const pool = BigInt(ROLE_PRIMES);
  const first = Number(bytesToNumber(bytes.subarray(0, 4)) % pool);
  const second = Number(bytesToNumber(bytes.subarray(4)) % pool);
  if (first === second) return undefined;
  return first < second ? [first, second] : [second, first];
}

function memoized<Value>(): (name: string, make: () => Value) => Value {
  const known = new Map<string, Value>();
  return (name, make) => {
    const value = known.get(name) ?? make();
    known.set(name, value);
    return value;
  };
}

/** The keyring of a seed. Two seeds share the key of a role once in some thirty thousand times. */
export function createKeyring(derive: Derive): Keyring {
  const pairs = choosePairs(derive);
  const cas = memoized<ForgedRsaKey>();
  const leaves = memoized<ForgedP384Key>();
  return {
    ca: (role, productLine) =>
      cas(`${role}-${productLine}`, () => {
        const pair = pairs.get(`${role}-${productLine}`);
        if (pair === undefined) throw new TypeError(`productLine must be Milan, Genoa or Turin, not ${productLine}`);
        return rsaKeyOfPrimes(...pair);
      }),
    leaf: (signingKey, productLine, chip) => {
      const name = `${signingKey}-${productLine} key of ${chip}`;
      return leaves(name, () => p384KeyOf(derive(name, 64)));
    },
    foreignCa: () => cas("foreign", () => rsaKeyOfPrimes(PRIME_COUNT - 2, PRIME_COUNT - 1)),
    foreignLeaf: () => leaves("foreign", () => p384KeyOf(derive("foreign leaf key", 64))),
  };
}
