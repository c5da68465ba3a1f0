import { describe, expect, it } from "vitest";
import { WHOLE_BLOCK } from "../../scripts/support/policy-samples.js";
import { definePolicy } from "../../src/policy/define.js";
import { explainPolicy } from "../../src/policy/explain.js";
import type { Policy } from "../../src/policy/policy.js";
import { SNP_RULES } from "../../src/policy/rules/table.js";
import type { PolicyWarningId } from "../../src/policy/warnings.js";
import { blockPolicy, OPEN, treePolicy } from "./support.js";
import { TWINS } from "./twins.js";

const ids = (policy: Policy) => explainPolicy(policy).warnings.map(({ id }) => id);
const texts = (sentences: readonly { text: string }[]) => sentences.map(({ text }) => text);

describe("explainPolicy", () => {
  it("says what a block demands, and what holds without being written", async () => {
    const policy = await definePolicy({
      version: 1,
      id: "x",
      validity: { notBefore: "2026-01-01T00:00:00Z", notAfter: "2027-01-31T00:00:00Z" },
      snp: {
        productLine: ["Turin"],
        measurement: ["5a".repeat(48)],
        reportData: { scheme: "atls", parts: { publicKey: "fromEvidence" } },
        vmpl: [0, 1, 2, 3],
        guestPolicy: { smt: "forbidden", debug: "forbidden", minimumAbi: { major: 1, minor: 55 } },
        minimumTcb: { Turin: { reported: { snp: 4, microcode: 81 } } },
        provisionalFirmware: "forbidden",
        revocation: { maxAgeSeconds: 60 },
      },
    });
    const { demands, open } = explainPolicy(policy);
    expect(demands.map(({ pointer, text }) => `${pointer}: ${text}`)).toEqual([
      "/snp/productLine: The product line is one of Turin.",
      `/snp/measurement: MEASUREMENT is one of ${"5a".repeat(48)}.`,
      "/snp/reportData: REPORT_DATA is what the caller brings, bound by scheme atls, fromEvidence (publicKey).",
      "/snp/vmpl: VMPL is one of 0, 1, 2 and 1 more.",
      "/snp/guestPolicy/smt: POLICY.SMT is clear.",
      "/snp/guestPolicy/debug: POLICY.DEBUG is clear.",
      "/snp/guestPolicy/minimumAbi: POLICY.ABI is at least major 1, minor 55.",
      "/snp/minimumTcb: REPORTED_TCB is at least Turin (snp 4, microcode 81).",
      "/snp/provisionalFirmware: COMMITTED_TCB equals CURRENT_TCB.",
      "/snp/provisionalFirmware: The committed firmware version equals the current firmware version.",
      "/snp/revocation/maxAgeSeconds: thisUpdate of the CRL is at most 60 seconds old.",
      "/snp/signingKey: Where no rule of the way speaks of it: SIGNING_KEY is one of VCEK.",
      "/snp/guestPolicy/migrateMa: Where no rule of the way speaks of it: POLICY.MIGRATE_MA is clear.",
      "/snp/guestPolicy/unknownBits: Where no rule of the way speaks of it: The unknown bits of POLICY must be zero.",
      "/snp/revocation/status: Where no rule of the way speaks of it: The revocation status is at least checked.",
      "/snp/reserved: Where no rule of the way speaks of it: Bits 31:5 of KEY_INFO must be zero.",
      "/snp/reserved: Where no rule of the way speaks of it: The reserved bytes must be zero.",
      "/validity/notBefore: Now is not before 2026-01-01T00:00:00Z.",
      "/validity/notAfter: Now is not after 2027-01-31T00:00:00Z.",
      ": Now is between the verification and the end of every certificate and of the CRL.",
    ]);
    expect(texts(open)).toContain("Nothing is compared with HOST_DATA.");
    expect(texts(open)).not.toContain("Nothing is compared with MEASUREMENT.");
  });

  it("says what is left open by a word", async () => {
    const { demands, open } = explainPolicy(await blockPolicy({ signingKey: ["VLEK"], cspId: "any" }));
    expect(open.slice(0, 3)).toEqual([
      { pointer: "/snp/cspId", depth: 0, text: "cspID may be anything." },
      { pointer: "/snp/measurement", depth: 0, text: "MEASUREMENT may be anything." },
      { pointer: "/snp/reportData", depth: 0, text: "REPORT_DATA may be anything." },
    ]);
    expect(texts(demands)).not.toContain("MEASUREMENT may be anything.");
  });

  it("shows rules as steps", async () => {
    const policy = await treePolicy({
      allOf: [{ snp: OPEN }, { anyOf: [{ snp: { vmpl: [0] } }, { snp: { vmpl: [1] } }] }],
    });
    const { demands } = explainPolicy(policy);
    expect(demands.slice(0, 5).map(({ depth, text }) => `${depth} ${text}`)).toEqual([
      "0 All of these hold:",
      "1 Nothing is asked here.",
      "1 At least one of these holds:",
      "2 VMPL is one of 0.",
      "2 VMPL is one of 1.",
    ]);
  });

  it("has a sentence for every check of the language, frozen and JSON", async () => {
    const explanation = explainPolicy(await blockPolicy(WHOLE_BLOCK));
    for (const key of Object.keys(SNP_RULES)) {
      const said = [...explanation.demands, ...explanation.open].filter(({ pointer }) =>
        pointer.startsWith(`/snp/${key}`),
      );
      expect(said, key).not.toEqual([]);
    }
    for (const { snp } of TWINS) {
      const { demands, open } = explainPolicy(await blockPolicy(snp));
      for (const text of texts([...demands, ...open])) {
        expect(text).toMatch(/^(?:[A-Z]|thisUpdate|cspID)[^\n]+[.:]$/);
        expect(text).not.toMatch(/undefined|\[object|null/);
      }
    }
    expect(JSON.parse(JSON.stringify(explanation))).toEqual(explanation);
    expect(Object.isFrozen(explanation.demands[0])).toBe(true);
  });

  it("takes nothing but what definePolicy made", () => {
    expect(() => explainPolicy({ document: {} } as never)).toThrow(/policy must be what definePolicy returned/);
  });
});

/** Says nothing that anybody would be warned of. */
const WISE = {
  productLine: ["Turin"],
  measurement: ["5a".repeat(48)],
  reportData: { scheme: "nonce" },
  minimumTcb: { Turin: { reported: { snp: 4, microcode: 0x51 } } },
};
const wise = (snp: object = {}, more: object = {}) =>
  definePolicy({ version: 1, id: "x", snp: { ...WISE, ...snp }, ...more });
const GENOA = { Genoa: { reported: { microcode: 0x56 } } };
const SMT_OFF = { guestPolicy: { smt: "forbidden" }, platformInfo: { smtEn: "forbidden" } };
const ONLY = { until: "2027-01-01T00:00:00Z", reason: "INC-1", only: { productLine: ["Turin"] } };

describe("warnings", () => {
  it("are not there where nothing is unwise", async () => {
    expect(explainPolicy(await wise()).warnings).toEqual([]);
  });

  const rows: [id: PolicyWarningId, pointer: string, twin: object, warned: object, more?: object][] = [
    ["measurement-any", "/snp/measurement", {}, { measurement: "any" }],
    ["report-data-any", "/snp/reportData", {}, { reportData: "any" }],
    ["report-data-not-fresh", "/snp/reportData", {}, { reportData: { exact: "ab".repeat(64) } }],
    ["minimum-tcb-any", "/snp/minimumTcb", SMT_OFF, { ...SMT_OFF, minimumTcb: "any" }],
    ["line-without-floor", "/snp/minimumTcb", {}, { productLine: ["Turin", "Genoa"] }],
    ["smt-allowed", "", {}, { minimumTcb: { Turin: { reported: { microcode: 0x50 } } } }],
    [
      "smt-allowed",
      "",
      SMT_OFF,
      { guestPolicy: { smt: "forbidden" }, minimumTcb: { Turin: { launch: { microcode: 255 } } } },
    ],
    [
      "smt-allowed",
      "",
      SMT_OFF,
      {
        guestPolicy: { smt: "required" },
        platformInfo: { smtEn: "required" },
        minimumTcb: { Turin: { launch: { microcode: 255 } } },
      },
    ],
    [
      "smt-allowed",
      "",
      { cpu: ["0x1a-0x11-0x00"], minimumTcb: { Turin: { launch: { snp: 1 } } } },
      { minimumTcb: { Turin: { launch: { snp: 1 } } } },
    ],
    [
      "smt-allowed",
      "",
      { minimumTcb: { Turin: { reported: { snp: 1 } }, "0x1a-0x02-0x01": { reported: { microcode: 0x51 } } } },
      { minimumTcb: { Turin: { reported: { microcode: 0x51 } }, "0x1a-0x02-0x01": { reported: { microcode: 0x50 } } } },
    ],
    [
      "milan-allowed",
      "",
      { productLine: ["Genoa"], minimumTcb: GENOA },
      { productLine: ["Milan"], minimumTcb: { Milan: { reported: { microcode: 0xde } } } },
    ],
    [
      "debug-allowed",
      "/snp/guestPolicy/debug",
      { guestPolicy: { debug: "forbidden" } },
      { guestPolicy: { debug: "any" } },
    ],
    ["debug-allowed", "/snp/guestPolicy/debug", {}, { guestPolicy: { debug: "required" } }],
    [
      "revocation-weakened",
      "/snp/revocation/status",
      { revocation: { status: "checked" } },
      { revocation: { status: "stale" } },
    ],
    ["zero-digest", "/snp/measurement", { hostData: ["00".repeat(32)] }, { measurement: ["00".repeat(48)] }],
    [
      "waived",
      "/warn/0",
      {},
      { provisionalFirmware: "forbidden" },
      { warn: [{ check: "/snp/provisionalFirmware", ...ONLY }] },
    ],
    ["list-unused", "/lists/a~1b", {}, {}, { lists: { "a/b": ["x"] } }],
  ];
  it.each(rows)("%s at %s", async (...[id, pointer, twin, warned, more]) => {
    expect(ids(await wise(twin))).not.toContain(id);
    const found = explainPolicy(await wise(warned, more)).warnings.filter((warning) => warning.id === id);
    expect(found).toMatchObject([{ id, pointer, text: expect.stringMatching(/^[^\n]+\.$/) }]);
  });

  it("knows that a used list is used", async () => {
    const policy = await wise({ hostData: { list: "data" } }, { lists: { data: ["ab".repeat(32)] } });
    expect(ids(policy)).not.toContain("list-unused");
  });

  it("name the processors for which SMT should be off", async () => {
    const { warnings } = explainPolicy(await blockPolicy({}));
    expect(warnings.find(({ id }) => id === "smt-allowed")?.text).toContain("0x19-0x01-0x01 below microcode 222, ");
  });

  it("see a line and its floors through the rules that hold them", async () => {
    const { measurement, reportData } = WISE;
    const allOf = [
      { snp: { measurement, reportData } },
      { anyOf: [{ snp: { productLine: ["Turin"] } }] },
      { anyOf: [{ snp: { minimumTcb: GENOA } }] },
    ];
    const { warnings } = explainPolicy(await treePolicy({ allOf }));
    const unfloored = warnings.filter(({ id }) => id === "line-without-floor");
    expect(unfloored.map(({ pointer }) => pointer)).toEqual(["/require/allOf/2/anyOf/0/snp/minimumTcb"]);
  });

  const turin = { snp: { productLine: ["Turin"], minimumTcb: WISE.minimumTcb } };
  const genoa = { snp: { productLine: ["Genoa"], minimumTcb: GENOA } };
  const { measurement, reportData } = WISE;
  it("see ways: alternatives of a line each need no floors of the other", async () => {
    const policy = await treePolicy({ allOf: [{ snp: { measurement, reportData } }, { anyOf: [turin, genoa] }] });
    expect(ids(policy)).toEqual([]);
    const both = await treePolicy({ allOf: [{ snp: { measurement, reportData } }, turin, genoa] });
    const unfloored = explainPolicy(both).warnings.filter(({ id }) => id === "line-without-floor");
    expect(unfloored.map(({ pointer }) => pointer)).toEqual([
      "/require/allOf/2/snp/minimumTcb",
      "/require/allOf/1/snp/minimumTcb",
    ]);
  });

  it("see ways: Milan is accepted where one way leaves it in", async () => {
    const open = { snp: { minimumTcb: "any", measurement, reportData, ...SMT_OFF } };
    expect(ids(await treePolicy({ anyOf: [open, { allOf: [open, turin] }] }))).toContain("milan-allowed");
    expect(ids(await treePolicy({ allOf: [open, turin] }))).not.toContain("milan-allowed");
    const cpu = { snp: { cpu: ["0x1a-0x02-0x01"] } };
    expect(ids(await treePolicy({ allOf: [open, cpu] }))).not.toContain("milan-allowed");
  });
});
