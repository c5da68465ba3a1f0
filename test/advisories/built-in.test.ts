import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { assessAdvisories } from "../../src/advisories/assess.js";
import { ADVISORIES } from "../../src/advisories/built-in/data-set.js";
import { ADVISORIES_DIGEST } from "../../src/advisories/built-in/digest.js";
import { defineAdvisories } from "../../src/advisories/define.js";
import { canonicalJson } from "../../src/bytes/canonical-json.js";
import { explainPolicy } from "../../src/policy/explain.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import type { VerifiedEvidence } from "../../src/verify/types.js";
import { blockPolicy } from "../policy/support.js";
import { corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";

const data = await defineAdvisories(ADVISORIES);

function statuses(verified: VerifiedEvidence): Readonly<Record<string, string>> {
  const { advisories } = assessAdvisories(verified, data, new Date(VERIFIED_AT));
  return Object.fromEntries(advisories.map(({ id, status }) => [id, status]));
}

describe("the built-in data set", () => {
  it("has the digest that it says: npm run schema:advisories computes it anew", () => {
    const canonical = canonicalJson(JSON.parse(JSON.stringify(ADVISORIES)));
    expect(createHash("sha384").update(canonical).digest("hex")).toBe(ADVISORIES_DIGEST);
    expect(data.digest).toBe(ADVISORIES_DIGEST);
  });

  it("is frozen, all of it", () => {
    const walk = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      for (const part of Object.values(value)) walk(part);
    };
    walk(ADVISORIES);
  });

  it("uses every source that it lists", () => {
    const used = new Set<string>();
    JSON.stringify(ADVISORIES.advisories, (key, value) => {
      if (key === "sources") for (const name of value) used.add(name);
      return value;
    });
    expect([...used].sort()).toEqual(Object.keys(ADVISORIES.sources).sort());
  });

  it("is sure only of what several sources say", () => {
    JSON.stringify(ADVISORIES.advisories, (_, value) => {
      if (value?.confidence === "high") expect(value.sources.length, JSON.stringify(value)).toBeGreaterThan(1);
      return value;
    });
  });
});

const tcbs = (tcb: object) => ({ currentTcb: tcb, reportedTcb: tcb, committedTcb: tcb, launchTcb: tcb });
const firmware = (build: number) => ({ currentBuild: build, committedBuild: build });
const vectors = (vector: bigint) => ({ launchMitVector: vector, currentMitVector: vector });

/** Each number once: a machine that has all of them, and what one level less of one thing makes vulnerable. */
const FULL: Readonly<
  Record<string, { evidence: RecordOptions; fixed: readonly string[]; loses: readonly [object, string[]][] }>
> = {
  "Milan B1": {
    evidence: {
      report: {
        ...tcbs({ bootLoader: 4, tee: 0, snp: 0x1d, microcode: 0xde }),
        ...firmware(35),
        ...vectors(0x16n),
        platformInfo: 0x25n,
      },
    },
    fixed: [
      "AMD-SB-3002",
      "AMD-SB-3015",
      "AMD-SB-3016",
      "AMD-SB-3019",
      "AMD-SB-3020",
      "AMD-SB-3027",
      "AMD-SB-3030",
      "AMD-SB-3034",
    ],
    loses: [
      [tcbs({ bootLoader: 2, tee: 0, snp: 0x1d, microcode: 0xde }), ["AMD-SB-3002"]],
      [tcbs({ bootLoader: 4, tee: 0, snp: 0x1c, microcode: 0xde }), ["AMD-SB-3030"]],
      [tcbs({ bootLoader: 4, tee: 0, snp: 0x1a, microcode: 0xde }), ["AMD-SB-3016", "AMD-SB-3020", "AMD-SB-3030"]],
      [tcbs({ bootLoader: 4, tee: 0, snp: 0x1d, microcode: 0xdd }), ["AMD-SB-3020", "AMD-SB-3027"]],
      [tcbs({ bootLoader: 4, tee: 0, snp: 0x1d, microcode: 0xda }), ["AMD-SB-3019", "AMD-SB-3020", "AMD-SB-3027"]],
      [{ platformInfo: 0x05n }, ["AMD-SB-3015"]],
      [firmware(34), ["AMD-SB-3020"]],
      [vectors(0x14n), ["AMD-SB-3020"]],
      [vectors(0x12n), ["AMD-SB-3016"]],
      [vectors(0x06n), ["AMD-SB-3030", "AMD-SB-3034"]],
    ],
  },
  "Milan-X B2": {
    evidence: {
      report: {
        ...tcbs({ bootLoader: 4, tee: 0, snp: 0x1d, microcode: 0x47 }),
        ...firmware(35),
        ...vectors(0x16n),
        cpuidStep: 2,
        platformInfo: 0x25n,
      },
    },
    fixed: ["AMD-SB-3015", "AMD-SB-3016", "AMD-SB-3020", "AMD-SB-3027", "AMD-SB-3030", "AMD-SB-3034"],
    loses: [
      [tcbs({ bootLoader: 4, tee: 0, snp: 0x1d, microcode: 0x46 }), ["AMD-SB-3027"]],
      [tcbs({ bootLoader: 4, tee: 0, snp: 0x1d, microcode: 0x44 }), ["AMD-SB-3020", "AMD-SB-3027"]],
    ],
  },
  "Genoa B1": {
    evidence: {
      productLine: "Genoa",
      report: {
        ...tcbs({ bootLoader: 10, tee: 0, snp: 0x1b, microcode: 0x56 }),
        ...firmware(49),
        ...vectors(0x6n),
        platformInfo: 0x25n,
      },
    },
    fixed: ["AMD-SB-3015", "AMD-SB-3016", "AMD-SB-3019", "AMD-SB-3020", "AMD-SB-3027"],
    loses: [
      [
        tcbs({ bootLoader: 10, tee: 0, snp: 0x15, microcode: 0x56 }),
        ["AMD-SB-3015", "AMD-SB-3016", "AMD-SB-3019", "AMD-SB-3020"],
      ],
      [tcbs({ bootLoader: 10, tee: 0, snp: 0x1b, microcode: 0x55 }), ["AMD-SB-3020", "AMD-SB-3027"]],
      [tcbs({ bootLoader: 10, tee: 0, snp: 0x1b, microcode: 0x53 }), ["AMD-SB-3019", "AMD-SB-3020", "AMD-SB-3027"]],
      [firmware(48), ["AMD-SB-3020"]],
      [firmware(39), ["AMD-SB-3019", "AMD-SB-3020"]],
    ],
  },
  "Turin C1": {
    evidence: {
      productLine: "Turin",
      report: {
        ...tcbs({ fmc: 1, bootLoader: 1, tee: 1, snp: 4, microcode: 0x51 }),
        ...firmware(65),
        ...vectors(0x1n),
        platformInfo: 0x25n,
      },
    },
    fixed: ["AMD-SB-3020", "AMD-SB-3027"],
    loses: [
      [tcbs({ fmc: 1, bootLoader: 1, tee: 1, snp: 3, microcode: 0x51 }), ["AMD-SB-3020"]],
      [tcbs({ fmc: 1, bootLoader: 1, tee: 1, snp: 4, microcode: 0x50 }), ["AMD-SB-3027"]],
      [tcbs({ fmc: 1, bootLoader: 1, tee: 1, snp: 4, microcode: 0x4f }), ["AMD-SB-3020", "AMD-SB-3027"]],
      [vectors(0x2n), ["AMD-SB-3020"]],
    ],
  },
};

/** What depends on the guest's own policy, which these machines leave at SMT allowed and nothing else. */
const OF_THE_GUEST = ["AMD-SB-3021", "PwrLeak"];

describe.each(Object.entries(FULL))("%s", (_, { evidence, fixed, loses }) => {
  it("has what the numbers ask for, and no more is said", () => {
    const found = statuses(makeVerified(evidence));
    const named = (status: string) => Object.keys(found).filter((id) => found[id] === status);
    expect(named("fixed").sort()).toEqual([...fixed].sort());
    expect(named("vulnerable")).toEqual(OF_THE_GUEST);
  });

  it.each(loses)("with %o is vulnerable", (less, ids) => {
    const found = statuses(makeVerified({ ...evidence, report: { ...evidence.report, ...less } }));
    const lost = Object.keys(found).filter((id) => found[id] === "vulnerable" && !OF_THE_GUEST.includes(id));
    expect(lost.sort()).toEqual(ids);
  });
});

it("has the numbers for StackWarp that policies are warned by", async () => {
  const { warnings } = explainPolicy(await blockPolicy({}));
  const text = warnings.find(({ id }) => id === "smt-allowed")?.text ?? "";
  const warned = [...text.matchAll(/(0x\S+) below microcode (\d+)/g)].map(([, cpu, microcode]) => [
    cpu,
    Number(microcode),
  ]);
  const stackWarp = ADVISORIES.advisories.find(({ id }) => id === "AMD-SB-3027");
  const proofs = stackWarp?.provable === true ? stackWarp.proofs : [];
  const numbers = proofs.flatMap(({ for: keys, anyOf }) =>
    anyOf.flat().flatMap((proof) => (proof.check === "tcb" ? [[keys[0], proof.minimum]] : [])),
  );
  expect(warned).not.toEqual([]);
  expect(numbers).toEqual(warned);
});

describe("what a guest asks for", () => {
  it("proves ciphertext hiding and silence of the power meter", () => {
    const asked = { report: { policy: 0x3820000n, platformInfo: 0x18n } };
    expect(statuses(makeVerified(asked))).toMatchObject({
      "AMD-SB-3021": "fixed",
      PwrLeak: "fixed",
      "AMD-SB-3027": "fixed",
    });
  });

  it.each([0x2820000n, 0x1820000n])("POLICY %s asks for half", (policy) => {
    expect(statuses(makeVerified({ report: { policy, platformInfo: 0x18n } }))["AMD-SB-3021"]).toBe("vulnerable");
  });

  it("is not proved by a host that has it off", () => {
    expect(statuses(makeVerified({ report: { policy: 0x3820000n, platformInfo: 0n } }))).toMatchObject({
      "AMD-SB-3021": "vulnerable",
      PwrLeak: "vulnerable",
    });
  });
});

describe("what nothing proves", () => {
  it.each([
    ["Milan", { "arXiv-2605.12990": "not-provable", "Battering-RAM": "not-provable", "TEE.fail": "not-provable" }],
    ["Genoa", { "AMD-SB-3034": "not-provable", "TEE.fail": "not-provable", "Heckler-WeSee": "not-provable" }],
    ["Turin", { "AMD-SB-3034": "not-provable", "AMD-SB-3016": "not-affected", "AMD-SB-3019": "not-provable" }],
  ] as const)("on %s", (productLine, expected) => {
    expect(statuses(makeVerified({ productLine }))).toMatchObject(expected);
  });
});

describe.runIf(needs("corpus"))("genuine reports", () => {
  const FILES = {
    leaf: ["vcek.der", "vlek.der"],
    intermediate: ["ask.der", "asvk.der"],
    root: ["ark.der"],
    crl: ["crl.der"],
  };
  const sets = corpusSets().filter(({ expected }) => expected === "valid");

  it.each(sets)("$id: old firmware is never called fixed, and every answer has its reason", async (set) => {
    const parts = Object.entries(FILES).flatMap(([part, names]) =>
      names.filter((name) => set.has(name)).map((name): [string, Uint8Array] => [part, set.read(name)]),
    );
    const line = set.version === 2 && set.product !== null ? { productLine: set.product } : {};
    const evidence = { report: set.read("report.bin"), certificates: Object.fromEntries(parts) };
    const verified = await verifyEvidence(evidence, { now: set.at, revocation: set.revocation, ...line });
    const { advisories } = assessAdvisories(verified, data, set.at);
    for (const { reason } of advisories) expect(reason).not.toBe("");
    // The mitigation bits that these advisories ask for came with report version 5.
    if (set.version !== 5) {
      const late = advisories.filter(({ id }) => ["AMD-SB-3020", "AMD-SB-3030", "AMD-SB-3034"].includes(id));
      expect(late.filter(({ status }) => status === "fixed")).toEqual([]);
    }
  });
});
