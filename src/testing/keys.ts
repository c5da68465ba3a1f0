import { hkdf } from "@noble/hashes/hkdf.js";
import { sha384 } from "@noble/hashes/sha2.js";
import type { CaRole } from "../amd/anchors.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { PRODUCT_LINES } from "../amd/product-lines.js";
import type { ForgedP384Key } from "./p384.js";
import { p384KeyOf } from "./p384.js";
import type { ForgedRsaKey } from "./rsa.js";
import { PRIMES_PER_KEY, rsaKeyOfPrimes } from "./rsa.js";
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
const ROLE_PRIMES = PRIME_COUNT - PRIMES_PER_KEY;
const FOREIGN = Array.from({ length: PRIMES_PER_KEY }, (_, place) => ROLE_PRIMES + place);

/** A derivation from a seed of any length: HKDF with SHA-384, the purpose as its info. */
export function deriveFrom(seed: string | Uint8Array): Derive {
  const key = typeof seed === "string" ? new TextEncoder().encode(seed) : seed.slice();
  const text = new TextEncoder();
  return (purpose, length) => hkdf(sha384, key, text.encode("attestry forge"), text.encode(purpose), length);
}

/** Primes for every role of every line: four each, and no two roles the same four. */
function choosePrimes(derive: Derive): ReadonlyMap<string, readonly number[]> {
  const slots = PRODUCT_LINES.flatMap((line) => ROLES.map((role) => `${role}-${line}`));
  const chosen = new Map<string, readonly number[]>();
  const taken = new Set<string>();
  for (const slot of slots) {
    for (let attempt = 0; !chosen.has(slot); attempt++) {
      const primes = primesFrom(derive(`${slot} primes ${attempt}`, 4 * PRIMES_PER_KEY));
      if (primes.length < PRIMES_PER_KEY || taken.has(primes.join())) continue;
      taken.add(primes.join());
      chosen.set(slot, primes);
    }
  }
  return chosen;
}

/** The different primes that the bytes choose, four bytes each, in rising order so that a choice has one name. */
function primesFrom(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const indices = Array.from({ length: PRIMES_PER_KEY }, (_, place) => view.getUint32(4 * place) % ROLE_PRIMES);
  return [...new Set(indices)].sort((a, b) => a - b);
}

function memoized<Value>(): (name: string, make: () => Value) => Value {
  const known = new Map<string, Value>();
  return (name, make) => {
    const value = known.get(name) ?? make();
    known.set(name, value);
    return value;
  };
}

/** The keyring of a seed. Two seeds share the key of a role once in some hundred million times. */
export function createKeyring(derive: Derive): Keyring {
  const primes = choosePrimes(derive);
  const cas = memoized<ForgedRsaKey>();
  const leaves = memoized<ForgedP384Key>();
  return {
    ca: (role, productLine) =>
      cas(`${role}-${productLine}`, () => {
        const indices = primes.get(`${role}-${productLine}`);
        if (indices === undefined) throw new TypeError(`productLine must be Milan, Genoa or Turin, not ${productLine}`);
        return rsaKeyOfPrimes(indices);
      }),
    leaf: (signingKey, productLine, chip) => {
      const name = `${signingKey}-${productLine} key of ${chip}`;
      return leaves(name, () => p384KeyOf(derive(name, 64)));
    },
    foreignCa: () => cas("foreign", () => rsaKeyOfPrimes(FOREIGN)),
    foreignLeaf: () => leaves("foreign", () => p384KeyOf(derive("foreign leaf key", 64))),
  };
}
