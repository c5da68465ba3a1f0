import { describe, expect, it } from "vitest";
import { leasedLimiter } from "../../../examples/relying-party/service/leased-limiter.js";

const FOR_MS = 5000;

/** A store with so many permits for each client, and a limiter on it. */
function open(permits: number, { count = 3, max = 10 } = {}) {
  const state = { now: 0, asked: 0 };
  const left = new Map<string, number>();
  const take = async (client: string, wanted: number) => {
    state.asked++;
    await Promise.resolve();
    const has = left.get(client) ?? permits;
    if (has < wanted) return 1000;
    left.set(client, has - wanted);
    return null;
  };
  const limiter = leasedLimiter(take, { count, forMs: FOR_MS, max, clock: () => new Date(state.now) });
  return { limiter, state };
}

async function takeMany(limiter: { take(client: string): Promise<number | null> }, count: number, client = "x") {
  const answers = await Promise.all(Array.from({ length: count }, () => limiter.take(client)));
  return answers.filter((answer) => answer === null).length;
}

describe("permits taken several at once", () => {
  it("are handed out one by one, and the store is asked once for each lot", async () => {
    const { limiter, state } = open(100);
    for (let index = 0; index < 6; index++) expect(await limiter.take("x")).toBeNull();
    expect(state.asked).toBe(2);
  });

  it.each([
    [1, 0],
    [3, 3],
    [7, 6],
    [9, 9],
  ])("of %i permits %i are used: whole lots, and none more", async (permits, used) => {
    const { limiter } = open(permits);
    let count = 0;
    for (let index = 0; index < 2 * permits; index++) count += (await limiter.take("x")) === null ? 1 : 0;
    expect(count).toBe(used);
  });

  it("of many who ask at once as many go on as there are permits", async () => {
    const { limiter, state } = open(9);
    expect(await takeMany(limiter, 30)).toBe(9);
    expect(state.asked).toBeLessThanOrEqual(5);
  });

  it("are each client's own", async () => {
    const { limiter } = open(3);
    expect(await takeMany(limiter, 4, "x")).toBe(3);
    expect(await takeMany(limiter, 4, "y")).toBe(3);
  });

  it("lapse", async () => {
    const { limiter, state } = open(3);
    expect(await limiter.take("x")).toBeNull();
    state.now = FOR_MS;
    expect(await limiter.take("x")).toBe(1000);
  });

  it("do not lapse a moment before", async () => {
    const { limiter, state } = open(3);
    expect(await limiter.take("x")).toBeNull();
    state.now = FOR_MS - 1;
    expect(await limiter.take("x")).toBeNull();
  });

  it("are lost to the oldest client when there are too many clients", async () => {
    const { limiter } = open(3, { max: 1 });
    expect(await limiter.take("x")).toBeNull();
    expect(await limiter.take("y")).toBeNull();
    expect(await limiter.take("y")).toBeNull();
    expect(await limiter.take("x")).toBe(1000);
  });

  it("are asked for again after a store that failed", async () => {
    let fails = true;
    const limiter = leasedLimiter(() => (fails ? Promise.reject(new Error("no store")) : Promise.resolve(null)), {
      count: 3,
      forMs: FOR_MS,
      max: 10,
      clock: () => new Date(0),
    });
    await expect(limiter.take("x")).rejects.toThrow("no store");
    fails = false;
    expect(await limiter.take("x")).toBeNull();
  });
});
