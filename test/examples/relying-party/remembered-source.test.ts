import type { CollateralRequest } from "attestry";
import { describe, expect, it } from "vitest";
import { rememberedSource } from "../../../examples/relying-party/service/remembered-source.js";
import { forge } from "./fixture.js";

const { hwId, tcb } = forge.chip();
const LEAF: CollateralRequest = { role: "leaf", productLine: "Milan", signingKey: "VCEK", hwId, reportedTcb: tcb };
const CRL: CollateralRequest = { role: "crl", productLine: "Milan", signingKey: "VCEK" };

function setUp(max = 10) {
  let now = Date.UTC(2026, 10, 22);
  let calls = 0;
  const answers: (Uint8Array | undefined)[] = [];
  const get = () => {
    calls++;
    return Promise.resolve(answers.length > 0 ? answers.shift() : Uint8Array.of(calls));
  };
  const source = rememberedSource({ get }, { clock: () => new Date(now), forMs: 1000, max });
  const ask = async (request: CollateralRequest) => (await source.get(request, {}))?.[0];
  const later = (ms: number) => {
    now += ms;
  };
  return { ask, later, answers, calls: () => calls };
}

describe("a remembered source", () => {
  it("asks once in a while, and not one millisecond earlier", async () => {
    const { ask, later } = setUp();
    expect(await ask(CRL)).toBe(1);
    later(999);
    expect(await ask(CRL)).toBe(1);
    later(1);
    expect(await ask(CRL)).toBe(2);
  });

  it.each<[string, CollateralRequest]>([
    ["another chip", { ...LEAF, hwId: hwId.map((byte) => byte ^ 1) }],
    ["another TCB", { ...LEAF, reportedTcb: { ...tcb, snp: 8 } }],
    ["another line", { ...LEAF, productLine: "Genoa" }],
    ["another key", { ...LEAF, signingKey: "VLEK" }],
    ["another role", CRL],
  ])("mistakes nothing for %s", async (_, other) => {
    const { ask } = setUp();
    expect(await ask(LEAF)).toBe(1);
    expect(await ask(other)).toBe(2);
    expect(await ask(LEAF)).toBe(1);
  });

  it("remembers neither that there was nothing nor that it failed", async () => {
    const { ask, answers } = setUp();
    answers.push(undefined);
    expect(await ask(CRL)).toBeUndefined();
    expect(await ask(CRL)).toBe(2);
    const failing = rememberedSource(
      { get: () => Promise.reject(new Error("down")) },
      { clock: () => new Date(), forMs: 1000, max: 1 },
    );
    for (const _ of [1, 2]) await expect(failing.get(CRL, {})).rejects.toThrow("down");
  });

  it("forgets the oldest when there are too many", async () => {
    const { ask } = setUp(1);
    expect([await ask(LEAF), await ask(CRL), await ask(CRL), await ask(LEAF)]).toEqual([1, 2, 2, 3]);
  });
});
