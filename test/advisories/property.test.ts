import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assessAdvisories } from "../../src/advisories/assess.js";
import { ADVISORIES } from "../../src/advisories/built-in/data-set.js";
import { defineAdvisories } from "../../src/advisories/define.js";
import type { ReportOptions } from "../../src/testing/index.js";
import { blockPolicy, failedIds, judged } from "../policy/support.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";
import { advisory, assessed, ORIGIN, proofsOf } from "./support.js";

const NOW = new Date(VERIFIED_AT);
const builtIn = await defineAdvisories(ADVISORIES);

/** Bits by their numbers, as AMD's tables have them; the tables of src are not asked. */
const POLICY_BITS = {
  smt: 16,
  migrateMa: 18,
  debug: 19,
  singleSocket: 20,
  cxlAllow: 21,
  raplDis: 23,
  pageSwapDisable: 25,
};
const PLATFORM_BITS = {
  smtEn: 0,
  tsmeEn: 1,
  eccEn: 2,
  raplDis: 3,
  ciphertextHidingDramEn: 4,
  aliasCheckComplete: 5,
  tioEn: 7,
};
/** Bytes of a TCB_VERSION by line. */
const OLD_TCB = { bootLoader: 0, tee: 1, snp: 6, microcode: 7 };
const TURIN_TCB = { fmc: 0, bootLoader: 1, tee: 2, snp: 3, microcode: 7 };

type Step = Record<string, unknown> & { check: string };

function bitOf(view: DataView, offset: number, bit: number): boolean {
  return ((view.getBigUint64(offset, true) >> BigInt(bit)) & 1n) === 1n;
}

/** A step judged anew, from bytes and offsets; null where the report does not have the field. */
function judgeStep(step: Step, view: DataView, line: string): boolean | null {
  const places: Record<string, number> = line === "Turin" ? TURIN_TCB : OLD_TCB;
  switch (step.check) {
    case "tcb":
      return [0x180, 0x1e0, 0x1f0].every(
        (offset) => view.getUint8(offset + Number(places[String(step["component"])])) >= Number(step["minimum"]),
      );
    case "firmware": {
      const [major = 0, minor = 0, build = 0] = String(step["minimum"]).split(".").map(Number);
      const number = (a: number, b: number, c: number) => a * 65536 + b * 256 + c;
      return number(view.getUint8(0x1ee), view.getUint8(0x1ed), view.getUint8(0x1ec)) >= number(major, minor, build);
    }
    case "guestPolicy":
      return bitOf(view, 0x008, POLICY_BITS[step["bit"] as "smt"]) === (step["state"] === "set");
    case "platformInfo":
      return bitOf(view, 0x040, PLATFORM_BITS[step["bit"] as "smtEn"]) === (step["state"] === "set");
    default:
      if (view.getUint32(0, true) < 5) return null;
      return [0x1f8, 0x200].every((offset) => bitOf(view, offset, Number(step["bit"])));
  }
}

function judgeWays(ways: readonly (readonly Step[])[], view: DataView, line: string): string {
  const results = ways.map((way) => way.map((step) => judgeStep(step, view, line)));
  if (results.some((way) => way.every((result) => result === true))) return "fixed";
  if (results.some((way) => way.every((result) => result !== false))) return "not-provable";
  return "vulnerable";
}

const state = fc.constantFrom("set", "clear");
const small = fc.integer({ min: 1, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    check: fc.constant("tcb"),
    component: fc.constantFrom("bootLoader", "tee", "snp", "microcode"),
    minimum: small,
  }),
  fc.record({
    check: fc.constant("firmware"),
    minimum: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)).map((parts) => parts.join(".")),
  }),
  fc.record({ check: fc.constant("guestPolicy"), bit: fc.constantFrom(...Object.keys(POLICY_BITS)), state }),
  fc.record({ check: fc.constant("platformInfo"), bit: fc.constantFrom(...Object.keys(PLATFORM_BITS)), state }),
  fc.record({ check: fc.constant("mitigation"), bit: fc.nat(2) }),
);
const ways = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });

const line = fc.constantFrom("Milan" as const, "Genoa" as const, "Turin" as const);
const tcb = fc.record({ bootLoader: fc.nat(6), tee: fc.nat(6), snp: fc.nat(6), microcode: fc.nat(6) });
const evidence: fc.Arbitrary<RecordOptions> = fc
  .record({
    productLine: line,
    version: fc.constantFrom(2, 3, 4, 5),
    tcbs: fc.tuple(tcb, tcb, tcb),
    vectors: fc.tuple(fc.nat(7), fc.nat(7)),
    words: fc.tuple(fc.nat(0x3ffffff), fc.nat(0xff)),
    firmware: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2)),
  })
  .map(({ productLine, version, tcbs, vectors, words, firmware }) => {
    const [reportedTcb, committedTcb, launchTcb] = tcbs;
    const [committedMajor, committedMinor, committedBuild] = firmware;
    const report: ReportOptions = {
      version,
      reportedTcb,
      committedTcb,
      launchTcb,
      committedMajor,
      committedMinor,
      committedBuild,
      policy: BigInt(words[0]) | 0x20000n,
      platformInfo: BigInt(words[1]),
      ...(version === 5 ? { launchMitVector: BigInt(vectors[0]), currentMitVector: BigInt(vectors[1]) } : {}),
    };
    return { productLine, report };
  });

describe("what an advisory comes to", () => {
  it("is what bytes and offsets say", async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(ways, evidence, async (said, made) => {
        const proofs = proofsOf(...said.map((way) => way.map((one) => ({ ...one, ...ORIGIN }))));
        const { reportBytes } = makeVerified(made);
        const view = new DataView(reportBytes.buffer, reportBytes.byteOffset, reportBytes.length);
        const expected = judgeWays(said, view, made.productLine ?? "Milan");
        const answer = await assessed(advisory({ proofs }), made);
        seen.add(expected);
        expect(answer.status).toBe(expected);
        const outcome = { fixed: "pass", vulnerable: "fail", "not-provable": "unseen" }[expected];
        expect(answer.decidedBy?.outcome).toBe(outcome);
        expect(answer.checks).toContain(answer.decidedBy);
      }),
      { numRuns: 600 },
    );
    expect([...seen].sort()).toEqual(["fixed", "not-provable", "vulnerable"]);
  });

  it("never gets worse by newer firmware", () => {
    const level = fc.record({ bootLoader: fc.nat(12), tee: fc.nat(3), snp: fc.nat(40), microcode: fc.nat(255) });
    const good = (productLine: "Milan" | "Genoa" | "Turin", report: ReportOptions) =>
      assessAdvisories(makeVerified({ productLine, report }), builtIn, NOW)
        .advisories.filter(({ status }) => status === "fixed" || status === "not-affected")
        .map(({ id }) => id);
    const from = (values: Record<string, number>, stepping: number, vector: number): ReportOptions => ({
      currentTcb: values,
      reportedTcb: values,
      committedTcb: values,
      launchTcb: values,
      cpuidStep: stepping,
      launchMitVector: BigInt(vector),
      currentMitVector: BigInt(vector),
    });
    fc.assert(
      fc.property(line, level, level, fc.nat(2), fc.nat(0x1f), (productLine, low, high, stepping, vector) => {
        const raised = Object.fromEntries(
          Object.entries(low).map(([name, value]) => [name, Math.max(value, high[name as keyof typeof high])]),
        );
        const before = good(productLine, from(low, stepping, vector));
        const after = good(productLine, from(raised, stepping, vector | 0x10f));
        expect(after).toEqual(expect.arrayContaining(before));
      }),
      { numRuns: 300 },
    );
  });

  it("is what a policy's check says", async () => {
    const ids = ADVISORIES.advisories.map(({ id }) => id);
    const policies = await Promise.all(
      ids.map((id) => blockPolicy({ advisories: { ids: [id], dataSet: builtIn.digest, maxAgeSeconds: 315_360_000 } })),
    );
    const now = Date.parse(ADVISORIES.publishedAt);
    fc.assert(
      fc.property(evidence, (made) => {
        const { advisories } = assessAdvisories(makeVerified(made), builtIn, new Date(now));
        for (const [index, policy] of policies.entries()) {
          const failed = failedIds(judged(policy, made, { advisories: builtIn, now })).includes("snp.advisories.fixed");
          const status = advisories[index]?.status;
          expect(failed).toBe(status !== "fixed" && status !== "not-affected");
        }
      }),
      { numRuns: 60 },
    );
  });
});
