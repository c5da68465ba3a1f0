import { describe, expect, it } from "vitest";
import { assessAdvisories } from "../../src/advisories/assess.js";
import { defineAdvisories } from "../../src/advisories/define.js";
import { canonicalJson } from "../../src/bytes/canonical-json.js";
import { toHex } from "../../src/bytes/codecs.js";
import { webCryptoEngine } from "../../src/crypto/webcrypto.js";
import { type AdvisoryRecord, keepAdvisoryData } from "../../src/policy/advisory-data.js";
import { createForge, type ReportOptions } from "../../src/testing/index.js";
import { verifyEvidence } from "../../src/verify/evidence.js";
import { blockPolicy, failedIds, judged } from "../policy/support.js";
import { DAY, makeVerified, VERIFIED_AT } from "../support/records.js";
import { advisory, dataSet, floor, ORIGIN, proofsOf } from "./support.js";

const NOW = new Date(VERIFIED_AT);
const DOCUMENT = dataSet([
  advisory({
    id: "FIXED",
    cves: ["CVE-2024-1111"],
    published: "2024-12-10",
    reference: "https://a.example",
    note: "n",
  }),
  advisory({ id: "OPEN", proofs: proofsOf([floor("snp", 255)]) }),
  {
    ...advisory({ id: "SPARED", affected: ["Turin"] }),
    notAffected: [{ for: ["Milan"], ...ORIGIN }],
    proofs: [{ for: ["Turin"], anyOf: [[floor("snp", 1)]] }],
  },
  {
    id: "NEVER",
    title: "t",
    cves: [],
    published: null,
    affected: ["Milan"],
    provable: false,
    why: "nobody can see it",
    sources: ["s"],
  },
]);
const data = await defineAdvisories(DOCUMENT);
const verified = makeVerified({});
const answers = assessAdvisories(verified, data, NOW);

describe("assessAdvisories", () => {
  it("answers for every advisory, in the order of the data set", () => {
    expect(answers.advisories.map(({ id, status }) => [id, status])).toEqual([
      ["FIXED", "fixed"],
      ["OPEN", "vulnerable"],
      ["SPARED", "not-affected"],
      ["NEVER", "not-provable"],
    ]);
    expect(answers).toMatchObject({
      dataSet: { id: "test", digest: data.digest, publishedAt: "2026-05-01T00:00:00.000Z", ageSeconds: 31 * 86_400 },
      assessedAt: "2026-06-01T00:00:00.000Z",
      productLine: "Milan",
      processor: "0x19-0x01-0x01",
    });
  });

  it("says all of an answer", () => {
    const check = {
      proof: "tcb",
      pointer: "/advisories/0/proofs/0/anyOf/0/0",
      field: "reportedTcb.snp",
      range: { offset: 0x180, length: 8 },
      expected: 20,
      actual: 24,
      outcome: "pass",
      reason: "reportedTcb.snp 24 reaches 20",
      confidence: "low",
      sources: ["s"],
    };
    expect(answers.advisories[0]).toEqual({
      id: "FIXED",
      title: "a weakness",
      cves: ["CVE-2024-1111"],
      published: "2024-12-10",
      reference: "https://a.example",
      note: "n",
      status: "fixed",
      reason: "reportedTcb.snp 24 reaches 20",
      decidedBy: check,
      checks: [check],
    });
    expect(answers.advisories[1]).toMatchObject({ published: null, reference: null, note: null });
  });

  it("is JSON-safe, frozen, and the same every time", () => {
    expect(JSON.parse(JSON.stringify(answers))).toEqual(answers);
    expect(Object.isFrozen(answers.advisories[0]?.decidedBy?.range)).toBe(true);
    expect(assessAdvisories(verified, data, NOW)).toEqual(answers);
  });

  it("names no processor where the report does not", () => {
    expect(assessAdvisories(makeVerified({ report: { version: 2 } }), data, NOW).processor).toBeNull();
  });

  it("counts the age of the data set down as well", () => {
    const early = new Date(Date.UTC(2026, 3, 30));
    expect(assessAdvisories(verified, data, early).dataSet.ageSeconds).toBe(-86_400);
  });

  it("takes nothing for evidence, data set or time that is none", () => {
    const stranger = keepAdvisoryData({ digest: data.digest, publishedAt: 0 } as AdvisoryRecord);
    for (const fake of [{}, { ...verified }, null, verified.report]) {
      expect(() => assessAdvisories(fake as typeof verified, data, NOW)).toThrow(
        /verified must be what verifyEvidence/,
      );
    }
    for (const fake of [DOCUMENT, { ...data }, Object.create(data), stranger, null]) {
      expect(() => assessAdvisories(verified, fake as typeof data, NOW)).toThrow(
        /advisories must be what defineAdvisor/,
      );
    }
    for (const fake of [0, new Date(Number.NaN), new Date(0), undefined]) {
      expect(() => assessAdvisories(verified, data, fake as Date)).toThrow(/now must be a Date/);
    }
  });
});

describe("defineAdvisories", () => {
  it("has the SHA-384 of the canonical form, whatever the order of keys", async () => {
    const text = canonicalJson(JSON.parse(JSON.stringify(DOCUMENT)));
    const digest = await webCryptoEngine.digest("SHA-384", new TextEncoder().encode(text));
    expect(data.digest).toBe(toHex(digest));
    const turned = Object.fromEntries(Object.entries(DOCUMENT).reverse());
    expect((await defineAdvisories(turned)).digest).toBe(data.digest);
    expect((await defineAdvisories({ ...DOCUMENT, id: "test2" })).digest).not.toBe(data.digest);
  });

  it("copies the document at once", async () => {
    const document = structuredClone(DOCUMENT);
    const made = defineAdvisories(document);
    document.id = "changed";
    Object.assign(document, { advisories: [] });
    expect(assessAdvisories(verified, await made, NOW)).toEqual(answers);
  });

  it("refuses what parseAdvisories refuses, and wrong options", async () => {
    await expect(defineAdvisories({})).toFailWith("ERR_MALFORMED_ADVISORIES", { pointer: "/version" });
    await expect(defineAdvisories(DOCUMENT, { engin: 1 } as object)).rejects.toThrow(TypeError);
    await expect(defineAdvisories(DOCUMENT, { engine: {} } as object)).rejects.toThrow(/options\.engine must be/);
    const digest = () => Promise.reject(new Error("no"));
    await expect(defineAdvisories(DOCUMENT, { engine: { ...webCryptoEngine, digest } })).toFailWith(
      "ERR_UNSUPPORTED_CRYPTO",
    );
  });
});

describe("a policy that asks for fixed advisories", () => {
  const asks = (...ids: string[]) =>
    blockPolicy({ advisories: { ids, dataSet: data.digest, maxAgeSeconds: 2_678_400 } });

  it.each([
    ["FIXED", true],
    ["SPARED", true],
    ["OPEN", false],
    ["NEVER", false],
    ["UNKNOWN", false],
  ])("%s", async (id, passes) => {
    const appraisal = judged(await asks(id), {}, { advisories: data });
    expect(failedIds(appraisal)).toEqual(passes ? [] : ["snp.advisories.fixed"]);
  });

  it("says why", async () => {
    const { failures } = judged(await asks("OPEN", "NEVER", "UNKNOWN"), {}, { advisories: data });
    expect(failures.map(({ actual, reason }) => [actual, reason.split("; ")[1]])).toEqual([
      ["vulnerable", "found it vulnerable: reportedTcb.snp 24 is below 255"],
      ["not-provable", "found it not-provable: nobody can see it"],
      ["unknown", "found it unknown: the data set does not have it"],
    ]);
  });

  it("refuses another data set, and an old one", async () => {
    const other = await defineAdvisories({ ...DOCUMENT, id: "other" });
    const policy = await asks("FIXED");
    expect(failedIds(judged(policy, {}, { advisories: other }))).toEqual(["snp.advisories.dataSet"]);
    expect(failedIds(judged(policy, {}, { advisories: data, now: VERIFIED_AT + DAY }))).toEqual([
      "snp.advisories.maxAgeSeconds",
    ]);
  });
});

describe("forged evidence, verified", () => {
  const tcbs = (snp: number) => {
    const tcb = { bootLoader: 4, tee: 0, snp, microcode: 219 };
    return { currentTcb: tcb, reportedTcb: tcb, committedTcb: tcb, launchTcb: tcb };
  };
  const alias = { check: "platformInfo", bit: "aliasCheckComplete", state: "set", ...ORIGIN };
  const mitigation = { check: "mitigation", bit: 1, ...ORIGIN };
  const made = defineAdvisories(dataSet([advisory({ proofs: proofsOf([floor("snp", 24), alias, mitigation]) })]));
  const forging = createForge({ seed: "advisories" });
  const good: ReportOptions = { ...tcbs(24), platformInfo: 0x20n, launchMitVector: 2n, currentMitVector: 2n };

  it.each<[string, ReportOptions, string]>([
    ["as it must be", good, "fixed"],
    ["launched below the floor", { ...good, launchTcb: tcbs(23).launchTcb }, "vulnerable"],
    ["committed below the floor", { ...good, committedTcb: tcbs(23).committedTcb }, "vulnerable"],
    ["without the check for aliases", { ...good, platformInfo: 0n }, "vulnerable"],
    ["launched without the mitigation", { ...good, launchMitVector: 1n }, "vulnerable"],
  ])("%s", async (_, report, status) => {
    const { evidence, anchors, now } = (await forging).evidence({ report });
    const genuine = await verifyEvidence(evidence, { now, anchors });
    expect(assessAdvisories(genuine, await made, now).advisories[0]?.status).toBe(status);
  });
});
