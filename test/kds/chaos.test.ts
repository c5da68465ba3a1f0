import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { type Cache, createKdsClient, createMemoryCache } from "../../src/kds/index.js";
import { nodeEngine } from "../../src/node/engine.js";
import { createForge, type Forge } from "../../src/testing/index.js";
import type { CollateralRequest } from "../../src/verify/types.js";
import { body, fakeTransport, leafOf, silence, status } from "./fake-transport.js";

const CHIPS = ["0", "1", "2"];
const TIMEOUT_MS = 60_000;
const CODES = [
  "ERR_COLLATERAL_UNAVAILABLE",
  "ERR_COLLATERAL_ABORTED",
  "ERR_COLLATERAL_BUSY",
  "ERR_COLLATERAL_NOT_ALLOWED",
];

let forge: Forge;
let sound: Map<string, Uint8Array>;

beforeAll(async () => {
  forge = await createForge({ seed: "kds chaos" });
  sound = new Map([
    ["crl", forge.crl().der],
    ["intermediate", forge.ask().der],
  ]);
  for (const chip of CHIPS) sound.set(chip, forge.vcek({ chip }).der);
});
afterEach(() => {
  vi.useRealTimers();
});

const late = (ms: number, answer: Parameters<typeof status>) =>
  new Promise<ReturnType<typeof status>>((resolve) => setTimeout(() => resolve(status(...answer)), ms));

/** How a server or what is before it may go wrong; undefined is a sound answer. */
const answers: readonly (() => ReturnType<typeof status> | Promise<ReturnType<typeof status>> | undefined)[] = [
  () => undefined,
  () => undefined,
  () => status(404),
  () => status(400),
  () => status(302),
  () => status(429),
  () => status(429, { "retry-after": "3" }),
  () => status(429, { "retry-after": "1000000000" }),
  () => status(500),
  () => status(503, { "retry-after": "2" }),
  () => late(700, [200]),
  () => late(90_000, [500]),
  () => Promise.reject(new Error("reset")),
  () => body(new Uint8Array(70_000)),
  () => body(forge.vcek({ chip: "1", signWith: forge.foreignCaKey() }).der),
  () => body(forge.crl({ productLine: "Genoa" }).der),
  () => body(new TextEncoder().encode("-----BEGIN CERTIFICATE-----\n")),
  silence,
];

/** What somebody wants, when, and when they lose patience. */
const visit = fc.record({
  what: fc.constantFrom("crl", "intermediate", "stranger", ...CHIPS),
  afterMs: fc.integer({ min: 0, max: 5000 }),
  patienceMs: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
});

function requestOf(what: string): CollateralRequest {
  const line = { productLine: "Milan", signingKey: "VCEK" } as const;
  if (what === "crl") return { role: "crl", ...line };
  if (what === "intermediate") return { role: "intermediate", ...line };
  return what === "stranger" ? { ...leafOf(forge), hwId: new Uint8Array(64).fill(7) } : leafOf(forge, what);
}

/** A cache that sometimes fails, forgets or lies. */
function fickle(moods: readonly number[]): Cache {
  const memory = createMemoryCache();
  let turn = 0;
  const mood = () => moods[turn++ % moods.length] ?? 0;
  return {
    get(key) {
      const lie = mood();
      if (lie === 1) throw new Error("no connection");
      if (lie === 2) return Promise.reject(new Error("no connection"));
      if (lie === 3) return Uint8Array.of(0x30, 0x03, 1, 1, 0xff);
      return lie === 4 ? undefined : memory.get(key);
    },
    set: (key, bytes, entry) => (mood() === 5 ? Promise.reject(new Error("full")) : memory.set(key, bytes, entry)),
  };
}

describe("whatever happens", () => {
  it("each waiter ends in time, with what is sound or an error of its class, and nothing is left behind", async () => {
    const scenario = fc.record({
      script: fc.array(fc.nat({ max: answers.length - 1 }), { minLength: 1, maxLength: 30 }),
      visits: fc.array(visit, { minLength: 1, maxLength: 25 }),
      moods: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 9 }),
      allowed: fc.array(fc.constantFrom(true, true, true, false), { minLength: 1, maxLength: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ script, visits, moods, allowed }) => {
        vi.useFakeTimers({ now: forge.now });
        const kds = fakeTransport(forge, CHIPS);
        let turn = 0;
        kds.answer = () => answers[script[turn++ % script.length] ?? 0]?.();
        const source = createKdsClient({
          now: () => new Date(),
          anchors: [forge.ark().der],
          engine: nodeEngine,
          transport: kds.transport,
          cache: fickle(moods),
          rate: { vcekIntervalMs: 1000, otherIntervalMs: 100 },
          maxQueue: 2,
          timeoutMs: TIMEOUT_MS,
          allow: ({ role }) => role !== "leaf" || (allowed[turn % allowed.length] ?? true),
        });
        const ends = visits.map(async ({ what, afterMs, patienceMs }) => {
          await new Promise((resolve) => setTimeout(resolve, afterMs));
          const begun = Date.now();
          const controller = new AbortController();
          if (patienceMs !== undefined) setTimeout(() => controller.abort(), patienceMs);
          const outcome: unknown = await source
            .get(requestOf(what), { signal: controller.signal })
            .catch((error: unknown) => error);
          return { what, outcome, ms: Date.now() - begun, limit: patienceMs ?? TIMEOUT_MS };
        });
        await vi.advanceTimersByTimeAsync(TIMEOUT_MS + 30_000);
        for (const { what, outcome, ms, limit } of await Promise.all(ends)) {
          expect(ms).toBeLessThanOrEqual(Math.min(limit, TIMEOUT_MS));
          if (isAttestationError(outcome)) expect(CODES).toContain(outcome.code);
          else if (outcome !== undefined) expect(outcome).toEqual(sound.get(what));
        }
        const leaves = kds.asked.filter(({ wanted }) => wanted.role === "leaf").map(({ at }) => at);
        expect(leaves.slice(1).every((at, index) => at - (leaves[index] ?? 0) >= 1000)).toBe(true);
        // Ten minutes later no timer is left, whatever the server asked for.
        await vi.advanceTimersByTimeAsync(700_000);
        expect(vi.getTimerCount()).toBe(0);
        vi.useRealTimers();
      }),
      { numRuns: 60 },
    );
  });
});
