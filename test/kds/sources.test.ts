import { describe, expect, it, vi } from "vitest";
import { CollateralError, MalformedError } from "../../src/errors.js";
import {
  type CacheStorageLike,
  createCacheStorageCache,
  createKdsClient,
  createMemoryCache,
  firstOf,
} from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge } from "../../src/testing/index.js";
import type { CollateralSource } from "../../src/verify/types.js";
import { fakeTransport } from "./fake-transport.js";

const CRL = { role: "crl", productLine: "Milan", signingKey: "VCEK" } as const;
const expiresAt = new Date("2030-01-01T00:00:00Z");
const BYTES = Uint8Array.of(1, 2, 3);

describe("the cache in memory", () => {
  it("gives back what it was given, and nothing else", async () => {
    const cache = createMemoryCache();
    expect(cache.get("a")).toBeUndefined();
    await cache.set("a", BYTES, { expiresAt });
    expect([cache.get("a"), cache.get("b"), cache.get("__proto__")]).toEqual([BYTES, undefined, undefined]);
    await cache.set("a", Uint8Array.of(9), { expiresAt });
    expect(cache.get("a")).toEqual(Uint8Array.of(9));
  });

  it("is not changed through what goes in or comes out", async () => {
    const cache = createMemoryCache();
    const bytes = BYTES.slice();
    await cache.set("a", bytes, { expiresAt });
    bytes.fill(0);
    (cache.get("a") as Uint8Array).fill(0);
    expect(cache.get("a")).toEqual(BYTES);
  });

  it("forgets what was not used for the longest time", async () => {
    const cache = createMemoryCache({ maxEntries: 2 });
    await cache.set("a", BYTES, { expiresAt });
    await cache.set("b", BYTES, { expiresAt });
    await cache.get("a");
    await cache.set("c", BYTES, { expiresAt });
    expect(["a", "b", "c"].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
  });

  it("holds a thousand entries unless it is told otherwise", async () => {
    const cache = createMemoryCache();
    for (let index = 0; index < 1001; index++) await cache.set(String(index), BYTES, { expiresAt });
    expect([cache.get("0"), cache.get("1")]).toEqual([undefined, BYTES]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5", null])("has no room for %s entries", (maxEntries) => {
    expect(() => createMemoryCache({ maxEntries: maxEntries as number })).toThrow(/^options.maxEntries must be/);
  });

  it("knows its options", () => {
    expect(() => createMemoryCache({ max: 5 } as never)).toThrow(TypeError);
  });
});

/** The Cache API as browsers have it, as far as a client can tell. */
function browserCache() {
  const kept = new Map<string, Response>();
  const opened: CacheStorageLike = {
    match: (request) => Promise.resolve(kept.get(new URL(request).href)?.clone()),
    put(request, response) {
      const { protocol, href } = new URL(request);
      if (protocol !== "https:" && protocol !== "http:") return Promise.reject(new TypeError("no http URL"));
      kept.set(href, response);
      return Promise.resolve();
    },
  };
  return { kept, opened };
}

describe("the cache of a browser", () => {
  it("keeps bytes under keys of any text, with their end", async () => {
    const { kept, opened } = browserCache();
    const open = vi.fn(() => Promise.resolve(opened));
    const cache = createCacheStorageCache(open);
    expect(open).not.toHaveBeenCalled();
    const keys = ["a", "a/b", "a?b#c", "ä \n", "../x"];
    for (const [index, key] of keys.entries()) await cache.set(key, Uint8Array.of(index), { expiresAt });
    for (const [index, key] of keys.entries()) expect(await cache.get(key)).toEqual(Uint8Array.of(index));
    expect(await cache.get("b")).toBeUndefined();
    expect(kept.size).toBe(keys.length);
    for (const [url, response] of kept) {
      expect(new URL(url).host).toBe("attestry.invalid");
      expect(response.headers.get("expires")).toBe("Tue, 01 Jan 2030 00:00:00 GMT");
    }
  });

  it("serves a client, and a poisoned entry is dropped and fetched once", async () => {
    const forge = await createForge({ seed: "browser cache" });
    const kds = fakeTransport(forge);
    const { kept, opened } = browserCache();
    const client = () =>
      createKdsClient({
        now: () => forge.now,
        anchors: [forge.ark().der],
        engine: nodeEngine,
        transport: kds.transport,
        cache: createCacheStorageCache(() => opened),
        rate: { otherIntervalMs: 0 },
      });
    for (let round = 0; round < 2; round++) expect(await client().get(CRL, {})).toEqual(forge.crl().der);
    expect(kds.asked).toHaveLength(1);
    for (const url of kept.keys()) kept.set(url, new Response("poison"));
    for (let round = 0; round < 2; round++) expect(await client().get(CRL, {})).toEqual(forge.crl().der);
    expect(kds.asked).toHaveLength(2);
  });

  it("wants a function that opens it", () => {
    expect(() => createCacheStorageCache({} as never)).toThrow(TypeError);
  });
});

describe("sources in order", () => {
  const has = (bytes: Uint8Array | undefined): CollateralSource => ({ get: vi.fn(() => Promise.resolve(bytes)) });
  const fails = (error: unknown): CollateralSource => ({ get: vi.fn(() => Promise.reject(error)) });
  const unavailable = (reason: string) =>
    new CollateralError("ERR_COLLATERAL_UNAVAILABLE", reason, { role: "crl", reason }, { retryable: true });
  const ask = (...sources: CollateralSource[]) => firstOf(sources).get(CRL, {});

  it("answer with the first that has it, and the rest are not asked", async () => {
    const [none, first, second] = [has(undefined), has(BYTES), has(Uint8Array.of(9))];
    expect(await ask(none, first, second)).toBe(BYTES);
    expect(second.get).not.toHaveBeenCalled();
    const { signal } = new AbortController();
    await firstOf([none, first]).get(CRL, { signal });
    expect(first.get).toHaveBeenLastCalledWith(CRL, { signal });
  });

  it("have none where none has it", async () => expect(await ask(has(undefined), has(undefined))).toBeUndefined());

  it.each([unavailable("down"), new RangeError("a bug"), "text"])("step over one that fails: %s", async (error) => {
    expect(await ask(fails(error), has(BYTES))).toBe(BYTES);
  });

  it("step over one that throws before it promises anything", async () => {
    const rash: CollateralSource = {
      get() {
        throw new RangeError("at once");
      },
    };
    expect(await ask(rash, has(BYTES))).toBe(BYTES);
  });

  it("fail as the first of them did where none has it", async () => {
    const [one, two] = [unavailable("one"), unavailable("two")];
    await expect(ask(has(undefined), fails(one), fails(two), has(undefined))).rejects.toBe(one);
  });

  it.each([
    new CollateralError("ERR_COLLATERAL_ABORTED", "enough", { reason: "enough" }, { retryable: true }),
    new MalformedError("ERR_MALFORMED_ENCODING", "no PEM", { what: "PEM", reason: "none" }),
  ])("end with what is no failure of a source: %s", async (error) => {
    const last = has(BYTES);
    await expect(ask(fails(error), last)).rejects.toBe(error);
    expect(last.get).not.toHaveBeenCalled();
  });

  it("cannot be changed through the list", async () => {
    const list = [has(BYTES)];
    const source = firstOf(list);
    list[0] = has(undefined);
    expect(await source.get(CRL, {})).toBe(BYTES);
  });

  it.each([undefined, [], [undefined], [{}], { get: () => undefined }, [has(BYTES), null], new Array(1)])(
    "are a list of sources: %#",
    (sources) => expect(() => firstOf(sources as CollateralSource[])).toThrow(TypeError),
  );
});
