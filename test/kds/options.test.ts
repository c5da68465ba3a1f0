import { describe, expect, it } from "vitest";
import { createKdsClient, type KdsClientOptions } from "../../src/kds/index.js";
import { createForge } from "../../src/testing/index.js";

const forge = await createForge({ seed: "kds options" });
const now = () => forge.now;
const most = 0x7fff_ffff;

describe("options", () => {
  it("need a clock and nothing else, and every one has its sound value", () => {
    expect(Object.isFrozen(createKdsClient({ now }))).toBe(true);
    const whole: Required<KdsClientOptions> = {
      now,
      anchors: [forge.ark().der],
      engine: { name: "none", digest: () => new Uint8Array(), verifyEcdsaP384: () => false, verifyRsaPss: () => false },
      transport: () => Promise.reject(new Error("none")),
      cache: { get: () => undefined, set: () => undefined },
      baseUrl: "http://localhost:1/kds/",
      retry: { attempts: 1, baseDelayMs: 0, maxDelayMs: 0, attemptTimeoutMs: 1, random: () => 0 },
      rate: { vcekIntervalMs: 0, otherIntervalMs: most },
      concurrency: 1,
      maxQueue: 0,
      timeoutMs: most,
      maxBytes: 1,
      allow: () => true,
    };
    expect(createKdsClient(whole)).toBeDefined();
    for (const name of Object.keys(whole).filter((key) => key !== "now")) {
      expect(createKdsClient({ now, [name]: undefined })).toBeDefined();
      expect(() => createKdsClient({ now, [name]: null } as never)).toThrow(TypeError);
    }
  });

  it.each<[string, unknown]>([
    ["none", undefined],
    ["a list", []],
    ["no clock", {}],
    ["a Date for a clock", { now: forge.now }],
    ["an unknown name", { now, timeout: 5 }],
    ["anchors that are empty", { now, anchors: [] }],
    ["anchors that are no roots", { now, anchors: [forge.ask().der] }],
    ["an engine without verbs", { now, engine: {} }],
    ["a transport that is no function", { now, transport: { fetch: () => undefined } }],
    ["a cache without set", { now, cache: { get: () => undefined } }],
    ["a cache without get", { now, cache: { set: () => undefined } }],
    ["a cache that is a Map", { now, cache: "memory" }],
    ["a base URL of another kind", { now, baseUrl: "ftp://kds.example" }],
    ["a base URL that is a URL", { now, baseUrl: new URL("https://kds.example") }],
    ["retry that is a number", { now, retry: 3 }],
    ["an unknown name in retry", { now, retry: { retries: 3 } }],
    ["a random that is a number", { now, retry: { random: 0.5 } }],
    ["an unknown name in rate", { now, rate: { perSecond: 3 } }],
    ["allow that is true", { now, allow: true }],
    ["an inherited option", Object.create({ now })],
  ])("are refused with a TypeError: %s", (_, options) => {
    expect(() => createKdsClient(options as KdsClientOptions)).toThrow(TypeError);
  });

  const LEAST: readonly [string, number][] = [
    ["concurrency", 1],
    ["maxQueue", 0],
    ["timeoutMs", 1],
    ["maxBytes", 1],
    ["retry.attempts", 1],
    ["retry.baseDelayMs", 0],
    ["retry.maxDelayMs", 0],
    ["retry.attemptTimeoutMs", 1],
    ["rate.vcekIntervalMs", 0],
    ["rate.otherIntervalMs", 0],
  ];
  const made = (path: string, value: unknown) => {
    const [outer = "", inner] = path.split(".");
    return { now, [outer]: inner === undefined ? value : { [inner]: value } };
  };

  it.each(LEAST)("%s is a whole number of at least %i that timers can wait", (path, least) => {
    for (const value of [least, most]) expect(createKdsClient(made(path, value))).toBeDefined();
    for (const value of [least - 1, most + 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "5", 5n, {}]) {
      expect(() => createKdsClient(made(path, value)), String(value)).toThrow(`options.${path} must be`);
    }
  });
});
