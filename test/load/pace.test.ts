import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { pace, saturate } from "./pace.js";

/** A flow that says how many of its kind there were at one time. */
function watched(ms: number) {
  const seen = { now: 0, most: 0 };
  const flow = async () => {
    seen.now++;
    seen.most = Math.max(seen.most, seen.now);
    await pause(ms);
    seen.now--;
    return null;
  };
  return { seen, flow };
}

describe("saturate", () => {
  it("keeps so many flows in flight, and stops at the most", async () => {
    const { seen, flow } = watched(5);
    const tally = await saturate(flow, { inFlight: 4, forMs: 60_000, most: 30 });
    expect(tally).toMatchObject({ done: 30, refused: 0, reasons: {} });
    expect(seen.most).toBe(4);
  });

  it("stops when time is up", async () => {
    const { done, seconds } = await saturate(watched(5).flow, { inFlight: 1, forMs: 60, most: 1e9 });
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThanOrEqual(13);
    expect(seconds).toBeGreaterThanOrEqual(0.05);
  });

  it("counts refusals by their reasons, and what was thrown as well", async () => {
    const tally = await saturate(
      (index) => {
        if (index === 0) return Promise.resolve("409 spent");
        return index === 1 ? Promise.reject(new Error("gone")) : Promise.resolve(null);
      },
      { inFlight: 1, forMs: 60_000, most: 4 },
    );
    expect(tally).toMatchObject({ done: 4, refused: 2, reasons: { "409 spent": 1, "Error: gone": 1 } });
  });
});

describe("pace", () => {
  it("starts as many as were asked for, in their time", async () => {
    const { done, seconds } = await pace(watched(1).flow, { perSecond: 200, forMs: 300 });
    expect(done).toBe(60);
    expect(seconds).toBeGreaterThanOrEqual(0.28);
  });

  it("does not wait for those that are late", async () => {
    const { seen, flow } = watched(200);
    expect((await pace(flow, { perSecond: 100, forMs: 200 })).done).toBe(20);
    expect(seen.most).toBeGreaterThan(10);
  });

  it("gives up on a service that answers nobody", async () => {
    const stuck = new Promise<null>(() => undefined);
    await expect(pace(() => stuck, { perSecond: 100_000, forMs: 1000 })).rejects.toThrow("flows wait");
  });
});
