import type { Limiter } from "../config.js";

/** Takes so many permits of a client's from the store that all copies share; milliseconds to wait where it has none. */
export type TakePermits = (client: string, count: number) => Promise<number | null>;

/** How many permits a copy takes at once, and what becomes of them. */
export interface LeaseOptions {
  readonly count: number;
  /** What is not used by then is gone, so that nobody saves permits over the end of a minute. */
  readonly forMs: number;
  /** Clients whose permits are kept; beyond that the oldest lose theirs. */
  readonly max: number;
  readonly clock: () => Date;
}

interface Lease {
  left: number;
  readonly until: number;
}

/**
 * A limiter that asks the shared store for several permits at once and hands them out one by one: a question for every
 * request would cost as much as its parsing. What a client's rate leaves over after the last whole lot is not used.
 */
export function leasedLimiter(take: TakePermits, { count, forMs, max, clock }: LeaseOptions): Limiter {
  const leases = new Map<string, Lease>();
  const asking = new Map<string, Promise<number | null>>();

  const useOne = (client: string): boolean => {
    const lease = leases.get(client);
    if (lease === undefined) return false;
    const isGood = lease.left > 0 && lease.until > clock().getTime();
    if (isGood) lease.left--;
    else leases.delete(client);
    return isGood;
  };

  const lease = async (client: string): Promise<number | null> => {
    const refused = await take(client, count);
    if (refused !== null) return refused;
    // The oldest go first: a map remembers the order in which it was filled.
    const [oldest] = leases.keys();
    if (leases.size >= max && oldest !== undefined) leases.delete(oldest);
    leases.set(client, { left: count - 1, until: clock().getTime() + forMs });
    return null;
  };

  return {
    async take(client) {
      for (;;) {
        if (useOne(client)) return null;
        const asked = asking.get(client);
        if (asked === undefined) break;
        // Who comes meanwhile waits for the same answer, and takes from the same lease.
        const wait = await asked;
        if (wait !== null) return wait;
      }
      const asked = lease(client).finally(() => asking.delete(client));
      asking.set(client, asked);
      return asked;
    },
  };
}
