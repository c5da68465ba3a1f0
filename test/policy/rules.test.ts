import { describe, expect, it } from "vitest";
import { isFlag } from "../../src/bytes/bits.js";
import { isField, type Layout } from "../../src/bytes/layout.js";
import {
  CLAIM_NAMES,
  CLAIMS,
  type ClaimName,
  GUEST_POLICY_FLAGS,
  labelOf,
  PLATFORM_INFO_FLAGS,
} from "../../src/policy/claims.js";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import { GUEST_POLICY_BITS } from "../../src/report/guest-policy.js";
import { REPORT_LAYOUTS } from "../../src/report/layouts.js";
import { PLATFORM_INFO_BITS } from "../../src/report/platform-info.js";
import { makeRecord } from "../support/records.js";
import { blockPolicy, checkOf, failedIds, judged } from "./support.js";
import { TWINS, type Twins } from "./twins.js";

describe("each key, with twins that differ in one field", () => {
  it.each(TWINS)("$title", async ({ snp, passing, failing, id, pointer, also = [] }: Twins) => {
    const policy = await blockPolicy(snp);
    const good = judged(policy, passing);
    expect(failedIds(good)).toEqual([]);
    expect(good.verdict).toBe("accept");
    expect(checkOf(good, id)).toMatchObject({ pointer, implied: false });
    const bad = judged(policy, failing);
    expect(bad.verdict).toBe("reject");
    expect([...failedIds(bad)].sort()).toEqual([id, ...also].sort());
    const check = checkOf(bad, id);
    expect(check).toMatchObject({ pointer, implied: false, outcome: "fail", severity: "error" });
    expect(check.reason).toMatch(/^Expected .+; found .+; .+\.$/);
  });

  it("covers every key but those that have a table of their own", () => {
    const keys = new Set(TWINS.flatMap(({ snp }) => Object.keys(snp)));
    expect([...keys, "advisories"].sort()).toEqual(Object.keys(SNP_RULES).sort());
  });
});

describe("floors", () => {
  it("show those of their TCB alone", async () => {
    const policy = await blockPolicy({
      minimumTcb: { Turin: { launch: { snp: 1 } }, Genoa: { reported: { snp: 1 } } },
    });
    const { expected } = checkOf(judged(policy), "snp.minimumTcb.reported");
    expect(Object.entries(expected ?? {})).toEqual([["Genoa", { snp: 1 }]]);
  });
});

describe("the word any", () => {
  const rows: [string, object, object][] = [
    ["measurement", { measurement: "any" }, {}],
    ["reportData", { reportData: "any" }, {}],
    ["reportedTcb", { minimumTcb: "any" }, {}],
    ["cspId", { signingKey: ["VLEK"], cspId: "any" }, { signingKey: "VLEK" }],
    ["guestPolicy.debug", { guestPolicy: { debug: "any" } }, { report: { policy: 0xb0000n } }],
    ["guestPolicy.migrateMa", { guestPolicy: { migrateMa: "any" } }, { report: { policy: 0x70000n } }],
    ["guestPolicy.unknownBits", { guestPolicy: { unknownBits: "any" } }, { report: { policy: 0x8000000030000n } }],
    ["platformInfo.unknownBits", { platformInfo: { unknownBits: "any" } }, { report: { platformInfo: 0x65n } }],
    ["platformInfo.smtEn", { platformInfo: { smtEn: "any" } }, {}],
    ["keyInfo.unknownBits", { reserved: "any" }, { report: { keyInfo: 0x20 } }],
    ["reservedBytes", { reserved: "any" }, { report: { patch: [{ offset: 0x29f, bytes: Uint8Array.of(1) }] } }],
    ["idKeyDigest", { idBlock: { required: false } }, {}],
    ["committedTcb", { minimumTcb: { Milan: { reported: { snp: 1 } } }, provisionalFirmware: "any" }, {}],
    ["committedFirmware", { provisionalFirmware: "any" }, {}],
  ];
  it.each(rows)("accepts every %s, says so, and lists the claim as unexamined", async (claim, snp, evidence) => {
    const appraisal = judged(await blockPolicy(snp), evidence);
    expect(failedIds(appraisal)).toEqual([]);
    const checks = appraisal.checks.filter((check) => check.claim === claim && check.outcome === "pass");
    expect(checks.map(({ operator, expected }) => [operator, expected])).toEqual([["any", "any"]]);
    expect(appraisal.unexamined).toContain(claim);
  });
});

describe("strict defaults of a policy that says nothing of them", () => {
  const rows: [string, string, object][] = [
    ["snp.signingKey", "/snp/signingKey", { signingKey: "VLEK" }],
    ["snp.vmpl", "/snp/vmpl", { report: { vmpl: 0xffffffff } }],
    ["snp.guestPolicy.debug", "/snp/guestPolicy/debug", { report: { policy: 0xb0000n } }],
    ["snp.guestPolicy.migrateMa", "/snp/guestPolicy/migrateMa", { report: { policy: 0x70000n } }],
    ["snp.guestPolicy.unknownBits", "/snp/guestPolicy/unknownBits", { report: { policy: 0x4030000n } }],
    ["snp.revocation.status", "/snp/revocation/status", { revocation: { status: "stale" } }],
    ["snp.reserved.keyInfo", "/snp/reserved", { report: { keyInfo: 0x80000000 } }],
    ["snp.reserved.bytes", "/snp/reserved", { report: { patch: [{ offset: 0x1eb, bytes: Uint8Array.of(7) }] } }],
  ];
  it.each(rows)("%s", async (id, pointer, evidence) => {
    const policy = await blockPolicy({});
    expect(failedIds(judged(policy))).toEqual([]);
    const bad = judged(policy, evidence);
    expect(failedIds(bad)).toEqual([id]);
    expect(checkOf(bad, id)).toMatchObject({ pointer, implied: true, rule: null });
  });

  it("accept unknown bits of PLATFORM_INFO and show them", async () => {
    const appraisal = judged(await blockPolicy({}), { report: { platformInfo: 0x65n } });
    expect(appraisal.verdict).toBe("accept");
    expect(checkOf(appraisal, "snp.platformInfo.unknownBits")).toMatchObject({
      implied: true,
      operator: "any",
      actual: "0x40",
      outcome: "pass",
    });
  });

  it("stand as long as nobody speaks of the very claim: another bit is another claim", async () => {
    const policy = await blockPolicy({ guestPolicy: { smt: "any" }, revocation: { maxAgeSeconds: 8_640_000 } });
    expect(failedIds(judged(policy, { report: { policy: 0xb0000n }, revocation: { status: "stale" } }))).toEqual([
      "snp.guestPolicy.debug",
      "snp.revocation.status",
    ]);
  });
});

describe("what a check shows", () => {
  it("of an allow-list: the list, the value, and where it stands", async () => {
    const policy = await blockPolicy({
      hostData: ["AA".repeat(32), "bb".repeat(32), "cc".repeat(32), "dd".repeat(32)],
    });
    expect(checkOf(judged(policy), "snp.hostData")).toEqual({
      id: "snp.hostData",
      pointer: "/snp/hostData",
      implied: false,
      rule: null,
      claim: "hostData",
      operator: "oneOf",
      expected: ["aa".repeat(32), "bb".repeat(32), "cc".repeat(32), "dd".repeat(32)],
      actual: "00".repeat(32),
      outcome: "fail",
      severity: "error",
      waiver: null,
      reason:
        `Expected HOST_DATA to be one of ${"aa".repeat(32)}, ${"bb".repeat(32)}, ${"cc".repeat(32)} and 1 more; ` +
        `found ${"00".repeat(32)}; launch the guest with the host data of the list, or add this to it.`,
      source: { kind: "report", offset: 0xc0, length: 32 },
    });
  });

  it("of a floor: the floor of this processor, every component, and what is short", async () => {
    const floors = { Milan: { reported: { snp: 25, microcode: 219, tee: 1 } } };
    expect(checkOf(judged(await blockPolicy({ minimumTcb: floors })), "snp.minimumTcb.reported")).toMatchObject({
      operator: "atLeast",
      expected: floors.Milan.reported,
      actual: { bootLoader: 4, tee: 0, snp: 24, microcode: 219 },
      reason:
        "Expected REPORTED_TCB at or above its floor; found tee 0 below 1, snp 24 below 25; update the host's firmware.",
      source: { kind: "report", offset: 0x180, length: 8 },
    });
  });

  it("of a floor that is missing: every floor that the policy has", async () => {
    const floors = { Milan: { launch: { snp: 1 } }, "0x19-0xa0-0x02": { launch: { snp: 2 }, current: { snp: 3 } } };
    const appraisal = judged(await blockPolicy({ minimumTcb: floors }), { productLine: "Genoa" });
    expect(failedIds(appraisal)).toEqual(["snp.minimumTcb.launch", "snp.minimumTcb.current"]);
    expect(checkOf(appraisal, "snp.minimumTcb.launch")).toMatchObject({
      expected: { Milan: { snp: 1 }, "0x19-0xa0-0x02": { snp: 2 } },
      reason: expect.stringContaining("found none for Genoa (0x19-0x11-0x01)"),
    });
    const unnamed = judged(await blockPolicy({ minimumTcb: floors }), { productLine: "Genoa", report: { version: 2 } });
    expect(checkOf(unnamed, "snp.minimumTcb.launch").reason).toContain("found none for Genoa (no CPUID)");
  });

  it("of a TCB that another line has a floor for: not applicable", async () => {
    const floors = { Milan: { reported: { snp: 1 } }, Genoa: { launch: { snp: 1 } } };
    const appraisal = judged(await blockPolicy({ minimumTcb: floors }));
    expect(appraisal.verdict).toBe("accept");
    expect(checkOf(appraisal, "snp.minimumTcb.reported").outcome).toBe("pass");
    expect(checkOf(appraisal, "snp.minimumTcb.launch").outcome).toBe("not-applicable");
  });

  it("of a provider under a VCEK: on no list, and not applicable where any will do", async () => {
    const both = { signingKey: ["VCEK", "VLEK"] };
    const listed = judged(await blockPolicy({ ...both, cspId: ["CN=one.example"] }));
    expect(failedIds(listed)).toEqual(["snp.cspId"]);
    expect(checkOf(listed, "snp.cspId")).toMatchObject({ outcome: "fail", actual: null });
    const open = judged(await blockPolicy({ ...both, cspId: "any" }));
    expect(open.verdict).toBe("accept");
    expect(checkOf(open, "snp.cspId")).toMatchObject({ outcome: "not-applicable", actual: null });
  });

  it("of providers alone: a list of them lets no VCEK of a stranger in", async () => {
    const appraisal = judged(await blockPolicy({ cspId: ["CN=one.example"] }));
    expect(failedIds(appraisal)).toEqual(["snp.cspId"]);
  });

  it("of a processor's floor: it stands in for its line's, TCB by TCB", async () => {
    const own = { launch: { bootLoader: 1 } };
    const floors = { Milan: { reported: { snp: 25 } }, "0x19-0x01-0x01": own };
    expect(failedIds(judged(await blockPolicy({ minimumTcb: floors })))).toEqual(["snp.minimumTcb.reported"]);
    const lower = { ...floors, "0x19-0x01-0x01": { ...own, reported: { snp: 24 } } };
    expect(judged(await blockPolicy({ minimumTcb: lower })).verdict).toBe("accept");
  });

  it("of a processor that is not named: the floors of its line and of every processor of it", async () => {
    const floors = { Milan: { reported: { snp: 8 } }, "0x19-0x01-0x01": { reported: { snp: 25, tee: 0 } } };
    const unnamed = { report: { version: 2 } };
    const appraisal = judged(await blockPolicy({ minimumTcb: floors }), unnamed);
    expect(failedIds(appraisal)).toEqual(["snp.minimumTcb.reported"]);
    expect(checkOf(appraisal, "snp.minimumTcb.reported").expected).toEqual({ snp: 25, tee: 0 });
    const lower = { ...floors, "0x19-0x01-0x01": { reported: { snp: 24 } } };
    expect(judged(await blockPolicy({ minimumTcb: lower }), unnamed).verdict).toBe("accept");
    const other = { ...floors, "0x19-0x01-0x01": { launch: { snp: 1 } }, Genoa: { reported: { snp: 99 } } };
    expect(judged(await blockPolicy({ minimumTcb: other }), unnamed).verdict).toBe("accept");
  });

  it("of an ID block that is neither there nor required: not applicable", async () => {
    const idBlock = { required: false, idKeyDigests: ["01".repeat(48)], authorKeyDigests: ["02".repeat(48)] };
    const appraisal = judged(await blockPolicy({ idBlock }));
    expect(appraisal.verdict).toBe("accept");
    expect(checkOf(appraisal, "snp.idBlock.idKeyDigests").outcome).toBe("not-applicable");
    expect(checkOf(appraisal, "snp.idBlock.authorKeyDigests").outcome).toBe("not-applicable");
    expect(appraisal.unexamined).toEqual(expect.arrayContaining(["idKeyDigest", "authorKeyDigest"]));
    const filled = (byte: number) => new Uint8Array(48).fill(byte);
    const report = { keyInfo: 1, idKeyDigest: filled(1), authorKeyDigest: filled(2) };
    const there = judged(await blockPolicy({ idBlock }), { report });
    expect(there.verdict).toBe("accept");
    expect(there.unexamined.filter((claim) => /Key/.test(claim))).toEqual([]);
  });

  it("of an SVN that nobody signed for: whatever it is, it is not enough", async () => {
    const idBlock = { required: false, idKeyDigests: ["01".repeat(48)] };
    const policy = await blockPolicy({ idBlock, guestSvn: { minimum: 1 } });
    expect(failedIds(judged(policy))).toEqual(["snp.guestSvn"]);
    const forged = judged(policy, { report: { guestSvn: 9 } });
    expect(failedIds(forged)).toEqual(["snp.guestSvn", "snp.idBlock.consistent"]);
    expect(checkOf(forged, "snp.guestSvn")).toMatchObject({
      expected: 1,
      actual: 9,
      reason:
        "Expected GUEST_SVN from an ID block; found ID_KEY_DIGEST zero, so that nobody signed for it; " +
        "launch the guest with an ID block of a trusted signer.",
    });
    const signed = { report: { guestSvn: 9, idKeyDigest: new Uint8Array(48).fill(1) } };
    expect(judged(policy, signed).verdict).toBe("accept");
  });

  it("of a stranger's ID block with the right ids: its key is not trusted", async () => {
    const ids = { familyId: ["aa".repeat(16)], imageId: ["bb".repeat(16)] };
    const policy = await blockPolicy({ idBlock: { idKeyDigests: ["01".repeat(48)] }, ...ids });
    const report = { familyId: new Uint8Array(16).fill(0xaa), imageId: new Uint8Array(16).fill(0xbb) };
    const by = (key: number) => judged(policy, { report: { ...report, idKeyDigest: new Uint8Array(48).fill(key) } });
    expect(by(1).verdict).toBe("accept");
    expect(failedIds(by(2))).toEqual(["snp.idBlock.idKeyDigests"]);
  });

  it("of a contradiction: what contradicts what", async () => {
    const report = { familyId: new Uint8Array(16).fill(1), keyInfo: 1 };
    const check = checkOf(
      judged(await blockPolicy({ idBlock: { required: false } }), { report }),
      "snp.idBlock.consistent",
    );
    expect(check).toMatchObject({
      claim: "keyInfo.authorKeyEn",
      operator: "consistent",
      expected: true,
      actual: true,
      reason:
        "Expected nothing of an ID block or an author key where ID_KEY_DIGEST is zero; found FAMILY_ID, " +
        "KEY_INFO.AUTHOR_KEY_EN; drop this report: no firmware writes it.",
      source: { kind: "report", offset: 0x48, length: 4 },
    });
    const strange = { report: { idKeyDigest: new Uint8Array(48).fill(1), keyInfo: 1 } };
    const author = judged(await blockPolicy({ idBlock: { required: true } }), strange);
    expect(failedIds(author)).toEqual(["snp.idBlock.consistent"]);
    expect(author.failures[0]?.reason).toBe(
      "Expected KEY_INFO.AUTHOR_KEY_EN to be set exactly where AUTHOR_KEY_DIGEST is not zero; found it set; " +
        "drop this report: no firmware writes it.",
    );
    const clear = { report: { idKeyDigest: new Uint8Array(48).fill(1), authorKeyDigest: new Uint8Array(48).fill(2) } };
    const [failure] = judged(await blockPolicy({ idBlock: { required: true } }), clear).failures;
    expect(failure?.reason).toContain("found it clear;");
  });

  it("of the author key: AUTHOR_KEY_EN is examined with it, and not without", async () => {
    const policy = await blockPolicy({ idBlock: { authorKeyDigests: ["02".repeat(48)] } });
    expect(judged(policy).unexamined).not.toContain("keyInfo.authorKeyEn");
    expect(judged(await blockPolicy({})).unexamined).toContain("keyInfo.authorKeyEn");
  });

  it("of provisional firmware: both of what is compared are examined", async () => {
    const four = ["currentTcb", "committedTcb", "currentFirmware", "committedFirmware"];
    const unexamined = async (word: string) => judged(await blockPolicy({ provisionalFirmware: word })).unexamined;
    expect((await unexamined("forbidden")).filter((claim) => four.includes(claim))).toEqual([]);
    expect(await unexamined("any")).toEqual(expect.arrayContaining(four));
  });

  it("of what does not apply: the claim stays unexamined", async () => {
    const masked = { signingKey: "VLEK", report: { chipId: new Uint8Array(64) } } as const;
    const policy = await blockPolicy({ signingKey: ["VLEK"], cspId: "any", denyChips: ["a1".repeat(64)] });
    expect(judged(policy, masked).unexamined).toContain("chipId");
    const shown = { ...masked, report: { chipId: new Uint8Array(64).fill(0xa2) } };
    expect(judged(policy, shown).unexamined).not.toContain("chipId");
    const floors = { Milan: { reported: { snp: 1 } }, Genoa: { launch: { snp: 1 } } };
    const lines = await blockPolicy({ minimumTcb: floors });
    expect(judged(lines).unexamined).toContain("launchTcb");
    expect(judged(lines, { productLine: "Milan" }).unexamined).not.toContain("reportedTcb");
  });

  it("of a masked chip: its word", async () => {
    const chipId = new Uint8Array(64);
    const check = checkOf(judged(await blockPolicy({ chipId: ["masked"] }), { report: { chipId } }), "snp.chipId");
    expect(check).toMatchObject({ outcome: "pass", actual: "masked", expected: ["masked"] });
  });

  it("of reserved bytes: the range that is not zero", async () => {
    const report = { patch: [{ offset: 0x18c, bytes: Uint8Array.of(9) }] };
    const bad = checkOf(judged(await blockPolicy({}), { report }), "snp.reserved.bytes");
    expect(bad.source).toEqual({ kind: "report", offset: 0x18b, length: 21 });
    expect(bad.actual).toEqual([{ offset: 0x18b, bytes: `0009${"00".repeat(19)}` }]);
    const good = checkOf(judged(await blockPolicy({})), "snp.reserved.bytes");
    expect(good.source).toEqual({ kind: "report", offset: 0, length: 0x2a0 });
  });

  it("of the product line: the report's CPUID, or the verification where a version 2 report has none", async () => {
    const policy = await blockPolicy({ productLine: ["Milan"] });
    expect(checkOf(judged(policy), "snp.productLine").source).toEqual({ kind: "report", offset: 0x188, length: 3 });
    const old = judged(policy, { report: { version: 2 } });
    expect(checkOf(old, "snp.productLine").source).toEqual({ kind: "verification", field: "productLine" });
  });
});

describe("chips that are denied", () => {
  const denied = "a1".repeat(64);
  it("cannot be told behind a VLEK that hides CHIP_ID", async () => {
    const policy = await blockPolicy({ signingKey: ["VLEK"], cspId: "any", denyChips: [denied] });
    const masked = judged(policy, { signingKey: "VLEK", report: { chipId: new Uint8Array(64) } });
    expect(masked.verdict).toBe("accept");
    expect(checkOf(masked, "snp.denyChips").outcome).toBe("not-applicable");
    const open = judged(policy, { signingKey: "VLEK", report: { chipId: new Uint8Array(64).fill(0xa1) } });
    expect(failedIds(open)).toEqual(["snp.denyChips"]);
  });

  it("are told by either of CHIP_ID and the VCEK", async () => {
    const policy = await blockPolicy({ denyChips: [denied] });
    const evidence = { report: { chipId: new Uint8Array(64).fill(0xa1) }, hwId: new Uint8Array(64).fill(0xb2) };
    expect(failedIds(judged(policy, evidence))).toEqual(["snp.denyChips"]);
  });
});

describe("claims", () => {
  it("are JSON, and null only where the evidence has none", () => {
    const nulls = (options: object) => {
      const record = makeRecord(options);
      return Object.entries(CLAIMS).flatMap(([name, { read }]) => (read(record) === null ? [name] : []));
    };
    expect(nulls({})).toEqual(["cspId"]);
    expect(nulls({ report: { version: 2 }, revocation: { thisUpdate: null } })).toEqual([
      "cpuid",
      "cspId",
      "launchMitVector",
      "currentMitVector",
      "revocation.thisUpdate",
    ]);
    expect(nulls({ signingKey: "VLEK" })).toEqual([]);
  });

  it("name the bits of AMD's tables, in their order, as AMD does", () => {
    const bits = { guestPolicy: GUEST_POLICY_BITS, platformInfo: PLATFORM_INFO_BITS };
    for (const [word, { name: amd, rows }] of Object.entries(bits)) {
      const flags = rows.filter(isFlag).filter(({ name }) => name !== "reservedOne");
      expect(word === "guestPolicy" ? GUEST_POLICY_FLAGS : PLATFORM_INFO_FLAGS).toEqual(flags.map(({ name }) => name));
      for (const { name, doc } of flags) {
        expect(labelOf(`${word}.${name}` as ClaimName)).toBe(`${amd}.${doc.slice(0, doc.indexOf(":"))}`);
      }
    }
  });

  it("name the fields as AMD does", () => {
    const layout: Layout = REPORT_LAYOUTS[5];
    const fields = new Map(layout.rows.filter(isField).map(({ name, doc }) => [String(name), doc.split(":")[0]]));
    const named = CLAIM_NAMES.filter((name) => fields.has(name) && name !== "reportVersion");
    expect(named.length).toBeGreaterThan(15);
    for (const name of named) expect(labelOf(name)).toBe(fields.get(name));
  });

  it("name themselves as people do", () => {
    expect(labelOf("productLine")).toBe("the product line");
    expect(labelOf("guestPolicy.memAes256Xts")).toBe("POLICY.MEM_AES_256_XTS");
    expect(labelOf("platformInfo.aliasCheckComplete")).toBe("PLATFORM_INFO.ALIAS_CHECK_COMPLETE");
  });
});
