import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import { strictComplaints } from "../cli/schemas.js";
import { anyBlock, anyEvidence, outspokenBlock, ruleOf, SAYINGS, usualEvidence } from "./arbitrary.js";
import { blockPolicy, failedIds, judged, treePolicy } from "./support.js";

const ZERO = "0".repeat(96);

describe("random policies and random reports", () => {
  it("speak of every key but reportData, which has tables of its own", () => {
    expect([...Object.keys(SAYINGS), "reportData"].sort()).toEqual(Object.keys(SNP_RULES).sort());
  });

  it("end in a verdict whose parts agree", async () => {
    const seen = { accept: 0, reject: 0 };
    await fc.assert(
      fc.asyncProperty(ruleOf(anyBlock), fc.oneof(usualEvidence, anyEvidence), async (rule, evidence) => {
        const appraisal = judged(await treePolicy(rule), evidence);
        const { checks, failures, verdict } = appraisal;
        seen[verdict] += 1;
        expect(verdict).toBe(failures.length === 0 ? "accept" : "reject");
        expect(failures).toEqual(checks.filter(({ outcome }) => outcome === "fail"));
        expect([...appraisal.waived, ...appraisal.warnings]).toEqual([]);
        expect(strictComplaints("appraisal", JSON.parse(JSON.stringify(appraisal)))).toEqual([]);
      }),
      { numRuns: 200, seed: 20261122 },
    );
    expect(Math.min(seen.accept, seen.reject)).toBeGreaterThan(10);
  });

  it("call a claim unexamined exactly where no check that counts compared it", async () => {
    // The other side of a comparison of two claims.
    const other = new Map(Object.entries({ committedTcb: "currentTcb", committedFirmware: "currentFirmware" }));
    await fc.assert(
      fc.asyncProperty(anyBlock, anyEvidence, async (snp, evidence) => {
        const { checks, unexamined, evidence: shown } = judged(await blockPolicy(snp), evidence);
        const compared = checks
          .filter(({ operator, outcome }) => operator !== "any" && outcome !== "not-applicable")
          .flatMap(({ claim, operator }) => (operator === "equals" ? [claim, other.get(claim) ?? claim] : [claim]));
        const there = Object.entries(shown.claims).filter(([, value]) => value !== null);
        expect([...unexamined].sort()).toEqual(
          there.flatMap(([name]) => (compared.some((claim) => claim === name) ? [] : [name])).sort(),
        );
      }),
      { numRuns: 200, seed: 20261122 },
    );
  });

  it("end the same each time: nothing is remembered", async () => {
    await fc.assert(
      fc.asyncProperty(anyBlock, anyEvidence, anyEvidence, async (snp, evidence, between) => {
        const policy = await blockPolicy(snp);
        const first = JSON.stringify(judged(policy, evidence));
        judged(policy, between);
        expect(JSON.stringify(judged(policy, evidence))).toBe(first);
        expect(JSON.stringify(judged(await blockPolicy(snp), evidence))).toBe(first);
      }),
      { numRuns: 60, seed: 20261122 },
    );
  });
});

describe("what only an ID block can say", () => {
  const demands = fc.record({
    key: fc.constantFrom("familyId", "imageId", "guestSvn"),
    block: anyBlock,
    evidence: anyEvidence,
  });
  it("is never accepted of a report that has none", async () => {
    const seen = { none: 0, strange: 0, trusted: 0 };
    await fc.assert(
      fc.asyncProperty(demands, async ({ key, block, evidence }) => {
        const said = { familyId: ["00".repeat(16)], imageId: ["00".repeat(16)], guestSvn: { minimum: 0 } }[key];
        const idBlock = { required: false, idKeyDigests: ["aa".repeat(48)] };
        const appraisal = judged(await blockPolicy({ ...block, [key]: said, idBlock }), evidence);
        const digest = appraisal.evidence.claims.idKeyDigest;
        const failed = failedIds(appraisal);
        if (digest === ZERO) {
          expect(failed).toContain(`snp.${key}`);
          seen.none += 1;
        } else {
          const ours = digest === "aa".repeat(48);
          expect(failed.includes("snp.idBlock.idKeyDigests")).toBe(!ours);
          seen[ours ? "trusted" : "strange"] += 1;
        }
      }),
      { numRuns: 150, seed: 20261122 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  it("and of its author agree with each other wherever a policy speaks of ID blocks", async () => {
    const seen = { true: 0, false: 0 };
    await fc.assert(
      fc.asyncProperty(anyEvidence, fc.boolean(), async (evidence, required) => {
        const appraisal = judged(await blockPolicy({ idBlock: { required } }), evidence);
        const { claims } = appraisal.evidence;
        const zero = (name: "familyId" | "imageId" | "authorKeyDigest") => /^0+$/.test(String(claims[name]));
        const author = claims["keyInfo.authorKeyEn"] === true;
        const bare = zero("familyId") && zero("imageId") && claims.guestSvn === 0 && !author;
        const agrees = author === !zero("authorKeyDigest") && (claims.idKeyDigest !== ZERO || bare);
        expect(failedIds(appraisal).includes("snp.idBlock.consistent")).toBe(!agrees);
        seen[agrees ? "true" : "false"] += 1;
      }),
      { numRuns: 200, seed: 20261122 },
    );
    expect(Math.min(seen.true, seen.false)).toBeGreaterThan(20);
  });
});

/** Whether a rule accepts. */
async function accepts(rule: object, evidence: object): Promise<boolean> {
  return judged(await treePolicy(rule), evidence).verdict === "accept";
}

describe("the algebra of rules that speak of every strict default", () => {
  const rule = ruleOf(outspokenBlock);
  const evidenceOf = fc.oneof({ weight: 3, arbitrary: usualEvidence }, { weight: 1, arbitrary: anyEvidence });
  const given = fc.tuple(rule, rule, rule, evidenceOf);

  it("allOf is and, anyOf is or", async () => {
    const seen = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(given, async ([a, b, , evidence]) => {
        const [first, second] = [await accepts(a, evidence), await accepts(b, evidence)];
        expect(await accepts({ allOf: [a, b] }, evidence)).toBe(first && second);
        expect(await accepts({ anyOf: [a, b] }, evidence)).toBe(first || second);
        const held = Number(first) + Number(second);
        seen[held] = (seen[held] ?? 0) + 1;
      }),
      { numRuns: 150, seed: 20261122 },
    );
    expect(Math.min(...seen)).toBeGreaterThan(10);
  });

  type Law = (a: object, b: object, c: object) => readonly [object, object];
  const laws: [title: string, law: Law][] = [
    ["order does not matter in allOf", (a, b) => [{ allOf: [a, b] }, { allOf: [b, a] }]],
    ["order does not matter in anyOf", (a, b) => [{ anyOf: [a, b] }, { anyOf: [b, a] }]],
    ["allOf of one", (a) => [{ allOf: [a] }, a]],
    ["anyOf of one", (a) => [{ anyOf: [a] }, a]],
    ["twice is once in allOf", (a) => [{ allOf: [a, a] }, a]],
    ["twice is once in anyOf", (a) => [{ anyOf: [a, a] }, a]],
    ["allOf in allOf", (a, b, c) => [{ allOf: [a, { allOf: [b, c] }] }, { allOf: [a, b, c] }]],
    ["anyOf in anyOf", (a, b, c) => [{ anyOf: [{ anyOf: [a, b] }, c] }, { anyOf: [a, b, c] }]],
    ["an alternative to what is asked anyway", (a, b) => [{ allOf: [a, { anyOf: [a, b] }] }, a]],
    ["more beside an alternative", (a, b) => [{ anyOf: [a, { allOf: [a, b] }] }, a]],
    [
      "allOf over anyOf",
      (a, b, c) => [{ allOf: [a, { anyOf: [b, c] }] }, { anyOf: [{ allOf: [a, b] }, { allOf: [a, c] }] }],
    ],
    [
      "anyOf over allOf",
      (a, b, c) => [{ anyOf: [a, { allOf: [b, c] }] }, { allOf: [{ anyOf: [a, b] }, { anyOf: [a, c] }] }],
    ],
  ];
  it.each(laws)("%s", async (_, law) => {
    await fc.assert(
      fc.asyncProperty(given, async ([a, b, c, evidence]) => {
        const [left, right] = law(a, b, c);
        expect(await accepts(left, evidence)).toBe(await accepts(right, evidence));
      }),
      { numRuns: 20, seed: 20261122 },
    );
  });
});

describe("one key more", () => {
  it("never makes a block accept what it refused, where it speaks of the defaults anyway", async () => {
    const key = fc
      .constantFrom(...Object.keys(SAYINGS))
      .chain((name) => fc.tuple(fc.constant(name), SAYINGS[name] ?? fc.constant(null)));
    const seen = { same: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(outspokenBlock, key, fc.oneof(usualEvidence, anyEvidence), async (block, more, evidence) => {
        const [name, said] = more;
        const asked = name === "signingKey" ? { cspId: "any" } : {};
        const signed = { idBlock: { required: false, idKeyDigests: ["aa".repeat(48)] } };
        const beside = { ...asked, ...(/Id$|Svn$/.test(name) ? signed : {}), [name]: said };
        const narrower = { allOf: [{ snp: block }, { snp: beside }] };
        const [before, after] = [await accepts({ snp: block }, evidence), await accepts(narrower, evidence)];
        if (after) expect(before).toBe(true);
        seen[before === after ? "same" : "refused"] += 1;
      }),
      { numRuns: 200, seed: 20261122 },
    );
    expect(Math.min(seen.same, seen.refused)).toBeGreaterThan(10);
  });
});

/** The same value with the keys of every object in another order. */
function shuffled(value: unknown, order: (keys: readonly string[]) => readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((inner) => shuffled(inner, order));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    order(entries.map(([key]) => key)).map((key) => [key, shuffled(Reflect.get(value, key), order)]),
  );
}

const sorted = (keys: readonly string[]) => [...keys].sort();
const canonical = (value: unknown) => JSON.stringify(shuffled(value, sorted));

describe("the digest of a policy", () => {
  const turned = (keys: readonly string[]) => [...keys].reverse();
  it("does not depend on the order of keys, and does on everything else", async () => {
    await fc.assert(
      fc.asyncProperty(ruleOf(anyBlock), anyBlock, async (rule, more) => {
        const policy = await treePolicy(rule);
        const again = await treePolicy(shuffled(rule, turned) as object);
        expect(again.digest).toBe(policy.digest);
        expect((await treePolicy(shuffled(rule, sorted) as object)).digest).toBe(policy.digest);
        const other = await treePolicy({ allOf: [rule, { snp: more }] });
        expect(other.digest).not.toBe(policy.digest);
        const swapped = await treePolicy({ allOf: [{ snp: more }, rule] });
        const same = canonical(rule) === canonical({ snp: more });
        expect(swapped.digest === other.digest).toBe(same);
      }),
      { numRuns: 100, seed: 20261122 },
    );
  });

  it("and neither does the verdict", async () => {
    await fc.assert(
      fc.asyncProperty(ruleOf(anyBlock), anyEvidence, async (rule, evidence) => {
        const again = shuffled(rule, turned) as object;
        const [one, two] = [judged(await treePolicy(rule), evidence), judged(await treePolicy(again), evidence)];
        expect(two.verdict).toBe(one.verdict);
        expect(two.policyDigest).toBe(one.policyDigest);
        expect([...failedIds(two)].sort()).toEqual([...failedIds(one)].sort());
        expect(two.unexamined).toEqual(one.unexamined);
      }),
      { numRuns: 80, seed: 20261122 },
    );
  });

  it("is of the document as it was written, and not of what it means", async () => {
    const policy = await blockPolicy({ hostData: ["aa".repeat(32)] });
    const others = [["AA".repeat(32)], ["aa".repeat(32), "aa".repeat(32)]];
    for (const hostData of others) expect((await blockPolicy({ hostData })).digest).not.toBe(policy.digest);
  });
});
