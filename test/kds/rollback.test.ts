import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createKdsClient, createMemoryCache, type KdsClientOptions } from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import type { CollateralSource } from "../../src/verify/types.js";
import { parseCrl } from "../../src/x509/crl.js";
import { body, type FakeTransport, fakeTransport } from "./fake-transport.js";

const CRL = { role: "crl", productLine: "Milan", signingKey: "VCEK" } as const;
const SECOND = 1000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let forge: Forge;
let kds: FakeTransport;
let now: Date;
/** The CRL that the client has: of the present, and in its last quarter from `due` on. */
let present: Uint8Array;
let due: number;

const crlOf = (from: number, to: number) => forge.crl({ thisUpdate: new Date(from), nextUpdate: new Date(to) }).der;

beforeAll(async () => {
  forge = await createForge({ seed: "kds rollback" });
});
beforeEach(() => {
  vi.useFakeTimers({ now: forge.now });
  kds = fakeTransport(forge);
  now = forge.now;
  present = forge.crl().der;
  const { thisUpdate, nextUpdate } = parseCrl(present);
  due = nextUpdate - (nextUpdate - thisUpdate) / 4;
});
afterEach(() => {
  vi.useRealTimers();
});

function client(options: Partial<KdsClientOptions> = {}): CollateralSource {
  const { transport } = kds;
  return createKdsClient({ now: () => now, anchors: [forge.ark().der], engine: nodeEngine, transport, ...options });
}

/** What a client answers after it looked for the next CRL and was given this one. */
async function afterRefresh(next: Uint8Array, options: Partial<KdsClientOptions> = {}): Promise<unknown> {
  const source = client(options);
  await source.get(CRL, {});
  now = new Date(due);
  kds.answer = () => body(next);
  await source.get(CRL, {});
  await vi.advanceTimersByTimeAsync(SECOND);
  expect(kds.count("crl")).toBe(2);
  return await source.get(CRL, {});
}

describe("a CRL that is refreshed", () => {
  it("does not give way to one that was issued before it, though that lasts as long", async () => {
    const { thisUpdate, nextUpdate } = parseCrl(present);
    expect(await afterRefresh(crlOf(thisUpdate - SECOND, nextUpdate + DAY))).toEqual(present);
  });

  it("gives way to one that was issued after it", async () => {
    const { thisUpdate, nextUpdate } = parseCrl(present);
    const next = crlOf(thisUpdate + SECOND, nextUpdate + DAY);
    expect(await afterRefresh(next)).toEqual(next);
  });

  it("gives way to one that was issued at the same second", async () => {
    const { thisUpdate, nextUpdate } = parseCrl(present);
    const next = crlOf(thisUpdate, nextUpdate + DAY);
    expect(await afterRefresh(next)).toEqual(next);
  });

  it("stays in a cache of several clients, of which one asks a mirror that lags behind", async () => {
    const { thisUpdate, nextUpdate } = parseCrl(present);
    const cache = createMemoryCache();
    await afterRefresh(crlOf(thisUpdate - DAY, nextUpdate + DAY), { cache });
    expect(await client({ cache }).get(CRL, {})).toEqual(present);
  });
});
