import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Appraisal } from "../../src/policy/appraisal.js";
import { definePolicy } from "../../src/policy/define.js";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import type { RecordOptions } from "../support/records.js";
import { anyBlock, anyEvidence, SAYINGS, usualEvidence } from "./arbitrary.js";
import { judged, OPEN } from "./support.js";

/** The keys of which waivers and warnings may speak, as docs/policy.md lists them. */
const EXCUSABLE = [
  "cpu",
  "platformInfo",
  "minimumTcb",
  "minimumFirmware",
  "provisionalFirmware",
  "mitigations",
  "advisories",
] as const;

/** The places of the checks of a block that an excuse may name. */
function placesOf(snp: Readonly<Record<string, unknown>>): readonly string[] {
  return EXCUSABLE.flatMap((key) => {
    const said = snp[key];
    if (said === undefined) return [];
    if (key === "advisories") return ["/snp/advisories/ids/0", "/snp/advisories/dataSet"];
    if (key === "cpu" || key === "minimumTcb" || key === "provisionalFirmware") return [`/snp/${key}`];
    return Object.keys(said as object).map((inner) => `/snp/${key}/${inner}`);
  });
}

const ONLY = { productLine: ["Milan", "Genoa", "Turin"] };
const entry = (check: string) => ({ check, until: "2026-06-02T00:00:00Z", reason: "INC-1", only: ONLY });

interface Case {
  readonly snp: Readonly<Record<string, unknown>>;
  readonly evidence: RecordOptions;
  readonly waived: readonly string[];
  readonly warned: readonly string[];
}

async function appraised({ snp, evidence, waived, warned }: Case): Promise<Appraisal> {
  const lists = { waivers: waived.map(entry), warn: warned.map(entry) };
  const filled = Object.fromEntries(Object.entries(lists).filter(([, entries]) => entries.length > 0));
  return judged(await definePolicy({ version: 1, id: "test", snp, ...filled }), evidence);
}

/** A block that asks for something excusable, with some of its places. */
const excused: fc.Arbitrary<Case> = fc
  .tuple(fc.oneof(fc.constant(OPEN), anyBlock), fc.subarray([...EXCUSABLE], { minLength: 1, maxLength: 3 }))
  .chain(([block, keys]) => {
    const said = fc.record(Object.fromEntries(keys.map((key) => [key, SAYINGS[key] ?? fc.constant(null)])));
    return said.map((more) => ({ ...block, ...more }));
  })
  .chain((snp) => {
    const places = fc.subarray([...placesOf(snp)]);
    const evidence = fc.oneof({ weight: 2, arbitrary: usualEvidence }, { weight: 1, arbitrary: anyEvidence });
    return fc.record({ snp: fc.constant(snp), evidence, waived: places, warned: places });
  });

const NONE = { waived: [], warned: [] } as const;
const pointers = (checks: readonly { readonly pointer: string }[]) => checks.map(({ pointer }) => pointer).sort();

describe("waivers and warnings of random policies", () => {
  it("may speak of these keys", () => {
    const marked = Object.entries(SNP_RULES).filter(([, rule]) => "excusable" in rule && rule.excusable);
    expect(marked.map(([key]) => key).sort()).toEqual([...EXCUSABLE].sort());
  });

  it("a waiver excuses its own check and no other: what is left of the failures is exactly the rest", async () => {
    const seen = { rescued: 0, refused: 0, idle: 0 };
    await fc.assert(
      fc.asyncProperty(excused, async (given) => {
        const plain = await appraised({ ...given, ...NONE });
        const waived = await appraised({ ...given, warned: [] });
        const left = plain.failures.filter(({ pointer }) => !given.waived.includes(pointer));
        expect(pointers(waived.failures)).toEqual(pointers(left));
        expect(waived.verdict).toBe(left.length === 0 ? "accept" : "reject");
        expect(pointers(waived.waived)).toEqual(
          pointers(plain.failures.filter(({ pointer }) => given.waived.includes(pointer))),
        );
        if (plain.verdict === waived.verdict) seen[plain.verdict === "accept" ? "idle" : "refused"] += 1;
        else seen.rescued += 1;
      }),
      { numRuns: 250, seed: 20261122 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  it("a reject by a check that nothing may excuse stays one, whatever is waived", async () => {
    let stayed = 0;
    await fc.assert(
      fc.asyncProperty(excused, async (given) => {
        const plain = await appraised({ ...given, ...NONE });
        const firm = plain.failures.filter(({ id }) => !EXCUSABLE.some((key) => id.startsWith(`snp.${key}`)));
        if (firm.length === 0) return;
        const all = placesOf(given.snp);
        const excusedAll = await appraised({ ...given, waived: all, warned: all });
        expect(excusedAll.verdict).toBe("reject");
        expect(pointers(excusedAll.failures)).toEqual(expect.arrayContaining(pointers(firm)));
        stayed += 1;
      }),
      { numRuns: 150, seed: 20261122 },
    );
    expect(stayed).toBeGreaterThan(50);
  });

  it("a warning decides as a waiver would, and tells it as a warning", async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(excused, async (given) => {
        const waived = await appraised({ ...given, warned: [] });
        const warned = await appraised({ ...given, warned: given.waived, waived: [] });
        expect(warned.verdict).toBe(waived.verdict);
        expect(pointers(warned.failures)).toEqual(pointers(waived.failures));
        expect(warned.waived).toEqual([]);
        expect(waived.warnings).toEqual([]);
        expect(pointers(warned.warnings)).toEqual(pointers(waived.waived));
        expect(warned.unexamined).toEqual(waived.unexamined);
        for (const check of warned.warnings) expect(check).toMatchObject({ outcome: "fail", severity: "warning" });
        told += warned.warnings.length;
      }),
      { numRuns: 200, seed: 20261122 },
    );
    expect(told).toBeGreaterThan(30);
  });

  it("a warning changes nothing of any check but its own", async () => {
    await fc.assert(
      fc.asyncProperty(excused, async (given) => {
        const others = (appraisal: Appraisal) =>
          appraisal.checks.filter(({ pointer }) => !given.warned.includes(pointer));
        const plain = await appraised({ ...given, ...NONE });
        const warned = await appraised({ ...given, waived: [] });
        expect(others(warned)).toEqual(others(plain));
        expect(warned.checks.map(({ id, actual, expected }) => [id, actual, expected])).toEqual(
          plain.checks.map(({ id, actual, expected }) => [id, actual, expected]),
        );
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });

  it("where both speak of a check the waiver counts, and never both", async () => {
    await fc.assert(
      fc.asyncProperty(excused, async (given) => {
        const both = await appraised(given);
        for (const { pointer } of both.warnings) expect(given.waived).not.toContain(pointer);
        for (const { pointer } of both.waived) expect(given.waived).toContain(pointer);
        const left = [...given.waived, ...given.warned];
        for (const { pointer } of both.failures) expect(left).not.toContain(pointer);
      }),
      { numRuns: 150, seed: 20261122 },
    );
  });

  it("an excuse for no evidence of ours, or one that is over, is as if it were not there", async () => {
    await fc.assert(
      fc.asyncProperty(excused, fc.boolean(), async (given, over) => {
        const plain = await appraised({ ...given, ...NONE });
        const idle = (check: string) =>
          over
            ? { ...entry(check), until: "2026-05-31T23:59:59Z" }
            : { ...entry(check), only: { chipId: ["ee".repeat(64)] } };
        const entries = given.waived.map(idle);
        const lists = entries.length === 0 ? {} : { waivers: entries, warn: entries };
        const policy = await definePolicy({ version: 1, id: "test", snp: given.snp, ...lists });
        const appraisal = judged(policy, given.evidence);
        expect(appraisal.verdict).toBe(plain.verdict);
        expect(pointers(appraisal.failures)).toEqual(pointers(plain.failures));
        expect([...appraisal.waived, ...appraisal.warnings]).toEqual([]);
      }),
      { numRuns: 120, seed: 20261122 },
    );
  });
});
