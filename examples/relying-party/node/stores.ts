import { memorySpentStore, redisSpentStore, type SpentStore } from "attestry/challenge";
import { type Cache, createMemoryCache } from "attestry/kds";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { Limiter, Sessions } from "../config.js";
import { leasedLimiter, type TakePermits } from "../service/leased-limiter.js";
import type { Redis } from "./redis.js";

/** Everything that copies of the service share, or that one copy keeps to itself. */
export interface Stores {
  readonly spent: SpentStore;
  readonly certificates: Cache;
  readonly sessions: Sessions;
  readonly limiter: Limiter;
}

/** About 20 MB of ids; beyond it releases are refused until some have expired. */
const MAX_SPENT = 100_000;
const MAX_SESSIONS = 10_000;

/** A copy takes this part of a client's rate at once, and so many permits at the most. */
const LEASED_PART = 0.01;
const MOST_LEASED = 20;
const LEASED_MS = 5000;
const MAX_LEASES = 10_000;

function takeFrom(rates: RateLimiterMemory | RateLimiterRedis): TakePermits {
  return async (client, count) => {
    try {
      await rates.consume(client, count);
      return null;
    } catch (refusal) {
      // The library rejects with its answer; an error is an error.
      if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
      throw refusal;
    }
  };
}

/** Whoever asks another process for permits asks for several at once. */
function leased(rates: RateLimiterRedis, perMinute: number): Limiter {
  const count = Math.min(MOST_LEASED, Math.max(1, Math.floor(LEASED_PART * perMinute)));
  const options = { count, forMs: LEASED_MS, max: MAX_LEASES, clock: () => new Date() };
  return leasedLimiter(takeFrom(rates), options);
}

function memorySessions(): Sessions {
  const kept = new Map<string, { readonly value: string; readonly until: number }>();
  return {
    keep(id, value, expiresAt) {
      // The oldest go first: a map remembers the order in which it was filled.
      const [oldest] = kept.keys();
      if (kept.size >= MAX_SESSIONS && oldest !== undefined) kept.delete(oldest);
      kept.set(id, { value, until: expiresAt.getTime() });
    },
    find(id) {
      const found = kept.get(id);
      return found !== undefined && found.until > Date.now() ? found.value : null;
    },
  };
}

/** For one copy, which forgets everything when it ends. */
export function memoryStores(perMinute: number): Stores {
  const take = takeFrom(new RateLimiterMemory({ points: perMinute, duration: 60 }));
  return {
    spent: memorySpentStore({ singleProcess: true, max: MAX_SPENT }),
    certificates: createMemoryCache(),
    sessions: memorySessions(),
    limiter: { take: (client) => take(client, 1) },
  };
}

function lifeOf(expiresAt: Date): string {
  return String(Math.max(1, expiresAt.getTime() - Date.now()));
}

/** For any number of copies, which use one Redis and one prefix. */
export function redisStores(
  { send, client }: Redis,
  { perMinute, prefix }: { readonly perMinute: number; readonly prefix: string },
): Stores {
  // A Redis that is gone lets each copy count for itself; releases stop, since nobody can spend a challenge.
  const rates = { points: perMinute, duration: 60 };
  const insuranceLimiter = new RateLimiterMemory(rates);
  const shared = { storeClient: client, useRedisPackage: true, rejectIfRedisNotReady: true };
  return {
    spent: redisSpentStore({ send, prefix: `${prefix}spent:` }),
    certificates: {
      async get(key) {
        const found = await send(["GET", `${prefix}certificate:${key}`]);
        return typeof found === "string" ? new Uint8Array(Buffer.from(found, "base64")) : undefined;
      },
      async set(key, bytes, { expiresAt }) {
        const text = Buffer.from(bytes).toString("base64");
        await send(["SET", `${prefix}certificate:${key}`, text, "PX", lifeOf(expiresAt)]);
      },
    },
    sessions: {
      async keep(id, value, expiresAt) {
        await send(["SET", `${prefix}session:${id}`, value, "PX", lifeOf(expiresAt)]);
      },
      async find(id) {
        const found = await send(["GET", `${prefix}session:${id}`]);
        return typeof found === "string" ? found : null;
      },
    },
    limiter: leased(
      new RateLimiterRedis({ ...rates, ...shared, insuranceLimiter, keyPrefix: `${prefix}rate` }),
      perMinute,
    ),
  };
}
