import { describe, expect, it } from "vitest";
import { defineAdvisories } from "../../src/advisories/define.js";
import { assertAppraisal } from "../../src/policy/appraisal.js";
import { definePolicy } from "../../src/policy/define.js";
import { assess } from "../../src/result/describe.js";
import { statusOf, TRUST_RULES, trustVector } from "../../src/result/trust-rules.js";
import { TRUST_CLAIMS, type TrustClaim, type TrustTier, tierOf, worstTier } from "../../src/result/vector.js";
import { advisory, dataSet, floor, ORIGIN, proofsOf } from "../advisories/support.js";
import { judged, OPEN, treePolicy } from "../policy/support.js";
import type { RecordOptions } from "../support/records.js";
import { MEASUREMENT } from "./support.js";

type Report = NonNullable<RecordOptions["report"]>;

const CHIP = "c1".repeat(64);
const ID_KEY = "1d".repeat(48);
const LISTED = { ...OPEN, measurement: [MEASUREMENT] };

/** SMT off, an approved image, a known chip, no ID block; each row differs from it in one thing. */
const REPORT: Report = {
  measurement: new Uint8Array(48).fill(0x5a),
  chipId: new Uint8Array(64).fill(0xc1),
  platformInfo: 0n,
};
const ID_BLOCK: Report = { idKeyDigest: new Uint8Array(48).fill(0x1d) };
const until = "2026-07-01T00:00:00Z";

/** A waiver of a floor that no Milan reaches. */
const FLOOR = { minimumTcb: { Milan: { reported: { snp: 200 } } } };
const EXCUSE = [{ check: "/snp/minimumTcb", until, reason: "for now", only: { productLine: ["Milan"] } }];

interface Row {
  readonly snp?: object;
  readonly require?: object;
  readonly report?: Report;
  readonly more?: object;
  readonly evidence?: RecordOptions;
}

async function appraised({ snp = {}, require, report = {}, more = {}, evidence = {} }: Row) {
  const rules = require === undefined ? { snp: { ...LISTED, ...snp } } : { require };
  const policy = await definePolicy({ version: 1, id: "rules", ...rules, ...more });
  return judged(policy, { ...evidence, report: { ...REPORT, ...report } });
}

async function vectorOf(row: Row, advisoryOpen = false) {
  const appraisal = await appraised(row);
  const record = assertAppraisal(appraisal);
  const counted = appraisal.checks.filter((_, index) => !record.setAside.has(index));
  const vector = trustVector({ appraisal, record, advisoryOpen, counted });
  return { verdict: appraisal.verdict, vector, status: statusOf(appraisal, vector) };
}

const IDS = { required: true, idKeyDigests: [ID_KEY] };

/** Each row twice: what gives the number, and what differs in one thing and does not. */
const ROWS: readonly (readonly [
  title: string,
  claim: TrustClaim,
  value: number,
  row: Row,
  other: number,
  twin: Row,
])[] = [
  ["a chip on the list", "instance-identity", 2, { snp: { chipId: [CHIP] } }, 0, {}],
  [
    "a chip on a list, not a masked one",
    "instance-identity",
    2,
    { snp: { chipId: [CHIP, "masked"] } },
    0,
    { snp: { chipId: [CHIP, "masked"] }, report: { chipId: new Uint8Array(64) } },
  ],
  [
    "a trusted ID key",
    "instance-identity",
    2,
    { snp: { idBlock: IDS }, report: ID_BLOCK },
    0,
    { snp: { idBlock: { required: true } }, report: ID_BLOCK },
  ],
  [
    "a trusted ID key that is there",
    "instance-identity",
    2,
    { snp: { idBlock: { ...IDS, required: false } }, report: ID_BLOCK },
    0,
    { snp: { idBlock: { ...IDS, required: false } } },
  ],
  [
    "a chip that is on no list",
    "instance-identity",
    97,
    { snp: { chipId: ["ab".repeat(64)] } },
    2,
    { snp: { chipId: [CHIP] } },
  ],
  [
    "an ID key that nobody trusts",
    "instance-identity",
    97,
    { snp: { idBlock: { ...IDS, idKeyDigests: ["ab".repeat(48)] } }, report: ID_BLOCK },
    2,
    { snp: { idBlock: IDS }, report: ID_BLOCK },
  ],
  [
    "debugging allowed, which the policy accepts",
    "configuration",
    96,
    { snp: { guestPolicy: { debug: "any" } }, report: { policy: 0xb0000n } },
    2,
    { snp: { guestPolicy: { debug: "any" } } },
  ],
  ["debugging allowed, which it refuses", "configuration", 96, { report: { policy: 0xb0000n } }, 2, {}],
  [
    "migration allowed",
    "configuration",
    96,
    { snp: { guestPolicy: { migrateMa: "any" } }, report: { policy: 0x70000n } },
    2,
    { snp: { guestPolicy: { migrateMa: "any" } } },
  ],
  [
    "a level that is refused",
    "configuration",
    96,
    { snp: { vmpl: [0] }, report: { vmpl: 1 } },
    2,
    { snp: { vmpl: [1] }, report: { vmpl: 1 } },
  ],
  [
    "bits of POLICY that nobody knows",
    "configuration",
    36,
    { snp: { guestPolicy: { unknownBits: "any" } }, report: { policy: 0x830000n | (1n << 40n) } },
    2,
    { snp: { guestPolicy: { unknownBits: "any" } } },
  ],
  ["SMT on", "configuration", 3, { report: { platformInfo: 1n } }, 2, { report: { platformInfo: 2n } }],
  [
    "a waiver that was used",
    "configuration",
    3,
    { snp: FLOOR, more: { waivers: EXCUSE } },
    2,
    { snp: { minimumTcb: { Milan: { reported: { snp: 1 } } } }, more: { waivers: EXCUSE } },
  ],
  [
    "a warning",
    "configuration",
    3,
    { snp: FLOOR, more: { warn: EXCUSE } },
    2,
    { snp: { minimumTcb: { Milan: { reported: { snp: 1 } } } }, more: { warn: EXCUSE } },
  ],
  ["an approved image", "executables", 2, {}, 33, { snp: { measurement: "any" } }],
  [
    "any image of a trusted ID key",
    "executables",
    2,
    { snp: { measurement: "any", idBlock: IDS }, report: ID_BLOCK },
    33,
    { snp: { measurement: "any", idBlock: { required: true } }, report: ID_BLOCK },
  ],
  ["an image that is on no list", "executables", 33, { report: { measurement: new Uint8Array(48) } }, 2, {}],
  [
    "a chip that is denied",
    "hardware",
    96,
    { snp: { denyChips: [CHIP] } },
    2,
    { snp: { denyChips: ["ab".repeat(64)] } },
  ],
  [
    "a product line that is not listed",
    "hardware",
    97,
    { snp: { productLine: ["Genoa"] } },
    2,
    { snp: { productLine: ["Milan"] } },
  ],
  [
    "a CRL that is missing",
    "hardware",
    97,
    { evidence: { revocation: { status: "unavailable", usableUntil: null } } },
    2,
    {
      snp: { revocation: { status: "unavailable" } },
      evidence: { revocation: { status: "unavailable", usableUntil: null } },
    },
  ],
  [
    "a TCB below the floor",
    "hardware",
    32,
    { snp: FLOOR },
    2,
    { snp: { minimumTcb: { Milan: { reported: { snp: 1 } } } } },
  ],
  [
    "debugging allowed",
    "runtime-opaque",
    96,
    { snp: { guestPolicy: { debug: "any" } }, report: { policy: 0xb0000n } },
    2,
    {},
  ],
];

describe("the trust vector", () => {
  it.each(ROWS)("%s", async (_, claim, value, row, other, twin) => {
    expect((await vectorOf(row)).vector[claim]).toBe(value);
    expect((await vectorOf(twin)).vector[claim]).toBe(other);
  });

  it("claims nothing of files, storage and data, and affirms the rest of a sound guest", async () => {
    expect(await vectorOf({ snp: { chipId: [CHIP] } })).toEqual({
      verdict: "accept",
      status: "affirming",
      vector: {
        "instance-identity": 2,
        configuration: 2,
        executables: 2,
        "file-system": 0,
        hardware: 2,
        "runtime-opaque": 2,
        "storage-opaque": 0,
        "sourced-data": 0,
      },
    });
  });

  it("has hardware 32 where an advisory is open", async () => {
    expect((await vectorOf({}, true)).vector.hardware).toBe(32);
    expect((await vectorOf({}, false)).vector.hardware).toBe(2);
  });

  it("is contraindicated by a refusal that no claim of it shows", async () => {
    const refused = await vectorOf({ snp: { hostData: ["ab".repeat(32)] } });
    expect(refused).toMatchObject({ verdict: "reject", status: "contraindicated" });
    expect(worstTier(refused.vector)).toBe("affirming");
  });

  it("is contraindicated for a debug guest, though the policy accepts it", async () => {
    const row = { snp: { guestPolicy: { debug: "any" } }, report: { policy: 0xb0000n } };
    expect(await vectorOf(row)).toMatchObject({ verdict: "accept", status: "contraindicated" });
  });
});

describe("a check in an alternative that decides nothing", () => {
  const listed = { ...OPEN, measurement: [MEASUREMENT], chipId: [CHIP] };

  it("claims nothing, though it passes: another alternative is why the evidence is accepted", async () => {
    const require = { anyOf: [{ snp: { ...listed, vmpl: [3] } }, { snp: OPEN }] };
    const { verdict, vector } = await vectorOf({ require });
    expect(verdict).toBe("accept");
    expect(vector).toMatchObject({ executables: 33, "instance-identity": 0 });
    const holding = { anyOf: [{ snp: { ...listed, vmpl: [0] } }, { snp: OPEN }] };
    expect((await vectorOf({ require: holding })).vector).toMatchObject({ executables: 2, "instance-identity": 2 });
  });

  it("claims nothing where its own block holds, and the block beside it does not", async () => {
    const pair = { allOf: [{ snp: listed }, { snp: { vmpl: [3] } }] };
    const { vector } = await vectorOf({ require: { anyOf: [pair, { snp: OPEN }] } });
    expect(vector).toMatchObject({ executables: 33, "instance-identity": 0 });
  });

  it("is told by its place in the list of checks", async () => {
    const require = { anyOf: [{ snp: { ...listed, vmpl: [3] } }, { snp: OPEN }] };
    const appraisal = judged(await treePolicy(require), { report: REPORT });
    const { setAside } = assertAppraisal(appraisal);
    const pointers = appraisal.checks.filter((_, index) => setAside.has(index)).map(({ pointer }) => pointer);
    expect(pointers.length).toBeGreaterThan(3);
    for (const pointer of pointers) expect(pointer).toMatch(/^\/require\/anyOf\/0\//);
    expect(appraisal.checks.filter(({ pointer }) => pointer.startsWith("/require/anyOf/0/"))).toHaveLength(
      pointers.length,
    );
  });
});

const FIXED = advisory({ id: "A-fixed", proofs: proofsOf([floor("snp", 24)]) });
const OPEN_ONE = advisory({ id: "A-open", proofs: proofsOf([floor("snp", 25)]) });
const UNSEEN = advisory({ id: "A-unseen", provable: false, proofs: undefined, why: "no report shows it" });
const SPARED = advisory({
  id: "A-spared",
  affected: ["Turin"],
  notAffected: [{ for: ["Milan"], ...ORIGIN }],
  proofs: [{ for: ["Turin"], anyOf: [[floor("snp", 9)]] }],
});

function plain(entry: object): object {
  return JSON.parse(JSON.stringify(entry));
}

describe("advisories", () => {
  it("are told apart by what the report shows of them", async () => {
    const data = await defineAdvisories(dataSet([FIXED, OPEN_ONE, UNSEEN, SPARED].map(plain)));
    const { evidence } = assertAppraisal(await appraised({}));
    expect(assess(data, evidence)).toEqual({
      dataSet: data.digest,
      vulnerable: ["A-open"],
      notProvable: ["A-unseen"],
      fixed: ["A-fixed", "A-spared"],
    });
  });

  it("are not assessed where the issuer says so", async () => {
    const { evidence } = assertAppraisal(await appraised({}));
    expect(assess("unassessed", evidence)).toBeNull();
  });

  it.each([
    ["waivers", "waivers"],
    ["warn", "warn"],
  ])("leave hardware at 32 where %s excuse an open one", async (_, key) => {
    const data = await defineAdvisories(dataSet([FIXED, OPEN_ONE].map(plain)));
    const asked = (id: string) => ({ advisories: { ids: [id], dataSet: data.digest, maxAgeSeconds: 86_400 * 365 } });
    const check = "/snp/advisories/ids/0";
    const excuse = { [key]: [{ check, until, reason: "for now", only: { productLine: ["Milan"] } }] };
    const judgedOf = async (id: string) => {
      const snp = { ...LISTED, ...asked(id) };
      const policy = await definePolicy({ version: 1, id: "rules", snp, ...excuse });
      return judged(policy, { report: REPORT }, { advisories: data });
    };
    for (const [id, hardware] of [
      ["A-open", 32],
      ["A-fixed", 2],
    ] as const) {
      const appraisal = await judgedOf(id);
      const record = assertAppraisal(appraisal);
      expect(appraisal.verdict).toBe("accept");
      const vector = trustVector({ appraisal, record, advisoryOpen: false, counted: appraisal.checks });
      expect(vector.hardware).toBe(hardware);
    }
  });
});

describe("tiers", () => {
  it.each<[number, TrustTier]>([
    [0, "none"],
    [1, "none"],
    [-1, "none"],
    [2, "affirming"],
    [31, "affirming"],
    [-2, "affirming"],
    [-32, "affirming"],
    [32, "warning"],
    [95, "warning"],
    [-33, "warning"],
    [-96, "warning"],
    [96, "contraindicated"],
    [127, "contraindicated"],
    [-97, "contraindicated"],
    [-128, "contraindicated"],
    [128, "contraindicated"],
    [Number.NaN, "contraindicated"],
  ])("%d is %s", (value, tier) => expect(tierOf(value)).toBe(tier));

  it("there is a rule for every claim that is ever made, and its last one always holds but for instances", () => {
    for (const claim of TRUST_CLAIMS) {
      const rules = TRUST_RULES[claim] ?? [];
      const open = rules.length === 0 || claim === "instance-identity";
      expect(rules.at(-1)?.when === "otherwise", claim).toBe(!open);
    }
  });
});
