import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { openCollateral } from "../../examples/redis-collateral.js";
import { createForge } from "../../src/testing/index.js";
import { type FakeKds, startFakeKds } from "../../src/testing/kds/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { needs } from "../support/needs.js";
import { type Redis, startRedis } from "./redis.js";

describe.runIf(needs("redis-server"))("a client with a cache in Redis", async () => {
  const real = Date.now();
  const forge = await createForge({ seed: "redis", now: new Date(real) });
  const { evidence, anchors, now } = forge.evidence({ omit: ["leaf", "intermediate", "root", "crl"] });
  let redis: Redis;
  let kds: FakeKds;
  beforeAll(async () => {
    redis = await startRedis();
    kds = await startFakeKds({ forge });
  });
  afterAll(async () => {
    await redis.stop();
    await kds.close();
  });
  beforeEach(() => kds.forget());

  const opened: { close(): Promise<void> }[] = [];
  afterAll(() => Promise.all(opened.map((service) => service.close())));
  const open = () => {
    const service = openCollateral(redis.url, { now: () => now, anchors, baseUrl: kds.url });
    opened.push(service);
    return service;
  };

  it("shares downloads with the next instance", async () => {
    const verified = await verifyEvidence(evidence, { now, anchors, collateral: open().collateral });
    expect(verified.revocation).toMatchObject({ status: "checked", source: "collateral" });
    expect(kds.count()).toBe(3);
    const again = await verifyEvidence(evidence, { now, anchors, collateral: open().collateral });
    expect(again.toJSON()).toEqual(verified.toJSON());
    expect(kds.count()).toBe(3);
  });

  it("keeps bytes as bytes, each under its key", async () => {
    const [one, two] = [open().cache, open().cache];
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    const expiresAt = new Date(now.getTime() + 60_000);
    await one.set("a", bytes, { expiresAt });
    await one.set("b", new Uint8Array(), { expiresAt });
    expect(Uint8Array.from((await two.get("a")) ?? [])).toEqual(bytes);
    expect(await two.get("b")).toHaveLength(0);
    expect(await two.get("c")).toBeUndefined();
  });

  it("forgets in time", async () => {
    const { cache } = open();
    await cache.set("short", Uint8Array.of(1), { expiresAt: new Date(now.getTime() + 40) });
    expect(await cache.get("short")).toHaveLength(1);
    await expect.poll(() => cache.get("short")).toBeUndefined();
  });

  it.each<[string, boolean]>([
    ["was never there", false],
    ["is gone", true],
  ])("is served by the KDS where Redis %s", async (_, wasThere) => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const own = await startRedis();
    const service = openCollateral(own.url, { now: () => now, anchors, baseUrl: kds.url });
    if (wasThere) expect(await service.cache.get("key")).toBeUndefined();
    await own.stop();
    const started = performance.now();
    const verified = await verifyEvidence(evidence, { now, anchors, collateral: service.collateral });
    expect(verified.revocation.status).toBe("checked");
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(kds.count({ kind: "vcek" })).toBe(1);
    expect(complaints).toHaveBeenCalled();
    await service.close();
  });
});
