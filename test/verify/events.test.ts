import { describe, expect, it } from "vitest";
import { CollateralError } from "../../src/errors.js";
import { nodeEngine } from "../../src/node/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { CollateralSource, VerifyEvent, VerifyObserver, VerifyOptions } from "../../src/verify/types.js";
import { createVerifier } from "../../src/verify/verifier.js";
import { forgeOf } from "./forged.js";

const forge = await forgeOf();
const whole = forge.evidence();
const { now, anchors } = whole;
const DAY = 86_400_000;
const base = { anchors, engine: nodeEngine } as const;
const BRANCH = { productLine: "Milan", signingKey: "VCEK" } as const;

function listener() {
  const events: VerifyEvent[] = [];
  const onEvent: VerifyObserver = (event) => events.push(event);
  return { events, onEvent, of: (type: VerifyEvent["type"]) => events.filter((event) => event.type === type) };
}

function sourceOf(get: (role: string) => unknown): CollateralSource {
  return { get: async ({ role }) => get(role) as Uint8Array | undefined };
}

describe("events", () => {
  it("tell a chain that was walked from one that was remembered", async () => {
    const { of, onEvent } = listener();
    const verifier = createVerifier({ ...base, now: () => now, onEvent });
    for (let turn = 0; turn < 2; turn++) await verifier.verify(whole.evidence);
    await verifier.verify(forge.evidence({ chip: "other" }).evidence);
    expect(of("chain")).toEqual([
      { type: "chain", ...BRANCH, remembered: false },
      { type: "chain", ...BRANCH, remembered: true },
      { type: "chain", ...BRANCH, remembered: false },
    ]);
  });

  it("tell the age of the list that revocation is judged by", async () => {
    const { of, onEvent } = listener();
    const later = new Date(now.getTime() + DAY);
    await verifyEvidence(whole.evidence, { ...base, now: later, onEvent });
    const { thisUpdate } = (await verifyEvidence(whole.evidence, { ...base, now: later })).revocation;
    const ageMs = later.getTime() - Number(thisUpdate?.getTime());
    expect(ageMs).toBeGreaterThanOrEqual(DAY);
    const list = { productLine: "Milan", status: "checked", number: expect.stringMatching(/^0x/), source: "evidence" };
    expect(of("crl")).toEqual([{ type: "crl", ageMs, ...list }]);
  });

  it("tell of a rollback that is refused, and that another list is not one", async () => {
    const { of, onEvent } = listener();
    const verifier = createVerifier({ ...base, now: () => now, onEvent });
    await verifier.verify(forge.evidence({ crl: { number: 9n } }).evidence);
    await expect(verifier.verify(forge.evidence({ crl: { number: 8n } }).evidence)).toFailWith(
      "ERR_COLLATERAL_CRL_ROLLBACK",
    );
    expect(of("crl-rollback")).toEqual([{ type: "crl-rollback", productLine: "Milan", number: "0x8", seen: "0x9" }]);
  });

  it.each<[string, (role: string) => unknown, object]>([
    ["found", () => whole.leaf.der, { outcome: "found", code: null }],
    ["missing", () => undefined, { outcome: "missing", code: null }],
    [
      "failed by its own word",
      () => {
        throw new CollateralError("ERR_COLLATERAL_BUSY", "busy", { role: "leaf", limit: 1 }, { retryable: true });
      },
      { outcome: "failed", code: "ERR_COLLATERAL_BUSY" },
    ],
    ["failed by answering no bytes", () => null, { outcome: "failed", code: "ERR_COLLATERAL_UNAVAILABLE" }],
    ["failed by too many bytes", () => new Uint8Array(1e5), { outcome: "failed", code: "ERR_MALFORMED_LENGTH" }],
  ])("tell what a source was asked for: %s", async (_, get, told) => {
    const { of, onEvent } = listener();
    const { evidence } = forge.evidence({ omit: ["leaf"] });
    const options: VerifyOptions = { ...base, now, onEvent, collateral: sourceOf(get) };
    await verifyEvidence(evidence, options).catch(() => undefined);
    expect(of("collateral")).toEqual([{ type: "collateral", role: "leaf", ...told }]);
  });

  it("are frozen, JSON-safe, and hold no chip id", async () => {
    const { events, onEvent } = listener();
    const { evidence } = forge.evidence({ omit: ["leaf", "crl"] });
    const collateral = sourceOf((role) => (role === "crl" ? whole.crl.der : whole.leaf.der));
    await verifyEvidence(evidence, { ...base, now, onEvent, collateral });
    expect(events.map(({ type }) => type)).toEqual(["collateral", "chain", "collateral", "crl"]);
    for (const event of events) expect(Object.isFrozen(event)).toBe(true);
    expect(JSON.parse(JSON.stringify(events))).toEqual(events);
    expect(JSON.stringify(events)).not.toContain(Buffer.from(forge.chip().hwId.subarray(0, 8)).toString("hex"));
  });

  it.each([
    ["throws", () => expect.fail("the log is full")],
    ["answers a promise", async () => "later"],
    ["answers false", () => false],
  ])("change nothing where the listener %s", async (_, onEvent) => {
    await expect(verifyEvidence(whole.evidence, { ...base, now, onEvent })).resolves.toBeDefined();
    const report = whole.evidence.report.slice();
    report[0x50] = Number(report[0x50]) ^ 1;
    const broken = { ...whole.evidence, report };
    await expect(verifyEvidence(broken, { ...base, now, onEvent })).toFailWith("ERR_UNTRUSTED_REPORT_SIGNATURE");
  });

  it.each([null, "log", {}])("need a function, not %j", async (onEvent) => {
    const options = { ...base, now, onEvent: onEvent as never };
    await expect(verifyEvidence(whole.evidence, options)).rejects.toThrow(
      new TypeError("options.onEvent must be a function that takes an event"),
    );
  });
});
