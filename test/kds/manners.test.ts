import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Cache, createKdsClient, createMemoryCache, type KdsClientOptions } from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import type { CollateralRequest, CollateralSource } from "../../src/verify/types.js";
import { parseCrl } from "../../src/x509/crl.js";
import { body, type FakeTransport, fakeTransport, leafOf, silence, status } from "./fake-transport.js";

let forge: Forge;
let kds: FakeTransport;
let now: Date;

const CRL = { role: "crl", productLine: "Milan", signingKey: "VCEK" } as const;
const CHAIN = { role: "intermediate", productLine: "Milan", signingKey: "VCEK" } as const;
const CHIPS = Array.from({ length: 12 }, (_, index) => String(index));
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

beforeAll(async () => {
  forge = await createForge({ seed: "kds manners" });
});
beforeEach(() => {
  vi.useFakeTimers({ now: forge.now });
  kds = fakeTransport(forge, CHIPS);
  now = forge.now;
});
afterEach(() => {
  vi.useRealTimers();
});

function client(options: Partial<KdsClientOptions> = {}): CollateralSource {
  const { transport } = kds;
  const given = { now: () => now, anchors: [forge.ark().der], engine: nodeEngine, transport };
  return createKdsClient({ ...given, retry: { random: () => 1 }, ...options });
}

const leaf = (chip: string) => leafOf(forge, chip);
const stranger = (id: number): CollateralRequest => ({ ...leaf("0"), hwId: new Uint8Array(64).fill(id) });

/** How a promise ended, without waiting for it. */
function watch<T>(promise: Promise<T>) {
  const seen: { value?: T; code?: string; retryable?: boolean; detail?: unknown; at?: number } = {};
  promise.then(
    (value) => Object.assign(seen, { value, at: Date.now() - forge.now.getTime() }),
    (error) =>
      Object.assign(seen, error.toJSON(), { retryable: error.retryable, at: Date.now() - forge.now.getTime() }),
  );
  return seen;
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** When the requests of a role were made, in milliseconds since the beginning. */
const times = (role: CollateralRequest["role"]) =>
  kds.asked.filter(({ wanted }) => wanted.role === role).map(({ at }) => at - forge.now.getTime());

describe("the rate", () => {
  it("is by default one VCEK in ten seconds, and chains and CRLs do not wait for it", async () => {
    const source = client();
    const leaves = CHIPS.map((chip) => watch(source.get(leaf(chip), {})));
    await pass(1);
    const crl = watch(source.get(CRL, {}));
    await pass(SECOND);
    expect(crl.value).toEqual(forge.crl().der);
    await pass(2 * MINUTE - 2 * SECOND);
    expect(times("leaf")).toEqual(CHIPS.map((_, index) => index * 10 * SECOND));
    expect(leaves.map(({ value }) => value)).toEqual(CHIPS.map((chip) => forge.vcek({ chip }).der));
    expect(times("intermediate")).toEqual([0]);
  });

  it("is the caller's, for each of the two", async () => {
    const source = client({ rate: { vcekIntervalMs: 50, otherIntervalMs: 700 } });
    const asked = [leaf("1"), leaf("2"), leaf("3"), CRL, { ...CRL, signingKey: "VLEK" as const }];
    const seen = asked.map((request) => watch(source.get(request, {})));
    await pass(5 * SECOND);
    expect(seen.every(({ value }) => value !== undefined)).toBe(true);
    const [first = 0] = times("leaf");
    expect(times("leaf")).toEqual([first, first + 50, first + 100]);
    expect([...times("intermediate"), ...times("crl")].sort((a, b) => a - b)).toEqual([0, 700, 1400]);
  });

  it("holds for requests under way as well: no more than concurrency", async () => {
    const open: (() => void)[] = [];
    kds.answer = ({ wanted }) =>
      wanted.role === "leaf" ? new Promise((resolve) => open.push(() => resolve(status(404)))) : undefined;
    const source = client({ rate: { vcekIntervalMs: 0 }, concurrency: 3 });
    const seen = CHIPS.map((chip) => watch(source.get(leaf(chip), {})));
    await pass(SECOND);
    expect(open).toHaveLength(3);
    for (const answer of open.splice(0, 2)) answer();
    await pass(SECOND);
    expect(open).toHaveLength(3);
    while (open.length > 0) {
      for (const answer of open.splice(0)) answer();
      await pass(SECOND);
    }
    expect(kds.count("leaf")).toBe(CHIPS.length);
    expect(seen.every(({ at }) => at !== undefined)).toBe(true);
  });

  it("turns away what would wait beyond maxQueue, retryable, and lets chains and CRLs pass", async () => {
    const source = client({ maxQueue: 3 });
    await source.get(CHAIN, {});
    const seen = CHIPS.map((chip) => watch(source.get(leaf(chip), {})));
    await pass(1);
    const busy = seen.filter(({ code }) => code === "ERR_COLLATERAL_BUSY");
    expect(busy).toHaveLength(CHIPS.length - 4);
    expect(busy[0]).toMatchObject({ retryable: true, detail: { role: "leaf", limit: 3 } });
    expect(await source.get(leaf("0"), {})).toEqual(forge.vcek({ chip: "0" }).der);
    const crl = watch(source.get(CRL, {}));
    await pass(SECOND);
    expect(crl.value).toBeDefined();
    await pass(MINUTE);
    expect(seen.filter(({ value }) => value !== undefined)).toHaveLength(4);
    expect(await source.get(leaf("0"), {})).toBeDefined();
    expect(kds.count("leaf")).toBe(4);
  });

  it("with maxQueue 0 serves whoever comes when nobody waits", async () => {
    const source = client({ maxQueue: 0 });
    expect(await source.get(leaf("0"), {})).toBeDefined();
    await expect(source.get(leaf("1"), {})).toFailWith("ERR_COLLATERAL_BUSY", { limit: 0 });
    await pass(10 * SECOND);
    expect(await source.get(leaf("1"), {})).toBeDefined();
  });
});

describe("one request", () => {
  it("serves all who want the same", async () => {
    const source = client();
    const seen = Array.from({ length: 20 }, () => watch(source.get(leaf("0"), {})));
    await pass(SECOND);
    expect(kds.asked).toHaveLength(2);
    expect(new Set(seen.map(({ value }) => value)).size).toBe(20);
    expect(seen.every(({ value }) => value?.length === forge.vcek().der.length)).toBe(true);
  });

  it("is enough for who looked into the cache before it ended and comes after", async () => {
    const memory = createMemoryCache();
    let reads = 0;
    const cache: Cache = {
      ...memory,
      async get(key) {
        const found = await memory.get(key);
        if (reads++ === 0) await new Promise((resolve) => setTimeout(resolve, 5 * SECOND));
        return found;
      },
    };
    const source = client({ cache });
    const slow = watch(source.get(CRL, {}));
    await pass(SECOND);
    const quick = watch(source.get(CRL, {}));
    await pass(SECOND);
    expect([slow.value, quick.value]).toEqual([undefined, forge.crl().der]);
    await pass(10 * SECOND);
    expect(slow.value).toEqual(forge.crl().der);
    expect(kds.count("crl")).toBe(1);
  });

  it("fails for all who want the same", async () => {
    kds.answer = () => status(400);
    const source = client();
    const seen = Array.from({ length: 5 }, () => watch(source.get(CRL, {})));
    await pass(SECOND);
    expect(kds.asked).toHaveLength(1);
    expect(seen.map(({ code }) => code)).toEqual(Array(5).fill("ERR_COLLATERAL_UNAVAILABLE"));
  });

  it("goes on when one waiter leaves, and ends when the last one does", async () => {
    const signals: AbortSignal[] = [];
    kds.answer = ({ request }) => {
      signals.push(request.signal);
      return silence();
    };
    const source = client();
    const [one, two] = [new AbortController(), new AbortController()];
    const seen = [one, two].map(({ signal }) => watch(source.get(CRL, { signal })));
    await pass(SECOND);
    one.abort("enough");
    await pass(0);
    expect(seen[0]).toMatchObject({ code: "ERR_COLLATERAL_ABORTED", retryable: true, detail: { reason: "enough" } });
    expect(seen[1]).toEqual({});
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    two.abort();
    await pass(0);
    expect(seen[1]?.code).toBe("ERR_COLLATERAL_ABORTED");
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    kds.answer = () => undefined;
    const after = watch(source.get(CRL, {}));
    await pass(SECOND);
    expect(after.value).toBeDefined();
    expect(kds.asked).toHaveLength(2);
  });

  it("is answered to who stays when the first one leaves", async () => {
    kds.answer = () => new Promise((resolve) => setTimeout(() => resolve(body(forge.crl().der)), 5 * SECOND));
    const source = client();
    const first = new AbortController();
    const seen = [watch(source.get(CRL, { signal: first.signal })), watch(source.get(CRL, {}))];
    await pass(SECOND);
    first.abort();
    await pass(5 * SECOND);
    expect(seen.map(({ code, value }) => [code, value !== undefined])).toEqual([
      ["ERR_COLLATERAL_ABORTED", false],
      [undefined, true],
    ]);
    expect(kds.asked).toHaveLength(1);
  });

  it("that waits for its turn gives up its place when nobody wants it any more", async () => {
    const source = client({ maxQueue: 1 });
    await source.get(leaf("0"), {});
    const controller = new AbortController();
    const left = watch(source.get(leaf("1"), { signal: controller.signal }));
    await pass(SECOND);
    controller.abort();
    const next = watch(source.get(leaf("2"), {}));
    await pass(20 * SECOND);
    expect([left.code, next.value]).toEqual(["ERR_COLLATERAL_ABORTED", forge.vcek({ chip: "2" }).der]);
    expect(kds.count("leaf")).toBe(2);
  });

  it("is not made at all for a signal that has fired", async () => {
    await expect(client().get(CRL, { signal: AbortSignal.abort("late") })).toFailWith("ERR_COLLATERAL_ABORTED");
    expect(kds.asked).toEqual([]);
  });

  it("leaves no listener on a caller's signal", async () => {
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, "removeEventListener");
    const add = vi.spyOn(signal, "addEventListener");
    const source = client();
    await source.get(CRL, { signal });
    await source.get(CRL, { signal });
    expect(add).toHaveBeenCalledTimes(2);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
  });
});

describe("an answer", () => {
  it("404 is undefined, for a minute without another request", async () => {
    const source = client({ rate: { vcekIntervalMs: 0 } });
    for (let round = 0; round < 3; round++) expect(await source.get(stranger(7), {})).toBeUndefined();
    expect(kds.count("leaf")).toBe(1);
    now = new Date(now.getTime() + MINUTE - 1);
    expect(await source.get(stranger(7), {})).toBeUndefined();
    expect(kds.count("leaf")).toBe(1);
    now = new Date(now.getTime() + 1);
    expect(await source.get(stranger(7), {})).toBeUndefined();
    expect(kds.count("leaf")).toBe(2);
    now = new Date(now.getTime() - HOUR);
    expect(await source.get(stranger(7), {})).toBeUndefined();
    expect(kds.count("leaf")).toBe(3);
  });

  it("404 gives way to what another put into a shared cache", async () => {
    const cache = createMemoryCache();
    kds.answer = ({ wanted }) => (wanted.role === "leaf" ? status(404) : undefined);
    const source = client({ cache });
    expect(await source.get(leaf("0"), {})).toBeUndefined();
    kds.answer = () => undefined;
    await client({ cache }).get(leaf("0"), {});
    expect(await source.get(leaf("0"), {})).toEqual(forge.vcek().der);
  });

  it.each([0, 204, 206, 301, 302, 304, 307, 400, 401, 403, 405, 410, 418, 499, Number.NaN])(
    "%s is final and no answer, for a minute",
    async (code) => {
      kds.answer = () => status(code, { location: "https://elsewhere.example/", "retry-after": "1" });
      const source = client();
      for (let round = 0; round < 2; round++) {
        const refusal = source.get(CRL, {});
        await expect(refusal).toFailWith("ERR_COLLATERAL_UNAVAILABLE", { role: "crl" });
        await expect(refusal).rejects.toMatchObject({ retryable: false });
      }
      expect(kds.asked).toHaveLength(1);
      now = new Date(now.getTime() + MINUTE);
      kds.answer = () => undefined;
      const again = watch(source.get(CRL, {}));
      await pass(SECOND);
      expect(again.value).toBeDefined();
    },
  );

  it.each<[string, () => Promise<never> | ReturnType<typeof status>]>([
    ["500", () => status(500)],
    ["503 without Retry-After", () => status(503)],
    ["599", () => status(599)],
    ["of a network that fails", () => Promise.reject(new TypeError("fetch failed"))],
    ["of a transport that throws a text", () => Promise.reject("no")],
    ["that is no answer", () => Promise.resolve(null as never)],
    ["without a body", () => ({ status: 200, headers: {} })],
    ["without headers", () => ({ status: 500, body: new Uint8Array() })],
  ])("%s is tried again with longer and longer pauses, then fails and is not remembered", async (_, make) => {
    kds.answer = () => make();
    const source = client();
    const seen = watch(source.get(CRL, {}));
    await pass(MINUTE);
    expect(times("crl")).toEqual([0, 1000, 3000, 7000]);
    expect(seen).toMatchObject({ code: "ERR_COLLATERAL_UNAVAILABLE", retryable: true });
    kds.answer = () => undefined;
    expect(await source.get(CRL, {})).toEqual(forge.crl().der);
  });

  it("that fails once or twice is made up for", async () => {
    const failures = [() => status(502), () => Promise.reject(new Error("reset"))];
    kds.answer = () => failures.shift()?.();
    const seen = watch(client().get(CRL, {}));
    await pass(10 * SECOND);
    expect(seen.value).toEqual(forge.crl().der);
    expect(times("crl")).toEqual([0, 1000, 3000]);
  });

  it("has a pause of half to whole as chance has it, none above maxDelayMs", async () => {
    kds.answer = () => status(500);
    const chances = [0, 0.5, 1, 0, 0];
    const retry = { attempts: 6, baseDelayMs: 100, maxDelayMs: 300, random: () => chances.shift() ?? 0 };
    const seen = watch(client({ retry, rate: { otherIntervalMs: 0 } }).get(CRL, {}));
    await pass(5 * SECOND);
    expect(times("crl")).toEqual([0, 50, 200, 500, 650, 800]);
    expect(seen.code).toBe("ERR_COLLATERAL_UNAVAILABLE");
  });

  it("that does not come ends the attempt and not the request", async () => {
    const answers = [silence(), silence()];
    kds.answer = () => answers.shift();
    const seen = watch(client({ retry: { attemptTimeoutMs: 2000, random: () => 1 } }).get(CRL, {}));
    await pass(MINUTE);
    expect(times("crl")).toEqual([0, 3000, 7000]);
    expect(seen.value).toBeDefined();
    expect(kds.asked.map(({ request }) => request.signal.aborted)).toEqual([true, true, false]);
  });

  it("that never comes ends when the time is up, waiting and all", async () => {
    kds.answer = silence;
    const source = client({ timeoutMs: 30 * SECOND, concurrency: 1 });
    const seen = [CRL, CHAIN].map((request) => watch(source.get(request, {})));
    await pass(MINUTE);
    expect(seen).toEqual([
      expect.objectContaining({ code: "ERR_COLLATERAL_UNAVAILABLE", retryable: true, at: 30 * SECOND }),
      expect.objectContaining({ code: "ERR_COLLATERAL_UNAVAILABLE", retryable: true, at: 30 * SECOND }),
    ]);
    kds.answer = () => undefined;
    const after = watch(source.get(CRL, {}));
    await pass(SECOND);
    expect(after.value).toBeDefined();
  });

  it("that is longer than maxBytes is final, whether the transport sees it or not", async () => {
    kds.answer = () => body(new Uint8Array(5000));
    const source = client({ maxBytes: 4999 });
    await expect(source.get(CRL, {})).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    await expect(source.get(CRL, {})).rejects.toMatchObject({
      cause: { code: "ERR_MALFORMED_LENGTH" },
      retryable: false,
    });
    expect(kds.asked.map(({ request }) => request.maxBytes)).toEqual([4999]);
    expect(
      await client({ maxBytes: forge.crl().der.length, transport: fakeTransport(forge).transport }).get(CRL, {}),
    ).toBeDefined();
  });
});

describe("a server that throttles", () => {
  it.each([
    ["in seconds", () => "20", 20 * SECOND],
    ["as a date", () => new Date(forge.now.getTime() + 30 * SECOND).toUTCString(), 30 * SECOND],
    ["not at all", () => undefined, 10 * SECOND],
    ["for no time", () => "0", 10 * SECOND],
    ["until a time that has passed", () => new Date(forge.now.getTime() - HOUR).toUTCString(), 10 * SECOND],
    ["in no way that is known", () => "soon", 10 * SECOND],
    ["for a negative time", () => "-5", 10 * SECOND],
    ["for a part of a second", () => "1.5", 10 * SECOND],
  ])("and asks to wait %s is obeyed, by all who wait", async (_, header, expected) => {
    const retryAfter = header();
    const answers = [status(429, retryAfter === undefined ? {} : { "retry-after": retryAfter })];
    kds.answer = ({ wanted }) => (wanted.role === "leaf" ? answers.shift() : undefined);
    const source = client();
    const seen = [leaf("0"), leaf("1")].map((request) => watch(source.get(request, {})));
    await pass(MINUTE);
    expect(times("leaf")).toEqual([0, expected, expected + 10 * SECOND]);
    expect(seen.map(({ value }) => value)).toEqual(["0", "1"].map((chip) => forge.vcek({ chip }).der));
    expect(kds.asked.filter(({ wanted }) => wanted.role === "leaf")[1]?.wanted).toEqual(leaf("0"));
  });

  it("for longer and longer is asked less and less, and never given up before the time is up", async () => {
    kds.answer = ({ wanted }) => (wanted.role === "crl" ? status(429) : undefined);
    const seen = watch(client({ timeoutMs: 10 * MINUTE }).get(CRL, {}));
    await pass(4 * MINUTE);
    expect(times("crl").map((at) => at / SECOND)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
    kds.answer = () => undefined;
    await pass(MINUTE);
    expect(seen.value).toEqual(forge.crl().der);
  });

  it("for a thousand million seconds is no reason to wait so long: it fails, and later ones do after ten minutes", async () => {
    kds.answer = () => status(429, { "retry-after": "1000000000" });
    const source = client();
    await expect(source.get(CRL, {})).toFailWith("ERR_COLLATERAL_UNAVAILABLE");
    kds.answer = () => undefined;
    const meanwhile = watch(source.get(CRL, {}));
    await pass(10 * MINUTE - 1);
    expect(meanwhile).toMatchObject({ code: "ERR_COLLATERAL_UNAVAILABLE", retryable: true, at: 2 * MINUTE });
    expect(kds.asked).toHaveLength(1);
    await pass(1);
    expect(await source.get(CRL, {})).toBeDefined();
  });

  it("requests that were under way together is one refusal, and the longest wait counts", async () => {
    const waits = ["5", "40", "2"];
    kds.answer = ({ wanted }) => {
      const wait = wanted.role === "leaf" ? waits.shift() : undefined;
      return wait === undefined
        ? undefined
        : new Promise((resolve) => setTimeout(() => resolve(status(429, { "retry-after": wait })), 500));
    };
    const source = client({ rate: { vcekIntervalMs: 0 } });
    await source.get(CHAIN, {});
    const seen = ["0", "1", "2"].map((chip) => watch(source.get(leaf(chip), {})));
    await pass(MINUTE);
    expect(times("leaf")).toEqual([0, 0, 0, 40_500, 40_500, 40_500]);
    expect(seen.every(({ value }) => value !== undefined)).toBe(true);
  });

  it("requests that were under way together is one step of the back-off", async () => {
    const answers = Array.from({ length: 6 }, () => status(429));
    kds.answer = ({ wanted }) => (wanted.role === "leaf" ? answers.shift() : undefined);
    const source = client({ rate: { vcekIntervalMs: 0 }, concurrency: 3 });
    await source.get(CHAIN, {});
    const seen = ["0", "1", "2"].map((chip) => watch(source.get(leaf(chip), {})));
    await pass(MINUTE);
    expect(times("leaf")).toEqual([0, 0, 0, 1000, 1000, 1000, 3000, 3000, 3000]);
    expect(seen.every(({ value }) => value !== undefined)).toBe(true);
  });

  it("and then serves is asked as before when it throttles again", async () => {
    const answers = [status(429), status(429), undefined, status(429), undefined];
    kds.answer = () => answers.shift();
    const source = client();
    const first = watch(source.get(CRL, {}));
    await pass(10 * SECOND);
    expect(first.value).toBeDefined();
    const second = watch(source.get(CHAIN, {}));
    await pass(10 * SECOND);
    expect(second.value).toBeDefined();
    expect(times("crl")).toEqual([0, 1000, 3000]);
    expect(times("intermediate")).toEqual([10_000, 11_000]);
  });

  it("VCEKs does not keep chains and CRLs from coming", async () => {
    kds.answer = ({ wanted }) => (wanted.role === "leaf" ? status(429, { "retry-after": "60" }) : undefined);
    const source = client();
    const waiting = watch(source.get(leaf("0"), {}));
    await pass(SECOND);
    const crl = watch(source.get(CRL, {}));
    await pass(SECOND);
    expect([waiting.at, crl.value]).toEqual([undefined, forge.crl().der]);
  });

  it("with 503 and Retry-After is obeyed as well", async () => {
    const answers = [status(503, { "retry-after": "9" })];
    kds.answer = () => answers.shift();
    const seen = watch(client().get(CRL, {}));
    await pass(MINUTE);
    expect(times("crl")).toEqual([0, 9000]);
    expect(seen.value).toBeDefined();
  });
});

describe("allow", () => {
  it("is asked before every download, and for nothing that is cached", async () => {
    const asked: CollateralRequest[] = [];
    const source = client({
      allow: (request) => {
        asked.push(structuredClone(request));
        if (request.role === "leaf") request.hwId.fill(0);
        return true;
      },
    });
    for (let round = 0; round < 2; round++)
      expect(await source.get(leaf("3"), {})).toEqual(forge.vcek({ chip: "3" }).der);
    expect(asked).toEqual([CHAIN, leaf("3")]);
  });

  it.each<[string, () => unknown]>([
    ["says no", () => false],
    ["says no later", () => Promise.resolve(false)],
    ["says nothing", () => undefined],
    ["says what is only like yes", () => 1],
  ])("that %s refuses, and is asked again by the next", async (_, allow) => {
    const spy = vi.fn(allow);
    const source = client({ allow: spy as () => boolean });
    for (let round = 0; round < 2; round++) {
      const refusal = source.get(CRL, {});
      await expect(refusal).toFailWith("ERR_COLLATERAL_NOT_ALLOWED", { role: "crl" });
      await expect(refusal).rejects.toMatchObject({ retryable: false });
    }
    expect(spy).toHaveBeenCalledTimes(2);
    expect(kds.asked).toEqual([]);
  });

  it("that fails has not allowed it", async () => {
    const cause = new RangeError("no database");
    const source = client({
      allow: () => {
        throw cause;
      },
    });
    const refusal = source.get(CRL, {});
    await expect(refusal).toFailWith("ERR_COLLATERAL_NOT_ALLOWED");
    await expect(refusal).rejects.toMatchObject({ retryable: true, cause });
  });

  it("for one caller does not hold for another who wants the same meanwhile", async () => {
    kds.answer = () => new Promise((resolve) => setTimeout(() => resolve(body(forge.crl().der)), SECOND));
    const answers = [true, false];
    const source = client({ allow: () => answers.shift() ?? false });
    const seen = [watch(source.get(CRL, {})), watch(source.get(CRL, {}))];
    await pass(2 * SECOND);
    expect(seen.map(({ code }) => code)).toEqual([undefined, "ERR_COLLATERAL_NOT_ALLOWED"]);
  });
});

describe("a CRL", () => {
  const window = () => {
    const { thisUpdate, nextUpdate } = parseCrl(forge.crl().der);
    return { thisUpdate, nextUpdate, length: nextUpdate - thisUpdate };
  };
  const newer = () =>
    forge.crl({ number: 99, thisUpdate: now, nextUpdate: new Date(now.getTime() + window().length) }).der;

  it("is refreshed in the last quarter of its window while the present one is answered", async () => {
    const source = client();
    const present = forge.crl().der;
    await source.get(CRL, {});
    now = new Date(window().nextUpdate - window().length / 4 - 1);
    expect(await source.get(CRL, {})).toEqual(present);
    await pass(SECOND);
    expect(kds.count("crl")).toBe(1);
    now = new Date(window().nextUpdate - window().length / 4);
    const next = newer();
    kds.answer = () => body(next);
    expect(await source.get(CRL, {})).toEqual(present);
    await pass(SECOND);
    expect(kds.count("crl")).toBe(2);
    expect(await source.get(CRL, {})).toEqual(next);
    expect(kds.count("crl")).toBe(2);
  });

  it("that is not there yet is looked for no more often than in six hours", async () => {
    const source = client();
    await source.get(CRL, {});
    const start = window().nextUpdate - window().length / 4;
    for (let hour = 0; hour < 25; hour++) {
      now = new Date(start + hour * HOUR);
      expect(await source.get(CRL, {})).toEqual(forge.crl().der);
      await pass(SECOND);
    }
    expect(kds.count("crl")).toBe(1 + 5);
  });

  it.each<[string, () => ReturnType<FakeTransport["answer"]>]>([
    ["a server that fails", () => status(500)],
    ["a server that throttles", () => status(429)],
    ["a server that has none", () => status(404)],
    ["a forged one", () => body(forge.crl({ signWith: forge.foreignCaKey() }).der)],
  ])("stays the present one for %s", async (_, answer) => {
    const source = client();
    await source.get(CRL, {});
    now = new Date(window().nextUpdate - HOUR);
    kds.answer = answer;
    for (let round = 0; round < 3; round++) {
      expect(await source.get(CRL, {})).toEqual(forge.crl().der);
      await pass(5 * MINUTE);
    }
  });

  it("is refreshed only where that is allowed", async () => {
    const answers = [true];
    const source = client({ allow: () => answers.shift() ?? false });
    await source.get(CRL, {});
    now = new Date(window().nextUpdate - HOUR);
    expect(await source.get(CRL, {})).toEqual(forge.crl().der);
    await pass(MINUTE);
    expect(kds.count("crl")).toBe(1);
  });

  it("past its nextUpdate is fetched anew, and an answer that is past it too is handed on, once a minute", async () => {
    const source = client();
    await source.get(CRL, {});
    await pass(SECOND);
    now = new Date(window().nextUpdate);
    for (let round = 0; round < 3; round++) {
      expect(await source.get(CRL, {})).toEqual(forge.crl().der);
      await pass(SECOND);
    }
    expect(kds.count("crl")).toBe(2);
    now = new Date(now.getTime() + MINUTE);
    const next = newer();
    kds.answer = () => body(next);
    expect(await source.get(CRL, {})).toEqual(next);
    expect(await source.get(CRL, {})).toEqual(next);
    expect(kds.count("crl")).toBe(3);
  });

  it("of tomorrow is handed on as well: verification judges its dates", async () => {
    const tomorrow = new Date(now.getTime() + 24 * HOUR);
    const crl = forge.crl({ thisUpdate: tomorrow, nextUpdate: new Date(tomorrow.getTime() + HOUR) }).der;
    kds.answer = () => body(crl);
    expect(await client().get(CRL, {})).toEqual(crl);
  });
});

describe("memory of what strangers ask for", () => {
  it("is bounded: a final answer is forgotten when a thousand others came", async () => {
    const source = client({ rate: { vcekIntervalMs: 0 } });
    const ids = Array.from({ length: 1001 }, (_, id) => ({
      ...stranger(0),
      hwId: new Uint8Array(64).fill(id % 256).fill(id >> 8, 32),
    }));
    for (const request of ids) expect(await source.get(request, {})).toBeUndefined();
    await source.get(ids[1000] ?? CRL, {});
    expect(kds.count("leaf")).toBe(1001);
    await source.get(ids[0] ?? CRL, {});
    expect(kds.count("leaf")).toBe(1002);
  });

  it("a clock that is none is the caller's mistake, at once", async () => {
    await expect(client({ now: () => new Date(Number.NaN) }).get(CRL, {})).rejects.toBeInstanceOf(TypeError);
    expect(kds.asked).toEqual([]);
  });
});
