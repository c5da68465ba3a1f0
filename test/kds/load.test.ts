import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { createKdsClient, type KdsClientOptions } from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type Forge, type ForgedEvidence } from "../../src/testing/index.js";
import { type FakeKds, type FakeKdsRequest, startFakeKds } from "../../src/testing/kds/index.js";
import type { CollateralRequest, CollateralSource } from "../../src/verify/types.js";
import { createVerifier } from "../../src/verify/verifier.js";
import { type FakeTransport, fakeTransport, leafOf, status } from "./fake-transport.js";

const CHIPS = Array.from({ length: 50 }, (_, index) => String(index));
const VERIFICATIONS = 500;

let forge: Forge;
let anchors: Uint8Array[];
/** A report of each chip, with nothing beside it; the lines take turns. */
let reports: ForgedEvidence["evidence"][];

beforeAll(async () => {
  forge = await createForge({ seed: "kds load" });
  anchors = PRODUCT_LINES.map((productLine) => forge.ark({ productLine }).der);
  reports = CHIPS.map((chip, index) => {
    const productLine = lineOf(index);
    const { bytes } = forge.report({ productLine, chip, signingKey: "VCEK" });
    return { report: bytes };
  });
});

const lineOf = (index: number) => PRODUCT_LINES[index % PRODUCT_LINES.length] ?? "Milan";

/** 500 verifications at once by one verifier, of 50 chips. */
function verifyAll(collateral: CollateralSource): Promise<unknown[]> {
  const { verify } = createVerifier({ now: () => forge.now, anchors, engine: nodeEngine, collateral });
  const verifications = Array.from({ length: VERIFICATIONS }, (_, index) => {
    const evidence = reports[index % reports.length];
    return evidence === undefined ? Promise.reject(new Error("no report")) : verify(evidence);
  });
  return Promise.all(verifications.map(async (verification) => (await verification).revocation.status));
}

/** The most requests in any window of so many milliseconds. */
function busiest(at: readonly number[], windowMs: number): number {
  return Math.max(...at.map((start) => at.filter((time) => time >= start && time < start + windowMs).length));
}

describe("500 verifications of 50 chips at once, over sockets", () => {
  let kds: FakeKds;
  beforeAll(async () => {
    kds = await startFakeKds({ forge, chips: CHIPS });
  });
  afterAll(() => kds.close());

  const client = (options: Partial<KdsClientOptions> = {}) =>
    createKdsClient({
      now: () => forge.now,
      anchors,
      engine: nodeEngine,
      baseUrl: kds.url,
      rate: { vcekIntervalMs: 20, otherIntervalMs: 5 },
      ...options,
    });

  it("cause one request for each VCEK, one chain and one CRL for each line, none above the rate", async () => {
    kds.forget();
    expect(new Set(await verifyAll(client()))).toEqual(new Set(["checked"]));
    expect(kds.count({ kind: "vcek" })).toBe(CHIPS.length);
    expect(new Set(kds.requests.map(({ url }) => url)).size).toBe(kds.requests.length);
    for (const productLine of PRODUCT_LINES) {
      expect(kds.count({ kind: "cert_chain", productLine })).toBe(1);
      expect(kds.count({ kind: "crl", productLine })).toBe(1);
    }
    expect(kds.count()).toBe(CHIPS.length + 2 * PRODUCT_LINES.length);
    const at = kds.requests.filter(({ kind }) => kind === "vcek").map((request) => request.at);
    // 20 ms apart, as the server sees them; what the network holds up and lets go arrives closer together.
    expect(busiest(at, 200)).toBeLessThanOrEqual(200 / 20 + 3);
  });

  it("all end well when the server throttles for a while, within a bound of requests", async () => {
    kds.forget();
    const started = Date.now();
    const throttleMs = 1500;
    const when = ({ at }: FakeKdsRequest) => at < started + throttleMs;
    const mend = kds.misbehave({ kind: "status", status: 429 }, { when });
    const [baseDelayMs, concurrency] = [50, 4];
    const verified = await verifyAll(client({ retry: { baseDelayMs, random: () => 0.5 }, concurrency }));
    mend();
    expect(verified).toHaveLength(VERIFICATIONS);
    expect(new Set(verified)).toEqual(new Set(["checked"]));
    const throttled = kds.requests.filter(when).length;
    // Each of the two lanes is told once per back-off, which doubles, and once more by each request under way.
    const rounds = Math.ceil(Math.log2(throttleMs / (baseDelayMs * 0.75))) + 1;
    expect(throttled).toBeGreaterThan(2);
    expect(throttled).toBeLessThanOrEqual(2 * rounds * concurrency);
    expect(kds.count()).toBe(throttled + CHIPS.length + 2 * PRODUCT_LINES.length);
  });
});

describe("by the timers' clock", () => {
  const SECOND = 1000;
  const INTERVAL = 10 * SECOND;
  let kds: FakeTransport;

  function client(options: Partial<KdsClientOptions> = {}) {
    kds = fakeTransport(forge, CHIPS);
    const { transport } = kds;
    return createKdsClient({ now: () => new Date(), anchors, engine: nodeEngine, transport, ...options });
  }
  const times = () => kds.asked.filter(({ wanted }) => wanted.role === "leaf").map(({ at }) => at);

  /** Runs the timers a second at a time until a promise is settled. */
  async function settled<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const end = () => {
      done = true;
    };
    promise.then(end, end);
    while (!done) await vi.advanceTimersByTimeAsync(SECOND);
    return await promise;
  }

  it("500 verifications of 50 chips at the default rate are never faster than one VCEK in ten seconds", async () => {
    vi.useFakeTimers({ now: forge.now });
    const source = client({ timeoutMs: 600 * SECOND });
    expect(new Set(await settled(verifyAll(source)))).toEqual(new Set(["checked"]));
    const at = times();
    expect(at).toHaveLength(CHIPS.length);
    expect(at.slice(1).every((time, index) => time - (at[index] ?? 0) >= INTERVAL)).toBe(true);
    expect([kds.count("intermediate"), kds.count("crl")]).toEqual([PRODUCT_LINES.length, PRODUCT_LINES.length]);
    vi.useRealTimers();
  });

  it.each([
    ["with Retry-After", { "retry-after": "30" }, 2],
    ["without", {}, 6],
  ])("a minute of 429 %s costs few requests more, and all 500 end well", async (_, headers, more) => {
    vi.useFakeTimers({ now: forge.now });
    const source = client({ timeoutMs: 900 * SECOND, retry: { random: () => 1 } });
    const end = Date.now() + 59 * SECOND;
    kds.answer = ({ wanted, at }) => (wanted.role === "leaf" && at < end ? status(429, headers) : undefined);
    expect(new Set(await settled(verifyAll(source)))).toEqual(new Set(["checked"]));
    expect(kds.count("leaf")).toBeLessThanOrEqual(CHIPS.length + more);
    expect(kds.count("leaf")).toBeGreaterThan(CHIPS.length);
    expect([kds.count("intermediate"), kds.count("crl")]).toEqual([PRODUCT_LINES.length, PRODUCT_LINES.length]);
    vi.useRealTimers();
  });

  const stranger = (id: number): CollateralRequest => {
    const hwId = new Uint8Array(64);
    new DataView(hwId.buffer).setUint32(60, id + 1);
    return { ...leafOf(forge), hwId };
  };

  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };

  it("10,000 made-up chips at once cause no more than the rate, and a known chip is served meanwhile", async () => {
    vi.useFakeTimers({ now: forge.now });
    const source = client();
    const known = await source.get(leafOf(forge), {});
    expect(known).toBeDefined();
    const seen: Record<string, number> = {};
    const count = (outcome: string) => {
      seen[outcome] = (seen[outcome] ?? 0) + 1;
    };
    const all = Array.from({ length: 10_000 }, (_, id) =>
      source.get(stranger(id), {}).then(
        () => count("undefined"),
        (error) => count(error.code),
      ),
    );
    await vi.advanceTimersByTimeAsync(SECOND);
    expect(seen).toEqual({ ERR_COLLATERAL_BUSY: 9900 });
    expect(await source.get(leafOf(forge), {})).toEqual(known);
    await settled(Promise.all(all));
    // The known chip, and one in ten seconds of the two minutes that each waits at the most.
    expect(kds.count("leaf")).toBe(1 + 11);
    expect(seen).toEqual({ ERR_COLLATERAL_BUSY: 9900, undefined: 11, ERR_COLLATERAL_UNAVAILABLE: 89 });
    vi.useRealTimers();
  });

  it("10,000 made-up chips one after the other leave no more behind than a thousand", {
    timeout: 120_000,
  }, async () => {
    const source = client({ now: () => forge.now, rate: { vcekIntervalMs: 0, otherIntervalMs: 0 } });
    const known = await source.get(leafOf(forge), {});
    const ask = async (from: number, to: number) => {
      for (let id = from; id < to; id++) {
        expect(await source.get(stranger(id), {})).toBeUndefined();
        kds.asked.length = 0;
      }
    };
    await ask(0, 2000);
    const before = heap();
    await ask(2000, 10_000);
    // Eight thousand more; a kilobyte kept of each would be eight megabytes.
    expect(heap() - before).toBeLessThan(1_000_000);
    expect(await source.get(leafOf(forge), {})).toEqual(known);
    expect(kds.asked).toEqual([]);
  });
});
