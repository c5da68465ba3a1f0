import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import { strictComplaints } from "../cli/schemas.js";
import { DAY, type RecordOptions, VERIFIED_AT } from "../support/records.js";
import { judged, OPEN } from "./support.js";

/** Bits of PLATFORM_INFO by name and number: each block of a random policy asks for one of them. */
const BITS = { smtEn: 0, tsmeEn: 1, eccEn: 2, raplDis: 3 } as const;
type Bit = keyof typeof BITS;
const NAMES = Object.keys(BITS) as readonly Bit[];

type Tree = Bit | { readonly kind: "allOf" | "anyOf"; readonly members: readonly Tree[] };

const { tree } = fc.letrec<{ tree: Tree; branch: Tree; leaf: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", maxDepth: 3 }, tie("leaf"), tie("branch")),
  leaf: fc.constantFrom(...NAMES),
  branch: fc.record({
    kind: fc.constantFrom("allOf", "anyOf"),
    members: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
  }),
}));

function documentOf(node: Tree): object {
  if (typeof node === "string") return { snp: { platformInfo: { [node]: "required" } } };
  return { [node.kind]: node.members.map(documentOf) };
}

/** The pointer of the check of each leaf, in the order of the document. */
function pointersOf(node: Tree, pointer: string): readonly string[] {
  if (typeof node === "string") return [`${pointer}/snp/platformInfo/${node}`];
  return node.members.flatMap((member, index) => pointersOf(member, `${pointer}/${node.kind}/${index}`));
}

interface Excuse {
  readonly kind: "waivers" | "warn";
  readonly leaf: number;
  readonly over: boolean;
  readonly ours: boolean;
}

const excuse = fc.record({
  kind: fc.constantFrom("waivers", "warn"),
  leaf: fc.nat(20),
  over: fc.boolean(),
  ours: fc.boolean(),
}) satisfies fc.Arbitrary<Excuse>;

function entryOf({ over, ours }: Excuse, check: string): object {
  return {
    check,
    until: over ? "2026-05-31T23:59:59Z" : "2026-06-01T00:00:00Z",
    reason: "INC-1",
    only: { productLine: [ours ? "Milan" : "Genoa"] },
  };
}

/** Whether a tree holds, written out: a leaf holds by its bit, or by an excuse that counts. */
function holds(node: Tree, leaves: Iterator<boolean>): boolean {
  if (typeof node === "string") return leaves.next().value === true;
  const members = node.members.map((member) => holds(member, leaves));
  return node.kind === "allOf" ? members.every(Boolean) : members.some(Boolean);
}

function leavesOf(node: Tree): readonly Bit[] {
  return typeof node === "string" ? [node] : node.members.flatMap(leavesOf);
}

describe("waivers in trees, against an evaluator that writes them out", () => {
  it("the verdict is the same, and each excused failure is listed where it was needed", async () => {
    const seen = { accept: 0, reject: 0, waived: 0, warned: 0 };
    await fc.assert(
      fc.asyncProperty(
        tree,
        fc.subarray([...NAMES]),
        fc.array(excuse, { maxLength: 4 }),
        async (node, set, excuses) => {
          const pointers = pointersOf(node, "/require/allOf/1");
          const placed = excuses.map((one) => ({ ...one, leaf: one.leaf % pointers.length }));
          const entries = (kind: Excuse["kind"]) =>
            placed.filter((one) => one.kind === kind).map((one) => entryOf(one, String(pointers[one.leaf])));
          const lists = (["waivers", "warn"] as const).filter((kind) => entries(kind).length > 0);
          const policy = await definePolicy({
            version: 1,
            id: "x",
            require: { allOf: [{ snp: OPEN }, documentOf(node)] },
            ...Object.fromEntries(lists.map((kind) => [kind, entries(kind)])),
          });
          const evidence: RecordOptions = {
            report: { platformInfo: set.reduce((word, name) => word | (1n << BigInt(BITS[name])), 0n) },
          };
          const counts = (leaf: number) => placed.some((one) => one.leaf === leaf && one.ours && !one.over);
          const fine = leavesOf(node).map((name, index) => set.includes(name) || counts(index));
          const appraisal = judged(policy, evidence);
          const verdict = holds(node, fine.values()) ? "accept" : "reject";
          expect(appraisal.verdict).toBe(verdict);
          for (const check of [...appraisal.waived, ...appraisal.warnings]) {
            const leaf = pointers.indexOf(check.pointer);
            expect(counts(leaf)).toBe(true);
            expect(check.actual).toBe(false);
            expect(check.waiver?.pointer).toMatch(check.outcome === "waived" ? /^\/waivers\/\d$/ : /^\/warn\/\d$/);
          }
          expect(strictComplaints("appraisal", JSON.parse(JSON.stringify(appraisal)))).toEqual([]);
          seen[verdict] += 1;
          seen.waived += appraisal.waived.length;
          seen.warned += appraisal.warnings.length;
        },
      ),
      { numRuns: 500, seed: 20261122 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(40);
  });

  it("an alternative that needs no excuse is not preferred: what was excused is told", async () => {
    const policy = await definePolicy({
      version: 1,
      id: "x",
      require: { anyOf: [{ snp: { ...OPEN, platformInfo: { eccEn: "required" } } }, { snp: { ...OPEN, vmpl: [0] } }] },
      waivers: [
        entryOf({ kind: "waivers", leaf: 0, over: false, ours: true }, "/require/anyOf/0/snp/platformInfo/eccEn"),
      ],
    });
    const appraisal = judged(policy, { report: { platformInfo: 0n } });
    expect(appraisal).toMatchObject({ verdict: "accept", waived: [{ outcome: "waived" }] });
    const later = judged(policy, { report: { platformInfo: 0n } }, { now: VERIFIED_AT + DAY });
    expect(later).toMatchObject({ verdict: "accept", waived: [], failures: [] });
  });
});
