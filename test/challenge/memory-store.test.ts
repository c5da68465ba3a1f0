import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memorySpentStore } from "../../src/challenge/index.js";
import { START } from "./support.js";

const at = (ms: number) => new Date(START + ms);

describe("memorySpentStore", () => {
  it("answers true for a new id and false for one it has", async () => {
    const store = memorySpentStore({ singleProcess: true, max: 2 });
    await expect(store.add("a", at(10), at(0))).resolves.toBe(true);
    await expect(store.add("a", at(10), at(0))).resolves.toBe(false);
    await expect(store.add("a", at(99), at(0))).resolves.toBe(false);
    await expect(store.add("b", at(10), at(0))).resolves.toBe(true);
  });

  it("refuses when full, and lets no id go that lives, to the millisecond", async () => {
    const store = memorySpentStore({ singleProcess: true, max: 2 });
    await store.add("a", at(10), at(0));
    await store.add("b", at(20), at(0));
    await expect(store.add("c", at(30), at(9))).toFailWith("ERR_CHALLENGE_STORE_FULL", { max: 2 });
    await expect(store.add("c", at(30), at(9))).rejects.toMatchObject({ retryable: true });
    await expect(store.add("a", at(10), at(9))).resolves.toBe(false);
    await expect(store.add("c", at(30), at(10))).resolves.toBe(true);
    await expect(store.add("d", at(30), at(10))).toFailWith("ERR_CHALLENGE_STORE_FULL");
    await expect(store.add("b", at(20), at(10))).resolves.toBe(false);
    await expect(store.add("d", at(40), at(30))).resolves.toBe(true);
  });

  it("never takes back what it may have forgotten, when the clock goes back", async () => {
    const store = memorySpentStore({ singleProcess: true, max: 1 });
    await store.add("a", at(10), at(0));
    await store.add("b", at(20), at(15));
    await expect(store.add("a", at(10), at(5))).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE");
    await expect(store.add("c", at(10), at(5))).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE");
    await expect(store.add("c", at(11), at(5))).toFailWith("ERR_CHALLENGE_STORE_FULL");
  });

  it("goes by this machine's time when it is told none", async () => {
    const store = memorySpentStore({ singleProcess: true, max: 1 });
    await expect(store.add("a", new Date(Date.now() + 40))).resolves.toBe(true);
    await expect(store.add("b", new Date(Date.now() + 60_000))).toFailWith("ERR_CHALLENGE_STORE_FULL");
    await new Promise((resolve) => setTimeout(resolve, 60));
    await expect(store.add("b", new Date(Date.now() + 60_000))).resolves.toBe(true);
  });

  it("says true once for every id, in whatever order they come and whatever the clock does", async () => {
    const call = fc.record({ name: fc.nat(15), now: fc.nat(60) });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 120 }), fc.integer({ min: 1, max: 6 }), async (calls, max) => {
        const store = memorySpentStore({ singleProcess: true, max });
        const taken: string[] = [];
        for (const { name, now } of calls) {
          // An id's expiry is its own, as the nonce has it.
          const fresh = await store.add(`id ${name}`, at(name * 4), at(now)).catch(() => false);
          if (fresh) taken.push(`id ${name}`);
        }
        expect(new Set(taken).size).toBe(taken.length);
      }),
      { numRuns: 300 },
    );
  });

  it("holds a hundred thousand, and is quick to refuse when full", async () => {
    const max = 100_000;
    const store = memorySpentStore({ singleProcess: true, max });
    for (let index = 0; index < max; index++) await store.add(`id ${index}`, at(1000 + index), at(0));
    const begun = performance.now();
    for (let index = 0; index < 20_000; index++) {
      await expect(store.add(`more ${index}`, at(5000), at(999))).rejects.toMatchObject({ name: "ChallengeError" });
    }
    // Looking through all of them each time would take minutes.
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it("is quick to make room as well, when it is full and ids expire one after the other", async () => {
    const max = 100_000;
    const store = memorySpentStore({ singleProcess: true, max });
    for (let index = 0; index < max; index++) await store.add(`id ${index}`, at(1000 + index), at(0));
    const begun = performance.now();
    for (let index = 0; index < 20_000; index++) {
      const now = at(1000 + index);
      await expect(store.add(`more ${index}`, at(200_000 - index), now)).resolves.toBe(true);
      await expect(store.add("too many", at(200_000), now)).rejects.toMatchObject({ name: "ChallengeError" });
    }
    // Looking through all of them each time would take minutes.
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no word", { max: 5 }],
    ["the word false", { singleProcess: false, max: 5 }],
    ["a text for the word", { singleProcess: "true", max: 5 }],
    ["1 for the word", { singleProcess: 1, max: 5 }],
    ["an inherited word", Object.assign(Object.create({ singleProcess: true }), { max: 5 })],
    ["no max", { singleProcess: true }],
    ["a max of 0", { singleProcess: true, max: 0 }],
    ["a max of 1,000,001", { singleProcess: true, max: 1_000_001 }],
    ["a max without end", { singleProcess: true, max: Number.POSITIVE_INFINITY }],
    ["a max of one and a half", { singleProcess: true, max: 1.5 }],
    ["an unknown option", { singleProcess: true, max: 5, evict: "lru" }],
  ])("given %s throws a TypeError", (_, options) => {
    expect(() => (memorySpentStore as (odd: unknown) => unknown)(options)).toThrow(TypeError);
  });

  it.each<[string, readonly unknown[]]>([
    ["no id", [undefined, at(1)]],
    ["no expiry", ["a"]],
    ["an expiry that is invalid", ["a", new Date(Number.NaN)]],
    ["an expiry in milliseconds", ["a", START]],
    ["a time that is invalid", ["a", at(1), new Date(Number.NaN)]],
    ["a time that is null", ["a", at(1), null]],
  ])("with %s rejects and keeps nothing", async (_, words) => {
    const store = memorySpentStore({ singleProcess: true, max: 1 });
    await expect((store.add as (...odd: unknown[]) => Promise<boolean>)(...words)).rejects.toBeInstanceOf(TypeError);
    await expect(store.add("a", at(1), at(0))).resolves.toBe(true);
  });
});
