import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openChallenger } from "../../examples/redis-challenge.js";
import { PURPOSE, secretOf, TTL } from "../challenge/support.js";
import { needs } from "../support/needs.js";
import { type Redis, startRedis } from "./redis.js";

describe.runIf(needs("redis-server"))("a challenger with its spent challenges in Redis", () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  const open = () =>
    openChallenger(redis.url, {
      keys: [{ id: "k1", secret: secretOf(1) }],
      ttlMs: TTL,
      clock: () => new Date(),
    });

  it("shares them with the next copy", async () => {
    const [one, two] = [await open(), await open()];
    const { nonce } = await one.challenger.issue(PURPOSE);
    const [first, second] = [await one.challenger.verify(nonce, PURPOSE), await two.challenger.verify(nonce, PURPOSE)];
    await one.challenger.spend(first);
    await expect(two.challenger.spend(second)).toFailWith("ERR_CHALLENGE_SPENT");
    await Promise.all([one.close(), two.close()]);
  });

  it("refuses at once when the connection is gone", async () => {
    const { challenger, close } = await open();
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    await close();
    await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE", { reason: "failed" });
  });
});
