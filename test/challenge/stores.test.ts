import { afterEach, describe, expect, it, vi } from "vitest";
import { CHALLENGE_CLOCK_SKEW_MS, redisSpentStore, type SpentStore } from "../../src/challenge/index.js";
import { assertVerifiedChallenge } from "../../src/challenge/verified.js";
import { ChallengeError, type ErrorCode, UntrustedError } from "../../src/errors.js";
import { PURPOSE, START, setUp, TTL } from "./support.js";

afterEach(() => vi.useRealTimers());

/** What spending comes to over a store, and whether the handle then counts as spent. */
async function spendOver(spentStore: SpentStore, storeTimeoutMs = 1000) {
  const { challenger } = setUp({ spentStore, storeTimeoutMs });
  const { nonce } = await challenger.issue(PURPOSE);
  const verified = await challenger.verify(nonce, PURPOSE);
  const error: unknown = await challenger.spend(verified).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, id: verified.id, spent: assertVerifiedChallenge(verified).spent };
}

const answering = (answer: unknown): SpentStore => ({ add: () => Promise.resolve(answer as boolean) });

describe("spending over a store", () => {
  it("that says true is spent", async () => {
    expect(await spendOver(answering(true))).toMatchObject({ error: null, spent: true });
  });

  it("that says false is refused for good", async () => {
    const { error, id, spent } = await spendOver(answering(false));
    expect(error).toMatchObject({ code: "ERR_CHALLENGE_SPENT", detail: { id }, retryable: false });
    expect(spent).toBe(false);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["1", 1],
    ["OK", "OK"],
    ["true as text", "true"],
    ["a boxed true", Object(true)],
    ["an object without a text", Object.create(null)],
    ["a long text", "x".repeat(1_000_000)],
  ])("that says %s refuses, and to come back may help", async (_, answer) => {
    const { error, spent } = await spendOver(answering(answer));
    expect(error).toBeInstanceOf(ChallengeError);
    expect(error).toMatchObject({ code: "ERR_CHALLENGE_STORE_UNAVAILABLE", retryable: true });
    expect(String(error).length).toBeLessThan(300);
    expect(spent).toBe(false);
  });

  it.each<[string, SpentStore]>([
    ["rejects", { add: () => Promise.reject(new Error("connection lost")) }],
    [
      "throws",
      {
        add: () => {
          throw new Error("connection lost");
        },
      },
    ],
    ["rejects with no error", { add: () => Promise.reject("connection lost") }],
    ["rejects with nothing", { add: () => Promise.reject(undefined) }],
    [
      "rejects with an error of ours that is not a store's",
      { add: () => Promise.reject(new UntrustedError("ERR_UNTRUSTED_VMPL", "no", { vmpl: 9 })) },
    ],
  ])("that %s refuses, and to come back may help", async (_, store) => {
    const { error, spent } = await spendOver(store);
    expect(error).toBeInstanceOf(ChallengeError);
    expect(error).toMatchObject({
      code: "ERR_CHALLENGE_STORE_UNAVAILABLE",
      retryable: true,
      detail: { reason: "failed" },
    });
    expect(spent).toBe(false);
  });

  it("keeps the store's own error as the cause", async () => {
    const cause = new Error("connection lost");
    expect((await spendOver({ add: () => Promise.reject(cause) })).error).toMatchObject({ cause });
  });

  it("lets a store's refusal of our own kind through", async () => {
    const full = new ChallengeError("ERR_CHALLENGE_STORE_FULL", "full", { max: 1 }, { retryable: true });
    expect((await spendOver({ add: () => Promise.reject(full) })).error).toBe(full);
  });

  it("that never answers is given up, and what it says later changes nothing", async () => {
    let say: (answer: boolean) => void = () => undefined;
    const late = new Promise<boolean>((resolve) => {
      say = resolve;
    });
    const { challenger } = setUp({ spentStore: { add: () => late }, storeTimeoutMs: 20 });
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE", {
      reason: "did not answer within 20 ms",
    });
    say(true);
    await late;
    expect(assertVerifiedChallenge(verified).spent).toBe(false);
  });

  it("that fails after it was given up disturbs nobody", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", note);
    const add = () => new Promise<boolean>((_, reject) => setTimeout(() => reject(new Error("late")), 30));
    expect((await spendOver({ add }, 10)).error).toMatchObject({ code: "ERR_CHALLENGE_STORE_UNAVAILABLE" });
    await new Promise((resolve) => setTimeout(resolve, 60));
    process.off("unhandledRejection", note);
    expect(rejections).toEqual([]);
  });

  it("waits two seconds where nothing else is said, and leaves no timer behind", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { challenger } = setUp({ spentStore: { add: () => new Promise(() => undefined) } });
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    let ended = false;
    const spending = challenger.spend(verified).catch(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(1999);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await spending;
    expect(ended).toBe(true);
    const quick = setUp({ spentStore: answering(true) }).challenger;
    await quick.spend(await quick.verify((await quick.issue(PURPOSE)).nonce, PURPOSE));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks with the id, the nonce's expiry and the challenger's time, on the store itself", async () => {
    const calls: unknown[] = [];
    const spentStore = {
      add(...words: unknown[]) {
        calls.push(this === spentStore, ...words);
        return Promise.resolve(true);
      },
    };
    const { id } = await spendOver(spentStore);
    expect(calls).toEqual([true, id, new Date(START + TTL), new Date(START)]);
  });

  it.each<[string, number, ErrorCode | null]>([
    ["in time", TTL - 1, null],
    ["when it has expired, and the store may have forgotten who was first", TTL, "ERR_CHALLENGE_EXPIRED"],
    ["when the clock went back", -1, "ERR_CHALLENGE_CLOCK"],
  ])("that says true %s", async (_, later, code) => {
    const { challenger, time } = setUp({
      spentStore: {
        add: () => {
          time.now += later;
          return Promise.resolve(true);
        },
      },
    });
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    if (code === null) await challenger.spend(verified);
    else await expect(challenger.spend(verified)).toFailWith(code);
    expect(assertVerifiedChallenge(verified).spent).toBe(code === null);
  });

  it("is not asked again for a handle that was spent, should it have forgotten", async () => {
    const add = vi.fn(() => Promise.resolve(true));
    const { challenger } = setUp({ spentStore: { add } });
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    await challenger.spend(verified);
    await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_SPENT", { id: verified.id });
    expect(add).toHaveBeenCalledTimes(1);
  });

  it("is not asked for what has expired", async () => {
    const add = vi.fn(() => Promise.resolve(true));
    const { challenger, time } = setUp({ spentStore: { add } });
    const verified = await challenger.verify((await challenger.issue(PURPOSE)).nonce, PURPOSE);
    time.now += TTL;
    await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_EXPIRED");
    expect(add).not.toHaveBeenCalled();
  });
});

describe("redisSpentStore", () => {
  const storeWith = (send: (args: readonly string[]) => Promise<unknown>) =>
    redisSpentStore({ send, prefix: "spent:" });
  const expiresAt = new Date(START + 5000);
  const now = new Date(START);

  it("sends one command: the id behind the prefix, for its life and the tolerance", async () => {
    const sent: (readonly string[])[] = [];
    const store = storeWith((args) => {
      sent.push(args);
      return Promise.resolve("OK");
    });
    await expect(store.add("abc", expiresAt, now)).resolves.toBe(true);
    expect(sent).toEqual([["SET", "spent:abc", "1", "NX", "PX", String(5000 + CHALLENGE_CLOCK_SKEW_MS)]]);
  });

  it("keeps for the tolerance what has expired already", async () => {
    const send = vi.fn((_: readonly string[]) => Promise.resolve("OK"));
    await storeWith(send).add("abc", now, expiresAt);
    expect(send.mock.calls[0]?.[0].at(-1)).toBe(String(CHALLENGE_CLOCK_SKEW_MS));
  });

  it("goes by this machine's time when it is told none", async () => {
    const send = vi.fn((_: readonly string[]) => Promise.resolve("OK"));
    await storeWith(send).add("abc", new Date(Date.now() + 50_000));
    const ms = Number(send.mock.calls[0]?.[0].at(-1)) - CHALLENGE_CLOCK_SKEW_MS;
    expect(ms).toBeGreaterThan(40_000);
    expect(ms).toBeLessThanOrEqual(50_000);
  });

  it("takes nil for spent", async () => {
    await expect(storeWith(() => Promise.resolve(null)).add("abc", expiresAt, now)).resolves.toBe(false);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["true", true],
    ["1", 1],
    ["ok", "ok"],
    ["OK and more", "OK\r\n"],
    ["OK as bytes", Buffer.from("OK")],
    ["QUEUED", "QUEUED"],
    ["OK in a list", ["OK"]],
    ["an error that was not thrown", new Error("READONLY")],
  ])("cannot tell from the reply %s", async (_, reply) => {
    const adding = storeWith(() => Promise.resolve(reply)).add("abc", expiresAt, now);
    await expect(adding).toFailWith("ERR_CHALLENGE_STORE_UNAVAILABLE");
  });

  it("fails as the client does, also where it throws", async () => {
    const lost = new Error("connection lost");
    await expect(storeWith(() => Promise.reject(lost)).add("abc", expiresAt, now)).rejects.toBe(lost);
    const throwing = storeWith(() => {
      throw lost;
    });
    await expect(throwing.add("abc", expiresAt, now)).rejects.toBe(lost);
  });

  const send = () => Promise.resolve("OK");
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["no send", { prefix: "p" }],
    ["a client for send", { prefix: "p", send: { sendCommand: send } }],
    ["no prefix", { send }],
    ["an empty prefix", { send, prefix: "" }],
    ["a prefix of 257 characters", { send, prefix: "p".repeat(257) }],
    ["an unknown option", { send, prefix: "p", ttl: 5 }],
  ])("given %s throws a TypeError", (_, options) => {
    expect(() => (redisSpentStore as (odd: unknown) => unknown)(options)).toThrow(TypeError);
  });

  it.each<[string, readonly unknown[]]>([
    ["no id", [undefined, expiresAt]],
    ["no expiry", ["a"]],
    ["an expiry that is invalid", ["a", new Date(Number.NaN)]],
    ["a time that is invalid", ["a", expiresAt, new Date(Number.NaN)]],
  ])("with %s rejects and sends nothing", async (_, words) => {
    const never = vi.fn(send);
    const { add } = redisSpentStore({ send: never, prefix: "p" });
    await expect((add as (...odd: unknown[]) => Promise<boolean>)(...words)).rejects.toBeInstanceOf(TypeError);
    expect(never).not.toHaveBeenCalled();
  });
});
