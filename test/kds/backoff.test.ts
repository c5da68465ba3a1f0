import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createKdsClient, type KdsRetry } from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import { fakeTransport, status } from "./fake-transport.js";

const CRL = { role: "crl", productLine: "Milan", signingKey: "VCEK" } as const;
const WAIT_MS = 5000;

let forge: Forge;

beforeAll(async () => {
  forge = await createForge({ seed: "kds backoff" });
});
beforeEach(() => {
  vi.useFakeTimers({ now: forge.now });
});
afterEach(() => {
  vi.useRealTimers();
});

/** How long a client waits that was throttled so often and is then told to wait. */
async function waited(throttles: number, retry: KdsRetry): Promise<number> {
  const kds = fakeTransport(forge);
  kds.answer = () => {
    const { length } = kds.asked;
    if (length <= throttles) return status(429);
    return length === throttles + 1 ? status(429, { "retry-after": String(WAIT_MS / 1000) }) : undefined;
  };
  const source = createKdsClient({
    now: () => forge.now,
    anchors: [forge.ark().der],
    engine: nodeEngine,
    transport: kds.transport,
    rate: { otherIntervalMs: 0 },
    retry,
  });
  const answer = source.get(CRL, {});
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await answer).toEqual(forge.crl().der);
  const [told, next] = kds.asked.slice(throttles).map(({ at }) => at);
  return Number(next) - Number(told);
}

describe("Retry-After", () => {
  it.each<[string, number, KdsRetry]>([
    ["at once", 0, {}],
    ["without a pause of its own", 3, { baseDelayMs: 0 }],
    ["when 2^n is beyond all numbers", 1100, { baseDelayMs: 0 }],
    ["with jitter that is no number", 0, { random: () => Number.NaN }],
  ])("is waited for %s", async (_, throttles, retry) => {
    expect(await waited(throttles, retry)).toBe(WAIT_MS);
  });
});

describe("a 429", () => {
  it.each<[string, number, readonly number[]]>([
    ["holds back who waits for the place that it leaves", 429, [0, WAIT_MS, WAIT_MS]],
    ["does so alone: 404 holds back nobody", 404, [0, 0]],
  ])("%s", async (_, code, expected) => {
    const kds = fakeTransport(forge);
    kds.answer = () => (kds.asked.length === 1 ? status(code, { "retry-after": "5" }) : undefined);
    const source = createKdsClient({
      now: () => forge.now,
      anchors: [forge.ark().der],
      engine: nodeEngine,
      transport: kds.transport,
      concurrency: 1,
      rate: { otherIntervalMs: 0 },
      retry: { random: () => 1 },
    });
    const answers = [source.get(CRL, {}), source.get({ ...CRL, signingKey: "VLEK" }, {})];
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await Promise.all(answers)).at(1)).toEqual(forge.crl().der);
    expect(kds.asked.map(({ at }) => at - forge.now.getTime())).toEqual(expected);
  });
});
