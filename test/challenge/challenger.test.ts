import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { CHALLENGE_CLOCK_SKEW_MS, createChallenger, memorySpentStore } from "../../src/challenge/index.js";
import { assertVerifiedChallenge } from "../../src/challenge/verified.js";
import { ChallengeError, type ErrorCode, isAttestationError } from "../../src/errors.js";
import { PURPOSE, START, secretOf, setUp, TTL } from "./support.js";

// Typed as a function of anything: the compiler would not let these calls through, JavaScript does.
type Loose = (...values: unknown[]) => unknown;

describe("a challenge", () => {
  it("is issued, verified and spent, and then never again", async () => {
    const { challenger } = setUp();
    const { id, nonce, expiresAt } = await challenger.issue(PURPOSE);
    const verified = await challenger.verify(nonce, PURPOSE);
    expect({ ...verified }).toEqual({ id, nonce, expiresAt, ...PURPOSE });
    expect(assertVerifiedChallenge(verified).spent).toBe(false);
    await expect(challenger.spend(verified)).resolves.toBeUndefined();
    expect(assertVerifiedChallenge(verified).spent).toBe(true);
    await expect(challenger.spend(verified)).toFailWith("ERR_CHALLENGE_SPENT", { id });
    const again = await challenger.verify(nonce, PURPOSE);
    await expect(challenger.spend(again)).toFailWith("ERR_CHALLENGE_SPENT", { id });
    expect(assertVerifiedChallenge(again).spent).toBe(false);
  });

  it("can be verified any number of times before it is spent", async () => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const [one, two] = [await challenger.verify(nonce, PURPOSE), await challenger.verify(nonce, PURPOSE)];
    await challenger.spend(two);
    await expect(challenger.spend(one)).toFailWith("ERR_CHALLENGE_SPENT");
  });

  it("is spent once by many at one time", async () => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const handles = await Promise.all(Array.from({ length: 50 }, () => challenger.verify(nonce, PURPOSE)));
    const ends = await Promise.allSettled(handles.map((handle) => challenger.spend(handle)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(handles.filter((handle) => assertVerifiedChallenge(handle).spent)).toHaveLength(1);
  });

  it("hands out copies: what is done to them changes nothing", async () => {
    const { challenger } = setUp();
    const challenge = await challenger.issue(PURPOSE);
    challenge.nonce.fill(0);
    challenge.expiresAt.setTime(0);
    const verified = await challenger.verify(challenge.nonce, PURPOSE);
    verified.nonce.fill(0);
    verified.expiresAt.setTime(0);
    expect(verified.nonce).toEqual(challenge.nonce);
    expect(verified.expiresAt).toEqual(challenge.expiresAt);
    expect(Object.isFrozen(challenge) && Object.isFrozen(verified) && Object.isFrozen(challenger)).toBe(true);
  });

  it("is read before anything is waited for", async () => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const purpose = { ...PURPOSE };
    const sent = nonce.slice();
    const verifying = challenger.verify(sent, purpose);
    sent.fill(0);
    purpose.audience = "another";
    await expect(verifying).resolves.toMatchObject({ nonce, audience: PURPOSE.audience });
  });
});

describe("a purpose", () => {
  it.each([
    ["another audience", { ...PURPOSE, audience: "https://release.example/" }],
    ["the audience in capitals", { ...PURPOSE, audience: PURPOSE.audience.toUpperCase() }],
    ["the audience and a zero", { ...PURPOSE, audience: `${PURPOSE.audience}\0` }],
    ["the audience's beginning", { ...PURPOSE, audience: PURPOSE.audience.slice(0, -1) }],
    ["another policy", { ...PURPOSE, policyDigest: `${"0a".repeat(47)}0b` }],
  ])("that is %s refuses", async (_, other) => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    await expect(challenger.verify(nonce, other)).toFailWith("ERR_CHALLENGE_FORGED", { keyId: "k1" });
    const { nonce: converse } = await challenger.issue(other);
    await expect(challenger.verify(converse, PURPOSE)).toFailWith("ERR_CHALLENGE_FORGED");
    await expect(challenger.verify(converse, other)).resolves.toMatchObject(other);
  });

  it("compares code points and not looks", async () => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue({ ...PURPOSE, audience: "caf\u00e9" });
    await expect(challenger.verify(nonce, { ...PURPOSE, audience: "cafe\u0301" })).toFailWith("ERR_CHALLENGE_FORGED");
  });

  it("tells apart a byte order mark, which decoders like to drop", async () => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue({ ...PURPOSE, audience: "\ufeffa" });
    await expect(challenger.verify(nonce, { ...PURPOSE, audience: "a" })).toFailWith("ERR_CHALLENGE_FORGED");
    await expect(challenger.verify(nonce, { ...PURPOSE, audience: "\ufeffa" })).resolves.toBeDefined();
  });

  it("lets no other through, whatever the two are", async () => {
    const { challenger } = setUp();
    const text = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme" });
    // Some that return, so that pairs differ in one of the two alone; and some that run into what is beside them.
    const audience = fc.oneof(text, fc.constantFrom("a", "ab", "a0a", "\0", "\0\0\0\u0001a"));
    const digest = fc.uint8Array({ minLength: 48, maxLength: 48 });
    const policyDigest = fc.oneof(digest, fc.constantFrom(secretOf(1, 48), secretOf(2, 48))).map(toHex);
    const purpose = fc.record({ audience, policyDigest });
    await fc.assert(
      fc.asyncProperty(purpose, purpose, async (one, other) => {
        const { nonce } = await challenger.issue(one);
        await expect(challenger.verify(nonce, one)).resolves.toMatchObject(one);
        fc.pre(one.audience !== other.audience || one.policyDigest !== other.policyDigest);
        await expect(challenger.verify(nonce, other)).toFailWith("ERR_CHALLENGE_FORGED");
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, unknown]>([
    ["none", undefined],
    ["a list", [PURPOSE]],
    ["without an audience", { policyDigest: PURPOSE.policyDigest }],
    ["without a digest", { audience: PURPOSE.audience }],
    ["with an unknown name", { ...PURPOSE, context: "x" }],
    ["with an inherited audience", Object.create({ ...PURPOSE })],
    ["with an empty audience", { ...PURPOSE, audience: "" }],
    ["with an audience of 1025 bytes", { ...PURPOSE, audience: "a".repeat(1025) }],
    ["with an audience of 1026 bytes in 513 characters", { ...PURPOSE, audience: "\u00e9".repeat(513) }],
    ["with a huge audience", { ...PURPOSE, audience: "a".repeat(50_000_000) }],
    ["with half a surrogate pair", { ...PURPOSE, audience: "a\ud800" }],
    ["with the other half", { ...PURPOSE, audience: "\udc00a" }],
    ["with an audience of bytes", { ...PURPOSE, audience: new Uint8Array(3) }],
    ["with a digest in capitals", { ...PURPOSE, policyDigest: "0A".repeat(48) }],
    ["with a digest of 95 digits", { ...PURPOSE, policyDigest: PURPOSE.policyDigest.slice(1) }],
    ["with a digest and a line break", { ...PURPOSE, policyDigest: `${PURPOSE.policyDigest}\n` }],
    ["with a digest of bytes", { ...PURPOSE, policyDigest: new Uint8Array(48) }],
  ])("%s is a TypeError", async (_, purpose) => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    await expect((challenger.issue as Loose)(purpose)).rejects.toBeInstanceOf(TypeError);
    await expect((challenger.verify as Loose)(nonce, purpose)).rejects.toBeInstanceOf(TypeError);
  });

  it("may have 1024 bytes of audience", async () => {
    const { challenger } = setUp();
    for (const audience of ["a".repeat(1024), "\u00e9".repeat(512), "\u{1f600}".repeat(256)]) {
      const { nonce } = await challenger.issue({ ...PURPOSE, audience });
      await expect(challenger.verify(nonce, { ...PURPOSE, audience })).resolves.toMatchObject({ audience });
    }
  });
});

describe("time", () => {
  it.each<[string, number, ErrorCode | null]>([
    ["as it is issued", 0, null],
    ["a millisecond before its expiry", TTL - 1, null],
    ["at its expiry", TTL, "ERR_CHALLENGE_EXPIRED"],
    ["a millisecond after it", TTL + 1, "ERR_CHALLENGE_EXPIRED"],
    ["years later", 10 * 365 * 86_400_000, "ERR_CHALLENGE_EXPIRED"],
  ])("%s", async (_, later, code) => {
    const { challenger, time } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const early = await challenger.verify(nonce, PURPOSE);
    time.now += later;
    const calls = [() => challenger.verify(nonce, PURPOSE), () => challenger.spend(early)];
    for (const call of calls) {
      if (code === null) await call();
      else await expect(call()).toFailWith(code);
    }
  });

  it("is named in the refusal", async () => {
    const { challenger, time } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    time.now += TTL;
    const at = new Date(time.now).toISOString();
    await expect(challenger.verify(nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_EXPIRED", { expiresAt: at, now: at });
  });

  it("is judged after the MAC: what is forged is called so, be it old or not", async () => {
    const { challenger, time } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    time.now += TTL;
    await expect(challenger.verify(nonce, { ...PURPOSE, audience: "another" })).toFailWith("ERR_CHALLENGE_FORGED");
  });

  it("never goes back: behind what was seen, everything is refused until it is there again", async () => {
    const { challenger, time } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const verified = await challenger.verify(nonce, PURPOSE);
    time.now += TTL;
    await expect(challenger.verify(nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_EXPIRED");
    time.now -= 1;
    const limit = new Date(START + TTL).toISOString();
    for (const call of [
      () => challenger.verify(nonce, PURPOSE),
      () => challenger.spend(verified),
      () => challenger.issue(PURPOSE),
    ]) {
      await expect(call()).toFailWith("ERR_CHALLENGE_CLOCK", { limit, now: new Date(time.now).toISOString() });
      await expect(call()).rejects.toMatchObject({ retryable: true });
    }
    time.now += 1;
    await expect(challenger.issue(PURPOSE)).resolves.toBeDefined();
  });

  it.each([
    ["within the tolerance", 0, true],
    ["a millisecond beyond it", 1, false],
  ])("of another copy may be behind, %s", async (_, beyond, accepted) => {
    const { options, challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const behind = new Date(START - CHALLENGE_CLOCK_SKEW_MS - beyond);
    const copy = createChallenger({ ...options, clock: () => behind });
    if (accepted) await expect(copy.verify(nonce, PURPOSE)).resolves.toBeDefined();
    else await expect(copy.verify(nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_CLOCK");
  });

  it("to live is bounded by each copy's own option", async () => {
    const { options, challenger } = setUp({ ttlMs: 3_600_000 });
    const { nonce } = await challenger.issue(PURPOSE);
    const strict = createChallenger({ ...options, ttlMs: 60_000 });
    await expect(strict.verify(nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_CLOCK");
  });

  it.each<[string, unknown]>([
    ["invalid", new Date(Number.NaN)],
    ["a number", START],
    ["a text", "2026-06-01"],
    ["nothing", undefined],
    ["1970", new Date(0)],
    ["a look-alike", { getTime: () => START }],
  ])("that is %s refuses", async (_, odd) => {
    const { options, challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const broken = createChallenger({ ...options, clock: (() => odd) as () => Date });
    await expect(broken.issue(PURPOSE)).rejects.toThrow(/options\.clock\(\) must be a/);
    await expect(broken.verify(nonce, PURPOSE)).rejects.toBeInstanceOf(TypeError);
  });

  it("that turns invalid later refuses to spend", async () => {
    const time = { now: START };
    const { challenger } = setUp({ clock: () => new Date(time.now) });
    const { nonce } = await challenger.issue(PURPOSE);
    const verified = await challenger.verify(nonce, PURPOSE);
    time.now = Number.NaN;
    await expect(challenger.spend(verified)).rejects.toBeInstanceOf(TypeError);
    expect(assertVerifiedChallenge(verified).spent).toBe(false);
  });
});

describe("keys", () => {
  const key = (number: number) => ({ id: `k${number}`, secret: secretOf(number) });

  it("rotate: the first signs, all of them verify", async () => {
    const before = setUp({ keys: [key(1)] }).challenger;
    const during = setUp({ keys: [key(2), key(1)] }).challenger;
    const after = setUp({ keys: [key(2)] }).challenger;
    const [old, fresh] = [await before.issue(PURPOSE), await during.issue(PURPOSE)];
    await expect(during.verify(old.nonce, PURPOSE)).resolves.toBeDefined();
    await expect(after.verify(fresh.nonce, PURPOSE)).resolves.toBeDefined();
    await expect(after.verify(old.nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_UNKNOWN_KEY", { keyId: "k1" });
    await expect(before.verify(fresh.nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_UNKNOWN_KEY", { keyId: "k2" });
  });

  it("are copied", async () => {
    const secret = secretOf(1);
    const { challenger } = setUp({ keys: [{ id: "k1", secret }] });
    secret.fill(9);
    const { nonce } = await challenger.issue(PURPOSE);
    await expect(setUp().challenger.verify(nonce, PURPOSE)).resolves.toBeDefined();
  });

  it("of one id and other secrets are other keys", async () => {
    const { nonce } = await setUp().challenger.issue(PURPOSE);
    const other = setUp({ keys: [{ id: "k1", secret: secretOf(2) }] }).challenger;
    await expect(other.verify(nonce, PURPOSE)).toFailWith("ERR_CHALLENGE_FORGED");
  });

  it("may be 16, of up to 1024 bytes", async () => {
    const keys = Array.from({ length: 16 }, (_, index) => ({ id: `k${index}`, secret: secretOf(index, 1024) }));
    const { challenger } = setUp({ keys });
    const { nonce } = await challenger.issue(PURPOSE);
    await expect(challenger.verify(nonce, PURPOSE)).resolves.toBeDefined();
  });
});

describe("createChallenger", () => {
  const whole = setUp().options;
  const oneKey = whole.keys[0];
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["an unknown option", { ...whole, ttl: 5 }],
    ["inherited options", Object.create(whole)],
    ...(["keys", "ttlMs", "clock", "spentStore"] as const).map((name): [string, unknown] => {
      const { [name]: _, ...rest } = whole;
      return [`no ${name}`, rest];
    }),
    ["no key", { ...whole, keys: [] }],
    ["a key that is no list", { ...whole, keys: oneKey }],
    ["17 keys", { ...whole, keys: Array.from({ length: 17 }, (_, i) => ({ id: `k${i}`, secret: secretOf(i) })) }],
    ["a list with a hole", { ...whole, keys: new Array(1) }],
    ["two keys of one id", { ...whole, keys: [oneKey, { id: "k1", secret: secretOf(2) }] }],
    ["a key without an id", { ...whole, keys: [{ secret: secretOf(1) }] }],
    ["a key without a secret", { ...whole, keys: [{ id: "k1" }] }],
    ["a key with more", { ...whole, keys: [{ ...oneKey, alg: "HS256" }] }],
    ["an empty id", { ...whole, keys: [{ ...oneKey, id: "" }] }],
    ["an id of 33", { ...whole, keys: [{ ...oneKey, id: "k".repeat(33) }] }],
    ["an id with a space", { ...whole, keys: [{ ...oneKey, id: "k 1" }] }],
    ["an id with an umlaut", { ...whole, keys: [{ ...oneKey, id: "k\u00fc" }] }],
    ["an id with a line break", { ...whole, keys: [{ ...oneKey, id: "k1\n" }] }],
    ["a secret of 31 bytes", { ...whole, keys: [{ id: "k1", secret: secretOf(1, 31) }] }],
    ["a secret of 1025 bytes", { ...whole, keys: [{ id: "k1", secret: secretOf(1, 1025) }] }],
    ["a secret of text", { ...whole, keys: [{ id: "k1", secret: "s".repeat(32) }] }],
    ["a secret of zeros", { ...whole, keys: [{ id: "k1", secret: new Uint8Array(32) }] }],
    ["a ttl of 0", { ...whole, ttlMs: 0 }],
    ["a ttl below it", { ...whole, ttlMs: -1 }],
    ["a ttl of half a millisecond", { ...whole, ttlMs: 0.5 }],
    ["a ttl of more than a day", { ...whole, ttlMs: 86_400_001 }],
    ["a ttl without end", { ...whole, ttlMs: Number.POSITIVE_INFINITY }],
    ["a ttl that is no number", { ...whole, ttlMs: Number.NaN }],
    ["a ttl of text", { ...whole, ttlMs: "60000" }],
    ["a clock that is a Date", { ...whole, clock: new Date(START) }],
    ["a store without add", { ...whole, spentStore: {} }],
    ["a store that is null", { ...whole, spentStore: null }],
    ["a store that is a function", { ...whole, spentStore: async () => true }],
    ["a time-out of 0", { ...whole, storeTimeoutMs: 0 }],
    ["a time-out of an hour", { ...whole, storeTimeoutMs: 3_600_000 }],
    ["a time-out without end", { ...whole, storeTimeoutMs: Number.POSITIVE_INFINITY }],
    ["a time-out that is null", { ...whole, storeTimeoutMs: null }],
  ])("given %s throws a TypeError", (_, odd) => {
    expect(() => (createChallenger as Loose)(odd)).toThrow(TypeError);
  });

  it.each([1, 86_400_000])("takes a ttl of %i ms", (ttlMs) => {
    expect(() => createChallenger({ ...whole, ttlMs })).not.toThrow();
  });

  it("never tells a secret, in text or in errors", async () => {
    const { challenger } = setUp();
    const secret = Buffer.from(secretOf(1)).toString("hex").slice(0, 16);
    const { nonce } = await challenger.issue(PURPOSE);
    const error: unknown = await challenger.verify(nonce, { ...PURPOSE, audience: "x" }).catch((thrown) => thrown);
    if (!isAttestationError(error)) throw new Error("it did not fail");
    expect(JSON.stringify([error, challenger, Object.entries(challenger)])).not.toContain(secret);
  });
});

describe("what is verified", () => {
  it.each<[string, (verified: object) => unknown]>([
    ["nothing", () => undefined],
    ["a nonce", () => new Uint8Array(78)],
    ["a copy", (verified) => ({ ...verified })],
    ["a child", (verified) => Object.create(verified)],
    ["a proxy", (verified) => new Proxy(verified, {})],
  ])("is not %s", async (_, make) => {
    const { challenger } = setUp();
    const { nonce } = await challenger.issue(PURPOSE);
    const verified = await challenger.verify(nonce, PURPOSE);
    await expect((challenger.spend as Loose)(make(verified))).rejects.toBeInstanceOf(TypeError);
    expect(() => assertVerifiedChallenge(make(verified))).toThrow(TypeError);
  });

  it("is not a challenge that was issued", async () => {
    const { challenger } = setUp();
    const challenge = await challenger.issue(PURPOSE);
    await expect((challenger.spend as Loose)(challenge)).rejects.toBeInstanceOf(TypeError);
  });

  it("is spent by its own challenger alone: another has another store", async () => {
    const [mine, other] = [setUp().challenger, setUp().challenger];
    const { nonce } = await mine.issue(PURPOSE);
    const verified = await mine.verify(nonce, PURPOSE);
    await expect(other.spend(verified)).rejects.toThrow(/this challenger's own verify/);
    await expect(mine.spend(verified)).resolves.toBeUndefined();
  });
});

describe.each<[string, unknown]>([
  ["without crypto", undefined],
  ["without crypto.subtle", { getRandomValues: (bytes: Uint8Array) => bytes }],
  ["with a subtle that refuses to work", { subtle: { importKey: () => Promise.reject(new Error("no")) } }],
])("a runtime %s", (_, crypto) => {
  it("issues and verifies nothing, and says so", async () => {
    const { options } = setUp();
    const { nonce } = await createChallenger(options).issue(PURPOSE);
    vi.stubGlobal("crypto", crypto);
    const challenger = createChallenger(options);
    await expect(challenger.issue(PURPOSE)).toFailWith("ERR_UNSUPPORTED_CRYPTO", { engine: "webcrypto" });
    await expect(challenger.verify(nonce, PURPOSE)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
    vi.unstubAllGlobals();
    await expect(challenger.verify(nonce, PURPOSE)).resolves.toBeDefined();
  });
});

it("an error says whether it helps to come back", () => {
  const spent = new ChallengeError("ERR_CHALLENGE_SPENT", "no", { id: "1" }, { retryable: false });
  expect(spent.toJSON()).toEqual({
    name: "ChallengeError",
    code: "ERR_CHALLENGE_SPENT",
    message: "no",
    detail: { id: "1" },
  });
  expect(memorySpentStore({ singleProcess: true, max: 1 })).toBeDefined();
});
