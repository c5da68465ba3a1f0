import { readOptions } from "../bytes/arguments.js";
import type { WebCryptoKey } from "../crypto/web-crypto-key.js";
import {
  checkAlgorithm,
  checkKey,
  importKey,
  type KeyJwk,
  type ResultAlgorithm,
  type UsableKey,
} from "./algorithms.js";
import { refusal, shown } from "./fail.js";
import { checkName } from "./names.js";

/** A public key of an issuer. */
export interface VerificationKey {
  /** A CryptoKey that may verify, or a public JWK. */
  readonly publicKey: WebCryptoKey | KeyJwk;
  readonly algorithm: ResultAlgorithm;
  /** As tokens name it. */
  readonly keyId: string;
}

/** A key found by its id. */
export interface FoundKey {
  readonly algorithm: ResultAlgorithm;
  /** As WebCrypto has it. */
  open(): Promise<CryptoKey>;
}

/** Where keys are looked up; `now` in milliseconds since 1970. */
export interface KeyLookup {
  /** The key, or undefined where there is none of that id. */
  find(keyId: string, now: number): Promise<FoundKey | undefined>;
}

const MAX_KEYS = 64;

/** A checked key that is imported when it is first used. */
export function foundKey(usable: UsableKey, algorithm: ResultAlgorithm, refuse: (cause: unknown) => Error): FoundKey {
  let imported: Promise<CryptoKey> | undefined;
  return {
    algorithm,
    open() {
      if (imported !== undefined) return imported;
      const fresh = importKey(usable, algorithm, refuse);
      imported = fresh;
      // A runtime that failed once may work the next time.
      fresh.catch(() => {
        imported = undefined;
      });
      return fresh;
    },
  };
}

function readOwnKey(value: unknown, name: string): readonly [keyId: string, key: FoundKey] {
  const given = readOptions(value, name, ["publicKey", "algorithm", "keyId"]);
  const algorithm = checkAlgorithm(given.algorithm, `${name}.algorithm`);
  const usable = checkKey(given.publicKey, `${name}.publicKey`, [algorithm, "public"]);
  const refuse = (cause: unknown) =>
    new TypeError(`${name}.publicKey must be a key of ${algorithm}, found numbers that are none`, { cause });
  return [checkName(given.keyId, `${name}.keyId`), foundKey(usable, algorithm, refuse)];
}

/**
 * A lookup in a caller's own keys.
 *
 * @throws TypeError for an empty list, one of more than 64, two keys of one id, or a key that is not of its algorithm.
 */
export function ownKeys(value: readonly unknown[], name: string): KeyLookup {
  if (value.length === 0 || value.length > MAX_KEYS) {
    throw new TypeError(`${name} must have 1 to ${MAX_KEYS} keys, found ${value.length}`);
  }
  const entries = Array.from(value, (key, index) => readOwnKey(key, `${name}[${index}]`));
  const keys = new Map(entries);
  if (keys.size !== entries.length) throw new TypeError(`${name} must have an id of its own for each key`);
  return { find: async (keyId) => keys.get(keyId) };
}

/** The error for a key id that leads nowhere. */
export function unknownKey(keyId: string) {
  const message = `expected a token signed by a known key, found ${shown(keyId)}; see whether the issuer has a new key`;
  return refusal("ERR_RESULT_UNKNOWN_KEY", message, { keyId });
}
