import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHALLENGE_CLOCK_SKEW_MS, redisSpentStore } from "../../src/challenge/index.js";
import { type Redis, startRedis } from "../examples/redis.js";
import { needs } from "../support/needs.js";
import { type Copy, openCopy } from "./redis-client.js";
import { PURPOSE, TTL } from "./support.js";

const RACES = 100;

describe.runIf(needs("redis-server"))("two copies of a service and one Redis", () => {
  let redis: Redis;
  const copies: Copy[] = [];
  const open = async (storeTimeoutMs?: number) => {
    const copy = await openCopy(redis.url, storeTimeoutMs);
    copies.push(copy);
    return copy;
  };
  let one: Copy;
  let two: Copy;
  beforeAll(async () => {
    redis = await startRedis();
    [one, two] = [await open(), await open()];
  });
  afterAll(async () => {
    for (const copy of copies) if (copy.client.isOpen) copy.close();
    await redis.stop();
  });

  it("verify each other's challenges, and what one spent the other refuses", async () => {
    const { nonce, id } = await one.challenger.issue(PURPOSE);
    await two.challenger.spend(await two.challenger.verify(nonce, PURPOSE));
    await expect(one.challenger.spend(await one.challenger.verify(nonce, PURPOSE))).toFailWith("ERR_CHALLENGE_SPENT", {
      id,
    });
  });

  it(`race for a challenge ${RACES} times: exactly one wins, and neither always`, async () => {
    const winners = new Set<number>();
    for (let race = 0; race < RACES; race++) {
      const { nonce } = await one.challenger.issue(PURPOSE);
      const runners = race % 2 === 0 ? [one, two] : [two, one];
      const ready = await Promise.all(
        runners.map(async ({ challenger }) => ({ challenger, verified: await challenger.verify(nonce, PURPOSE) })),
      );
      const ends = await Promise.allSettled(ready.map(({ challenger, verified }) => challenger.spend(verified)));
      const lost = ends.filter((end) => end.status === "rejected").map(({ reason }) => reason.code);
      expect(lost, `race ${race}`).toEqual(["ERR_CHALLENGE_SPENT"]);
      winners.add((ends.findIndex(({ status }) => status === "fulfilled") + race) % 2);
    }
    expect(winners.size).toBe(2);
  });

  it("keep an id as long as its nonce lives and the tolerance", async () => {
    const { nonce, id } = await one.challenger.issue(PURPOSE);
    await one.challenger.spend(await one.challenger.verify(nonce, PURPOSE));
    const left = await one.client.pTTL(`spent:${id}`);
    expect(left).toBeGreaterThan(TTL + CHALLENGE_CLOCK_SKEW_MS - 10_000);
    expect(left).toBeLessThanOrEqual(TTL + CHALLENGE_CLOCK_SKEW_MS);
    expect(await one.client.get(`spent:${id}`)).toBe("1");
  });

  it("give up when Redis takes too long, and refuse what it took all the same", async () => {
    const hasty = await open(100);
    const { nonce } = await hasty.challenger.issue(PURPOSE);
    const verified = await hasty.challenger.verify(nonce, PURPOSE);
    await one.client.sendCommand(["CLIENT", "PAUSE", "400", "ALL"]);
    await expect(hasty.challenger.spend(verified)).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE", {
      reason: "did not answer within 100 ms",
    });
    // Redis got the command and runs it after its pause: nobody may spend what nobody is sure of.
    await one.client.ping();
    await expect(one.challenger.spend(await one.challenger.verify(nonce, PURPOSE))).toFailWith("ERR_CHALLENGE_SPENT");
  });

  it("refuse when Redis is out of memory and may not evict", async () => {
    const { challenger, client } = one;
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    await client.sendCommand(["CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "1"]);
    try {
      await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE", { reason: "failed" });
    } finally {
      await client.sendCommand(["CONFIG", "SET", "maxmemory", "0"]);
    }
    await expect(challenger.spend(verified)).resolves.toBeUndefined();
  });

  it("refuse when the key holds something else already", async () => {
    const { challenger, client } = one;
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    await client.sendCommand(["LPUSH", `spent:${verified.id}`, "x"]);
    await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_SPENT");
  });

  it("cannot tell from a reply inside a transaction", async () => {
    const { client } = await open();
    const store = redisSpentStore({ send: (args) => client.sendCommand([...args]), prefix: "spent:" });
    await client.sendCommand(["MULTI"]);
    const adding = store.add("in a transaction", new Date(Date.now() + 1000));
    await expect(adding).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE");
  });

  it("take an id again that Redis lost: the store is as good as its memory", async () => {
    const { challenger, client } = one;
    const { nonce } = await challenger.issue(PURPOSE);
    await challenger.spend(await challenger.verify(nonce, PURPOSE));
    await client.sendCommand(["FLUSHALL"]);
    await expect(challenger.spend(await challenger.verify(nonce, PURPOSE))).resolves.toBeUndefined();
  });
});

describe.runIf(needs("redis-server"))("a copy whose Redis dies", () => {
  it("refuses, and may come back", { timeout: 20_000 }, async () => {
    const redis = await startRedis();
    const { challenger, close, client } = await openCopy(redis.url, 1000);
    const handles = [];
    for (let count = 0; count < 3; count++) {
      handles.push(await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE));
    }
    const [before, during, after] = handles;
    if (before === undefined || during === undefined || after === undefined) throw new Error("three were issued");
    await challenger.spend(before);
    // Without an answer to come: the command is under way when the server goes.
    await client.sendCommand(["CLIENT", "PAUSE", "60000", "ALL"]);
    const spending = challenger.spend(during);
    const refused = expect(spending).rejects.toMatchObject({
      code: "ERR_CHALLENGE_STORE_UNAVAILABLE",
      retryable: true,
    });
    await redis.stop();
    await refused;
    await expect(challenger.spend(after)).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE");
    if (client.isOpen) close();
  });
});
