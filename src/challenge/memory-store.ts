import { checkNow, checkText, readOptions } from "../bytes/arguments.js";
import { storeUnavailable } from "./ask-store.js";
import { LiveIds } from "./live-ids.js";
import { checkWhole } from "./options.js";
import { refusal } from "./refuse.js";
import type { SpentStore } from "./types.js";

/** Options of `memorySpentStore`; an unknown name is a TypeError. */
export interface MemorySpentStoreOptions {
  /** Says that there is one process: a second one, or the same after a restart, does not know what was spent here. */
  singleProcess: true;
  /** How many ids it holds, 1 to 1,000,000; about 200 bytes each. When full of ids that live, it refuses. */
  max: number;
}

const MAX_IDS = 1_000_000;

/**
 * Spent ids in this process's memory: for one process, and for tests. It forgets an id when that has expired and there
 * is need for room, and never again takes one that it may have forgotten, whatever the clock does.
 *
 * `add` rejects with ChallengeError `ERR_CHALLENGE_STORE_FULL` when it holds `max` ids that live, and with
 * `ERR_CHALLENGE_STORE_UNAVAILABLE` for an id that it may have forgotten.
 *
 * @throws TypeError for a missing, unknown or wrong option.
 */
export function memorySpentStore(options: MemorySpentStoreOptions): SpentStore {
  const { singleProcess, max } = readOptions(options, "options", ["singleProcess", "max"]);
  if (singleProcess !== true) {
    throw new TypeError("options.singleProcess must be true: this store knows only what its own process spent");
  }
  const limit = checkWhole(max, "options.max", [1, MAX_IDS]);
  const ids = new LiveIds();
  const add = (id: string, expiry: number, now: number): boolean => {
    if (ids.has(id)) return false;
    if (ids.mayHaveForgotten(expiry)) {
      throw storeUnavailable("may have forgotten the challenge, for the clock went back");
    }
    if (ids.size >= limit) ids.forgetExpired(now);
    if (ids.size >= limit) {
      const message = `the store of spent challenges holds ${limit} that have not expired; raise max, or come back`;
      throw refusal("ERR_CHALLENGE_STORE_FULL", { message, detail: { max: limit } });
    }
    ids.keep(id, expiry);
    return true;
  };
  return Object.freeze({
    // What the executor throws rejects the promise.
    add: (id: string, expiresAt: Date, now: Date = new Date()) =>
      new Promise<boolean>((resolve) =>
        resolve(add(checkText(id, "id"), checkNow(expiresAt, "expiresAt"), checkNow(now, "now"))),
      ),
  });
}
