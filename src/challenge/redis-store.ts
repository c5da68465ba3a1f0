import { checkNow, checkText, readOptions } from "../bytes/arguments.js";
import { storeUnavailable } from "./ask-store.js";
import { CHALLENGE_CLOCK_SKEW_MS } from "./time.js";
import type { SpentStore } from "./types.js";

/** Options of `redisSpentStore`; an unknown name is a TypeError. */
export interface RedisSpentStoreOptions {
  /**
   * Sends one command and answers its reply, "OK" as a string and nil as null: `(args) => client.sendCommand([...args])`
   * of @redis/client, `([name = "", ...rest]) => client.call(name, ...rest)` of ioredis. It rejects on an error.
   */
  send: (args: readonly string[]) => Promise<unknown>;
  /** What keys begin with, 1 to 256 characters; of its own for each service, the same for all its copies. */
  prefix: string;
}

const MAX_PREFIX = 256;

/**
 * Spent ids in Redis, for any number of copies: `SET key 1 NX PX ms`, of which Redis lets exactly one win. A key lives
 * until its challenge has expired and `CHALLENGE_CLOCK_SKEW_MS` longer.
 *
 * It is as good as the memory of that Redis: one that evicts keys, or loses them at a restart or failover, lets a
 * challenge be spent again for the rest of its life.
 *
 * `add` rejects with ChallengeError `ERR_CHALLENGE_STORE_UNAVAILABLE` for a reply that is neither "OK" nor null, and as
 * `send` does.
 *
 * @throws TypeError for a missing, unknown or wrong option.
 */
export function redisSpentStore(options: RedisSpentStoreOptions): SpentStore {
  const raw = readOptions(options, "options", ["send", "prefix"]);
  if (typeof raw.send !== "function") throw new TypeError("options.send must be a function that sends a command");
  // What it takes and answers is the caller's word; the answer is looked at below.
  const send = raw.send as RedisSpentStoreOptions["send"];
  const prefix = checkText(raw.prefix, "options.prefix");
  if (prefix === "" || prefix.length > MAX_PREFIX) {
    throw new TypeError(`options.prefix must have 1 to ${MAX_PREFIX} characters, found ${prefix.length}`);
  }
  return Object.freeze({
    async add(id: string, expiresAt: Date, now: Date = new Date()): Promise<boolean> {
      const key = prefix + checkText(id, "id");
      const left = Math.max(0, checkNow(expiresAt, "expiresAt") - checkNow(now, "now"));
      const reply = await send(["SET", key, "1", "NX", "PX", String(left + CHALLENGE_CLOCK_SKEW_MS)]);
      if (reply === "OK") return true;
      if (reply === null) return false;
      throw storeUnavailable('answered a command with neither "OK" nor nil');
    },
  });
}
