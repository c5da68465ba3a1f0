import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definePolicy } from "../../src/policy/define.js";
import type { RecordOptions } from "../support/records.js";
import { checkOf, failedIds, judged, OPEN, treePolicy } from "./support.js";

const { measurement, reportData, minimumTcb } = OPEN;
const TCB = { snp: { minimumTcb } };
const BOTH = { snp: { measurement, reportData } };
const OTHER = { snp: { vmpl: [0] } };
const ALL = { snp: OPEN };
const ANY_HOST = { snp: { platformInfo: { smtEn: "any" } } };

describe("each way to acceptance says measurement, reportData and minimumTcb", () => {
  const complete: [title: string, rule: object][] = [
    ["a block", ALL],
    ["two halves of allOf", { allOf: [TCB, BOTH] }],
    ["an anyOf whose members each say them", { anyOf: [ALL, { allOf: [BOTH, TCB] }] }],
    ["an anyOf beside what it leaves out", { allOf: [BOTH, { anyOf: [TCB, { snp: { minimumTcb, vmpl: [0] } }] }] }],
    ["said twice", { allOf: [ALL, ALL] }],
    ["said in an alternative and again beside it", { allOf: [ALL, { anyOf: [TCB, OTHER] }] }],
    ["deep in allOf", { allOf: [OTHER, { allOf: [OTHER, { allOf: [BOTH, TCB] }] }] }],
  ];
  it.each(complete)("%s: complete", async (_, rule) => {
    expect(judged(await treePolicy(rule)).verdict).toBe("accept");
  });

  const lacking: [title: string, rule: object, pointer: string, message: RegExp][] = [
    ["a block", TCB, "/require/snp", /say "measurement"; no rule says it/],
    ["an allOf", { allOf: [TCB, OTHER] }, "/require/allOf", /say "measurement"; no rule says it/],
    ["an anyOf where nobody does", { allOf: [TCB, { anyOf: [OTHER, OTHER] }] }, "/require/allOf", /no rule says it/],
    ["the second member", { anyOf: [ALL, TCB] }, "/require/anyOf/1", /the way through \/require\/anyOf\/1 does not/],
    [
      "the first member",
      { anyOf: [BOTH, ALL] },
      "/require/anyOf/0",
      /say "minimumTcb"; the way through \/require\/anyOf\/0/,
    ],
    ["an allOf in an anyOf", { anyOf: [ALL, { allOf: [BOTH, OTHER] }] }, "/require/anyOf/1", /say "minimumTcb"/],
    [
      "an anyOf in an anyOf",
      { anyOf: [ALL, { anyOf: [ALL, BOTH] }] },
      "/require/anyOf/1",
      /the way through \/require\/anyOf\/1 and \/require\/anyOf\/1\/anyOf\/1 does not/,
    ],
    [
      "a choice in each of two places",
      { allOf: [BOTH, { anyOf: [TCB, OTHER] }, { anyOf: [OTHER, TCB] }] },
      "/require/allOf/1/anyOf/1",
      /the way through \/require\/allOf\/1\/anyOf\/1 and \/require\/allOf\/2\/anyOf\/0 does not/,
    ],
    [
      "a choice beside one where nobody does",
      { allOf: [BOTH, { anyOf: [OTHER, OTHER] }, { anyOf: [OTHER, TCB] }] },
      "/require/allOf/2/anyOf/0",
      /the way through \/require\/allOf\/2\/anyOf\/0 does not/,
    ],
  ];
  it.each(lacking)("%s: not complete", async (...[, rule, pointer, message]) => {
    await expect(treePolicy(rule)).toFailWith("ERR_MALFORMED_POLICY", { pointer });
    await expect(treePolicy(rule)).rejects.toThrow(message);
  });

  it("and so does the short form", async () => {
    for (const key of Object.keys(OPEN)) {
      const snp = Object.fromEntries(Object.entries(OPEN).filter(([name]) => name !== key));
      const policy = definePolicy({ version: 1, id: "x", snp });
      await expect(policy).toFailWith("ERR_MALFORMED_POLICY", { pointer: "/snp" });
      await expect(policy).rejects.toThrow(`say "${key}"; no rule says it; write `);
    }
  });
});

describe("allowing VLEK asks for cspId on the same way", () => {
  const vlek = { snp: { signingKey: ["VLEK"] } };
  const csp = { snp: { cspId: "any" } };
  it.each([
    ["beside it", { allOf: [ALL, { allOf: [vlek, csp] }] }],
    ["further out", { allOf: [ALL, csp, { anyOf: [OTHER, { anyOf: [OTHER, vlek] }] }] }],
    ["in every alternative of a neighbour", { allOf: [ALL, vlek, { anyOf: [csp, { allOf: [OTHER, csp] }] }] }],
    ["in the alternative that allows it", { allOf: [ALL, { anyOf: [{ allOf: [vlek, csp] }, OTHER] }] }],
  ])("%s", async (_, rule) => {
    await expect(treePolicy(rule)).resolves.toBeDefined();
  });

  it.each([
    ["nowhere", { allOf: [ALL, vlek] }, "/require/allOf/1/snp/signingKey"],
    ["in another alternative", { allOf: [ALL, { anyOf: [vlek, csp] }] }, "/require/allOf/1/anyOf/0/snp/signingKey"],
    [
      "in one alternative of a neighbour",
      { allOf: [ALL, vlek, { anyOf: [csp, OTHER] }] },
      "/require/allOf/1/snp/signingKey",
    ],
    [
      "with the second of two",
      { allOf: [ALL, { anyOf: [{ allOf: [vlek, csp] }, vlek] }] },
      "/require/allOf/1/anyOf/1/snp/signingKey",
    ],
  ])("%s: refused", async (_, rule, pointer) => {
    await expect(treePolicy(rule)).toFailWith("ERR_MALFORMED_POLICY", { pointer });
  });
});

const debugging: RecordOptions = { report: { policy: 0xb0000n } };

describe("alternatives", () => {
  const anyVmpl = (...levels: number[]) => ({ snp: { vmpl: levels } });
  it("set aside what fails beside one that holds", async () => {
    const policy = await treePolicy({
      allOf: [ALL, { anyOf: [{ snp: { vmpl: [1], hostData: ["00".repeat(32)] } }, anyVmpl(0)] }],
    });
    const appraisal = judged(policy);
    expect(appraisal.verdict).toBe("accept");
    const vmpl = appraisal.checks.filter(({ id }) => id === "snp.vmpl");
    expect(vmpl.map(({ pointer, outcome }) => [pointer, outcome])).toEqual([
      ["/require/allOf/1/anyOf/0/snp/vmpl", "not-applicable"],
      ["/require/allOf/1/anyOf/1/snp/vmpl", "pass"],
    ]);
    expect(vmpl[0]?.reason).toMatch(
      /^Not needed: another alternative of \/require\/allOf\/1\/anyOf holds\. Expected VMPL/,
    );
    // What the alternative looked at in vain is not examined; what it passed stays a pass.
    expect(checkOf(appraisal, "snp.hostData").outcome).toBe("pass");
    expect(appraisal.unexamined).toContain("hostData");
    expect(appraisal.unexamined).not.toContain("vmpl");
  });

  it("all fail: all are told", async () => {
    const policy = await treePolicy({ allOf: [ALL, { anyOf: [anyVmpl(1), { allOf: [anyVmpl(0), anyVmpl(2)] }] }] });
    expect(judged(policy).failures.map(({ pointer }) => pointer)).toEqual([
      "/require/allOf/1/anyOf/0/snp/vmpl",
      "/require/allOf/1/anyOf/1/allOf/1/snp/vmpl",
    ]);
  });

  it("stay set aside when the policy fails elsewhere", async () => {
    const elsewhere = { snp: { hostData: ["11".repeat(32)] } };
    const policy = await treePolicy({
      allOf: [ALL, elsewhere, { anyOf: [{ anyOf: [anyVmpl(1), anyVmpl(2)] }, anyVmpl(0)] }],
    });
    const appraisal = judged(policy);
    expect(failedIds(appraisal)).toEqual(["snp.hostData"]);
    const reasons = appraisal.checks.filter(({ outcome }) => outcome === "not-applicable").map(({ reason }) => reason);
    expect(reasons).toHaveLength(2);
    for (const reason of reasons) expect(reason).toContain("/require/allOf/2/anyOf holds");
  });

  it("a default counts on the ways that do not speak of it", async () => {
    const policy = await treePolicy({
      anyOf: [{ snp: { ...OPEN, vmpl: [0] } }, { snp: { ...OPEN, guestPolicy: { debug: "any" } } }],
    });
    const appraisal = judged(policy, debugging);
    expect(appraisal.verdict).toBe("accept");
    const implied = appraisal.checks.filter(({ id, implied }) => id === "snp.guestPolicy.debug" && implied);
    expect(implied).toMatchObject([{ pointer: "/require/snp/guestPolicy/debug", outcome: "not-applicable" }]);
    expect(implied[0]?.reason).toMatch(
      /^Not needed: every way that decides speaks of it itself\. Expected POLICY\.DEBUG/,
    );
    const level1 = judged(policy, { report: { policy: 0xb0000n, vmpl: 1 } });
    expect(level1.verdict).toBe("accept");
  });

  it("a default that nobody may skip refuses, and the alternative that speaks of it tells why it fails", async () => {
    const speaking = { snp: { ...OPEN, guestPolicy: { debug: "any" }, vmpl: [3] } };
    const appraisal = judged(await treePolicy({ anyOf: [ALL, speaking] }), debugging);
    expect(appraisal.verdict).toBe("reject");
    expect(appraisal.failures.map(({ id, pointer }) => [id, pointer])).toEqual([
      ["snp.vmpl", "/require/anyOf/1/snp/vmpl"],
      ["snp.guestPolicy.debug", "/require/snp/guestPolicy/debug"],
    ]);
    // An alternative that would not have helped stays aside.
    const helpless = await treePolicy({ anyOf: [ALL, speaking, { snp: { ...OPEN, vmpl: [2] } }] });
    expect(judged(helpless, debugging).failures.map(({ pointer }) => pointer)).toEqual([
      "/require/anyOf/1/snp/vmpl",
      "/require/snp/guestPolicy/debug",
    ]);
  });

  it("a default that fails is told beside what else fails", async () => {
    const policy = await treePolicy({ snp: { ...OPEN, vmpl: [3] } });
    expect(failedIds(judged(policy, debugging))).toEqual(["snp.vmpl", "snp.guestPolicy.debug"]);
  });

  it("a default that every holding way speaks of is not told beside one that none does", async () => {
    const speaking = { snp: { ...OPEN, guestPolicy: { debug: "any" } } };
    const policy = await treePolicy({ anyOf: [speaking, { snp: { ...OPEN, vmpl: [3] } }] });
    const appraisal = judged(policy, { report: { policy: 0xb0000n, keyInfo: 0x20 } });
    expect(failedIds(appraisal)).toEqual(["snp.reserved.keyInfo"]);
    const implied = appraisal.checks.filter(({ claim, implied }) => claim === "guestPolicy.debug" && implied);
    expect(implied.map(({ outcome }) => outcome)).toEqual(["not-applicable"]);
  });

  it("defaults spoken of on different ways do not add up", async () => {
    const debug = { snp: { guestPolicy: { debug: "any" } } };
    const reserved = { snp: { reserved: "any" } };
    const evidence: RecordOptions = { report: { policy: 0xb0000n, keyInfo: 0x20 } };
    const either = judged(await treePolicy({ allOf: [ALL, { anyOf: [debug, reserved] }] }), evidence);
    expect(failedIds(either)).toEqual(["snp.guestPolicy.debug", "snp.reserved.keyInfo"]);
    const both = judged(await treePolicy({ allOf: [ALL, debug, reserved] }), evidence);
    expect(both.verdict).toBe("accept");
    const chosen = { allOf: [ALL, { anyOf: [debug, OTHER] }, { anyOf: [OTHER, reserved] }] };
    expect(judged(await treePolicy(chosen), evidence).verdict).toBe("accept");
  });

  describe("a default does not stand beside another failure", () => {
    const debug = { snp: { guestPolicy: { debug: "any" } } };
    const wrong = { snp: { hostData: ["22".repeat(32)] } };
    const lacking: [title: string, members: object[], failures: string[]][] = [
      ["where an alternative speaks of it", [{ anyOf: [debug, wrong] }], ["/allOf/1/snp/vmpl"]],
      ["in either order", [{ anyOf: [wrong, debug] }], ["/allOf/1/snp/vmpl"]],
      ["where an alternative that holds does not", [{ anyOf: [debug, ANY_HOST] }], ["/allOf/1/snp/vmpl"]],
      ["unless nobody speaks of it", [{ anyOf: [ANY_HOST, wrong] }], ["/allOf/1/snp/vmpl", "/snp/guestPolicy/debug"]],
      [
        "unless who speaks of it fails too",
        [{ anyOf: [ANY_HOST, { allOf: [debug, wrong] }] }],
        ["/allOf/1/snp/vmpl", "/allOf/2/anyOf/1/allOf/1/snp/hostData", "/snp/guestPolicy/debug"],
      ],
      [
        "though who speaks of it fails too, where another speaks of it for nothing",
        [{ anyOf: [ANY_HOST, { allOf: [debug, wrong] }] }, { anyOf: [ANY_HOST, debug] }],
        ["/allOf/1/snp/vmpl"],
      ],
    ];
    it.each(lacking)("%s", async (_, members, failures) => {
      const stuck = await treePolicy({ allOf: [ALL, { snp: { vmpl: [3] } }, ...members] });
      const pointers = failures.map((pointer) => `/require${pointer}`);
      expect(judged(stuck, debugging).failures.map(({ pointer }) => pointer)).toEqual(pointers);
      const free = await treePolicy({ allOf: [ALL, { snp: { vmpl: [0] } }, ...members] });
      const others = pointers.filter((pointer) => !pointer.endsWith("vmpl"));
      expect(judged(free, debugging).failures.map(({ pointer }) => pointer)).toEqual(others);
    });
  });

  describe("many defaults that fail at once", () => {
    /** DEBUG, MIGRATE_MA, a bit that nobody knows and KEY_INFO; then no CRL either. */
    const four: RecordOptions = { report: { policy: (1n << 40n) | 0xf0000n, keyInfo: 0x20 } };
    const five: RecordOptions = { ...four, revocation: { status: "skipped", usableUntil: null } };
    const wrong = { snp: { hostData: ["22".repeat(32)] } };
    /** How many checks of HOST_DATA and how many defaults refuse. */
    const counted = ({ failures }: ReturnType<typeof judged>) => [
      failures.filter(({ id }) => id === "snp.hostData").length,
      failures.filter(({ implied }) => implied).length,
    ];
    it("refuse: up to four without what would not have helped, more with all that failed", async () => {
      const policy = await treePolicy({ allOf: [ALL, { anyOf: [wrong, ANY_HOST] }] });
      expect(counted(judged(policy, four))).toEqual([0, 4]);
      expect(counted(judged(policy, five))).toEqual([1, 5]);
    });

    it("do not refuse where a way that holds speaks of them all", async () => {
      const guestPolicy = { debug: "any", migrateMa: "any", unknownBits: "any" };
      const speaking = { snp: { guestPolicy, reserved: "any", revocation: { status: "skipped" } } };
      const policy = await treePolicy({ allOf: [ALL, { anyOf: [{ allOf: [speaking, wrong] }, speaking, ANY_HOST] }] });
      for (const evidence of [four, five]) expect(judged(policy, evidence).failures).toEqual([]);
      const refusing = await treePolicy({ allOf: [ALL, { anyOf: [{ allOf: [speaking, wrong] }, ANY_HOST] }] });
      expect(counted(judged(refusing, four))).toEqual([1, 4]);
      expect(counted(judged(refusing, five))).toEqual([1, 5]);
    });
  });

  it("a default that every way speaks of is not listed", async () => {
    const policy = await treePolicy({ anyOf: [{ snp: { ...OPEN, vmpl: [0] } }, { snp: { ...OPEN, vmpl: [1] } }] });
    expect(judged(policy).checks.filter(({ id, implied }) => id === "snp.vmpl" && implied)).toEqual([]);
  });
});

/** The parts of random blocks: what each says, when it holds, and the claims with a default that it speaks of. */
const ATOMS = [
  { says: { vmpl: [0] }, holds: (e: Facts) => e.vmpl === 0, speaks: ["vmpl"] },
  { says: { vmpl: [1, 3] }, holds: (e: Facts) => e.vmpl === 1, speaks: ["vmpl"] },
  { says: { guestPolicy: { debug: "any" } }, holds: () => true, speaks: ["debug"] },
  {
    says: { guestPolicy: { debug: "required", migrateMa: "any" } },
    holds: (e: Facts) => e.debug,
    speaks: ["debug", "ma"],
  },
  { says: { guestPolicy: { smt: "required" } }, holds: () => true, speaks: [] },
  { says: { reserved: "any" }, holds: () => true, speaks: ["reserved"] },
  { says: { reserved: "zero" }, holds: (e: Facts) => !e.reserved, speaks: ["reserved"] },
  { says: { hostData: ["11".repeat(32)] }, holds: () => false, speaks: [] },
] as const;

interface Facts {
  readonly vmpl: number;
  readonly debug: boolean;
  readonly ma: boolean;
  readonly reserved: boolean;
}

const DEFAULTS: Readonly<Record<string, (facts: Facts) => boolean>> = {
  debug: ({ debug }) => !debug,
  ma: ({ ma }) => !ma,
  reserved: ({ reserved }) => !reserved,
};

type Tree = number | { kind: "allOf" | "anyOf"; members: Tree[] };

const { tree } = fc.letrec<{ tree: Tree; branch: Tree; leaf: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", maxDepth: 4 }, tie("leaf"), tie("branch")),
  leaf: fc.nat(ATOMS.length - 1),
  branch: fc.record({
    kind: fc.constantFrom("allOf", "anyOf"),
    members: fc.array(tie("tree"), { minLength: 1, maxLength: 3 }),
  }),
}));

function documentOf(node: Tree): object {
  if (typeof node === "number") return { snp: ATOMS[node]?.says };
  return { [node.kind]: node.members.map(documentOf) };
}

/** Every way as the list of its blocks, written out one by one. */
function waysOf(node: Tree): number[][] {
  if (typeof node === "number") return [[node]];
  const members = node.members.map(waysOf);
  if (node.kind === "anyOf") return members.flat();
  return members.reduce((ways, next) => ways.flatMap((way) => next.map((more) => [...way, ...more])), [
    [],
  ] as number[][]);
}

function accepted(node: Tree, facts: Facts): boolean {
  return waysOf(node).some((way) => {
    const blocks = way.flatMap((index) => ATOMS[index] ?? []);
    const spoken = new Set(blocks.flatMap(({ speaks }): readonly string[] => speaks));
    const defaults = Object.entries(DEFAULTS).filter(([claim]) => !spoken.has(claim));
    return blocks.every(({ holds }) => holds(facts)) && defaults.every(([, holds]) => holds(facts));
  });
}

function evidenceOf({ vmpl, debug, ma, reserved }: Facts): RecordOptions {
  const policy = 0x30000n | (debug ? 0x80000n : 0n) | (ma ? 0x40000n : 0n);
  return { report: { vmpl, policy, keyInfo: reserved ? 0x20 : 0 } };
}

describe("against an evaluator that writes out every way", () => {
  const facts = fc.record({
    vmpl: fc.constantFrom(0, 1),
    debug: fc.boolean(),
    ma: fc.boolean(),
    reserved: fc.boolean(),
  });
  it("the verdict is the same, and the failures are the checks that say fail", async () => {
    const seen = { accept: 0, reject: 0 };
    await fc.assert(
      fc.asyncProperty(tree, facts, async (node, given) => {
        const appraisal = judged(await treePolicy({ allOf: [ALL, documentOf(node)] }), evidenceOf(given));
        expect(appraisal.verdict).toBe(accepted(node, given) ? "accept" : "reject");
        expect(appraisal.failures).toEqual(appraisal.checks.filter(({ outcome }) => outcome === "fail"));
        expect(appraisal.failures.length === 0).toBe(appraisal.verdict === "accept");
        seen[appraisal.verdict] += 1;
      }),
      { numRuns: 600, seed: 20261121 },
    );
    expect(Math.min(seen.accept, seen.reject)).toBeGreaterThan(60);
  });
});

describe("budgets", () => {
  const nested = (depth: number): object => (depth === 0 ? ALL : { allOf: [nested(depth - 1)] });
  it("a policy of many ways costs no more than its rules", async () => {
    const choice = {
      anyOf: [{ snp: { vmpl: [0] } }, { snp: { reserved: "any" } }, { snp: { guestPolicy: { debug: "any" } } }],
    };
    const policy = await treePolicy({ allOf: [ALL, ...Array.from({ length: 200 }, () => choice)] });
    // 3 to the 200th ways.
    const evidence: RecordOptions = { report: { policy: 0xb0000n, keyInfo: 0x20 } };
    expect(judged(policy, evidence).verdict).toBe("accept");
    expect(judged(policy, { report: { policy: 0xf0000n } }).verdict).toBe("reject");
  });

  it("rules nest as deep as the budget, and no deeper", async () => {
    await expect(treePolicy(nested(18))).resolves.toBeDefined();
    await expect(treePolicy(nested(40))).toFailWith("ERR_MALFORMED_POLICY");
  });
});
