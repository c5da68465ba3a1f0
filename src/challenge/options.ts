import { byteLengthOf, checkNow, checkText, copyBytes, readOptions } from "../bytes/arguments.js";
import { isZero } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import { checkEngine } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { createMacKey, type MacKey } from "./mac.js";
import { KEY_ID } from "./token.js";
import type { ChallengerOptions, SpentStore } from "./types.js";

const MAX_KEYS = 16;
const LEAST_SECRET = 32;
const GREATEST_SECRET = 1024;
const MAX_TTL_MS = 86_400_000;
const MAX_STORE_TIMEOUT_MS = 600_000;
const STORE_TIMEOUT_MS = 2000;

/** The options, whole. */
export interface ChallengerSettings {
  readonly signingKey: MacKey;
  readonly keys: ReadonlyMap<string, MacKey>;
  readonly ttlMs: number;
  /** Milliseconds since 1970, by the caller's clock. */
  readonly now: () => number;
  readonly spentStore: SpentStore;
  readonly storeTimeoutMs: number;
}

/** A whole number in its bounds. @throws TypeError for anything else. */
export function checkWhole(value: unknown, name: string, [min, max]: readonly [min: number, max: number]): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`${name} must be a whole number of ${min} to ${max}, found ${textOf(value)}`);
}

function readSecret(value: unknown, name: string): Uint8Array {
  const length = byteLengthOf(value, name);
  if (length < LEAST_SECRET || length > GREATEST_SECRET) {
    throw new TypeError(`${name} must have ${LEAST_SECRET} to ${GREATEST_SECRET} bytes, found ${length}`);
  }
  const secret = copyBytes(value, name);
  if (isZero(secret)) throw new TypeError(`${name} must be random bytes, found nothing but zeros`);
  return secret;
}

function readKey(value: unknown, name: string, engine: CryptoEngine | undefined): MacKey {
  const raw = readOptions(value, name, ["id", "secret"]);
  const id = checkText(raw.id, `${name}.id`);
  if (!KEY_ID.test(id)) throw new TypeError(`${name}.id must be 1 to 32 of A-Z, a-z, 0-9, ".", "-" and "_"`);
  return createMacKey(id, readSecret(raw.secret, `${name}.secret`), engine);
}

function readKeys(value: unknown, engine: CryptoEngine | undefined): Pick<ChallengerSettings, "signingKey" | "keys"> {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  // Measured before it is copied; a list of another kind counts as empty.
  const read = (key: unknown, index: number) => readKey(key, `options.keys[${index}]`, engine);
  const keys = list.length > MAX_KEYS ? [] : Array.from(list, read);
  const [signingKey] = keys;
  if (signingKey === undefined) throw new TypeError(`options.keys must be a list of 1 to ${MAX_KEYS} keys`);
  const byId = new Map(keys.map((key) => [key.id, key] as const));
  if (byId.size !== keys.length) throw new TypeError("options.keys must have an id of its own for each key");
  return { signingKey, keys: byId };
}

function isSpentStore(value: unknown): value is SpentStore {
  return typeof Object(value).add === "function";
}

/** The options with their default. @throws TypeError naming the option */
export function readChallengerOptions(options: ChallengerOptions): ChallengerSettings {
  const names = ["keys", "ttlMs", "clock", "spentStore", "storeTimeoutMs", "engine"] as const;
  const given = readOptions(options, "options", names);
  const { keys, ttlMs, clock, spentStore, storeTimeoutMs = STORE_TIMEOUT_MS } = given;
  const engine = given.engine === undefined ? undefined : checkEngine(given.engine, "options.engine");
  if (typeof clock !== "function") throw new TypeError("options.clock must be a function such as () => new Date()");
  if (!isSpentStore(spentStore)) throw new TypeError("options.spentStore must be a SpentStore with add");
  return {
    ...readKeys(keys, engine),
    ttlMs: checkWhole(ttlMs, "options.ttlMs", [1, MAX_TTL_MS]),
    now: () => checkNow(clock(), "options.clock()"),
    spentStore,
    storeTimeoutMs: checkWhole(storeTimeoutMs, "options.storeTimeoutMs", [1, MAX_STORE_TIMEOUT_MS]),
  };
}
