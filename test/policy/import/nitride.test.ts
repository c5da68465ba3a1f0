import { describe, expect, it } from "vitest";
import { fromNitride } from "../../../src/policy/import/index.js";
import { type Case, expectMixtures, expectTable, type Facts, hex, type Row, USUAL } from "./facts.js";
import { itRefuses, placeOf } from "./malformed.js";

const platform = (name: string, firmware: string, root: string) => ({
  type: "platform",
  name,
  values: { firmware, root_of_trust: root },
  created: 1_752_411_654,
});
const firmware = (name: string, byte: number) => ({ type: "firmware", name, values: { measurement: hex(48, byte) } });
const workload = { type: "workload", name: "ubuntu", values: { hash: "sha256", pcrs: { 4: hex(32, 1) } } };

/** Every key: two platforms, two kinds of firmware, PCRs, metadata. */
const FULL = {
  policy: {
    name: "azure-ubuntu",
    created: 1_752_411_654,
    identities: {
      provider: "azure-sev-snp-vtpm",
      platform: [{ name: "milan" }, { name: "genoa", policy: null }],
      firmware: [{ name: "small" }, { name: "large", policy: { measurement: true } }],
      workload: { name: "ubuntu", policy: { hash: false, "pcrs.0": false } },
      metadata: { name: "notes" },
    },
  },
  identities: [
    platform("milan", ">= 1.55.22", "amd-sev-snp-milan-vcek"),
    platform("genoa", ">= 1.55.30, < 1.58", "amd-sev-snp-genoa-vlek"),
    firmware("small", 0x11),
    firmware("large", 0x12),
    workload,
  ],
};

/** One platform whose firmware is not compared, and a measurement that is not either. */
const LOOSE = {
  policy: {
    name: "aws",
    identities: {
      provider: "aws-sev-snp-raw",
      platform: [{ name: "milan", policy: { firmware: false } }],
      firmware: [{ name: "small", policy: { measurement: false } }],
      workload: null,
      metadata: null,
    },
  },
  identities: [platform("milan", ">= 1.55.22", "amd-sev-snp-milan-vlek"), firmware("small", 0x11)],
};

/** The strict defaults, of which Nitride's policy says nothing. */
const DEFAULTS = {
  kind: "tightened",
  note: /^The strict defaults hold/,
  when: ({ policyBits, crl }: Facts) =>
    policyBits.some((bit) => bit === 18 || bit === 19 || bit > 25) || crl !== "checked",
} as const;

const number = ([major, minor, build]: Facts["firmware"]) => major * 65_536 + minor * 256 + build;
const vcek = ({ signer, line }: Facts) => signer === "VCEK" && line === "Milan";
const vlek = ({ signer, line }: Facts) => signer === "VLEK" && line === "Genoa";

const ROWS: readonly Row[] = [
  ["the other firmware", { measurement: hex(48, 0x12) }, "accept"],
  ["another firmware", { measurement: hex(48, 0x13) }, "refuse"],
  ["an older build", { firmware: [1, 55, 21] }, "refuse"],
  ["the least build", { firmware: [1, 55, 22] }, "accept"],
  ["a newer version", { firmware: [1, 56, 0] }, "accept"],
  ["an older version", { firmware: [1, 54, 255] }, "refuse"],
  ["a VLEK of Milan", { signer: "VLEK" }, "refuse"],
  ["a VCEK of Genoa", { line: "Genoa", cpu: [0x19, 0x11, 1] }, "refuse"],
  ["Turin", { line: "Turin", cpu: [0x1a, 2, 1] }, "refuse"],
  ["any TCB", { reported: [0, 0, 0, 0], launch: [0, 0, 0, 0] }, "accept"],
  ["level 3, any chip, any host data", { vmpl: 3, chipId: hex(64, 9), hostData: hex(32, 9) }, "accept"],
  ["debugging", { policyBits: [16, 19] }, "tightened"],
  ["a migration agent", { policyBits: [16, 18] }, "tightened"],
  ["no CRL", { crl: "unavailable" }, "tightened"],
  ["other data", { fresh: false }, "refuse"],
];

describe("two platforms", () => {
  const imported = fromNitride(JSON.stringify(FULL));
  const system: Case = {
    imported,
    rule: (facts) => {
      const version = number(facts.firmware);
      const milan = vcek(facts) && version >= number([1, 55, 22]);
      const genoa = vlek(facts) && version >= number([1, 55, 30]) && version < number([1, 58, 0]);
      return facts.fresh && [hex(48, 0x11), hex(48, 0x12)].includes(facts.measurement) && (milan || genoa);
    },
    meant: [
      DEFAULTS,
      {
        kind: "loosened",
        note: /^A range of firmware has no upper end/,
        when: (facts) => vlek(facts) && number(facts.firmware) >= number([1, 58, 0]),
      },
    ],
  };

  it("decides as Nitride does", async () => {
    await expectTable(system, USUAL, ROWS);
    await expectMixtures(system, USUAL, ROWS);
  });

  it("decides as Nitride does: Genoa by its VLEK", async () => {
    const base: Facts = { ...USUAL, line: "Genoa", cpu: [0x19, 0x11, 1], signer: "VLEK", firmware: [1, 55, 30] };
    const rows: readonly Row[] = [
      ["an older build", { firmware: [1, 55, 29] }, "refuse"],
      ["the end of the range", { firmware: [1, 57, 255] }, "accept"],
      ["past the range", { firmware: [1, 58, 0] }, "loosened"],
      ["a VCEK", { signer: "VCEK" }, "refuse"],
    ];
    await expectTable(system, base, rows);
    await expectMixtures(system, base, [...ROWS, ...rows]);
  });

  it("says what is not carried", () => {
    const left = imported.notes.filter(({ kind }) => kind === "not-carried").map(({ where }) => where);
    expect(left).toEqual(["policy/identities/workload", "policy/identities/metadata"]);
  });
});

describe("a loose policy", () => {
  const imported = fromNitride(JSON.stringify(LOOSE));
  const system: Case = {
    imported,
    rule: (facts) => facts.fresh && facts.signer === "VLEK" && facts.line === "Milan",
    meant: [DEFAULTS],
  };
  const rows: readonly Row[] = [
    ["any firmware", { measurement: hex(48, 0x99) }, "accept"],
    ["any version", { firmware: [0, 0, 0] }, "accept"],
    ["a VCEK", { signer: "VCEK" }, "refuse"],
    ["debugging", { policyBits: [19] }, "tightened"],
  ];

  it("decides as Nitride does", async () => {
    await expectTable(system, { ...USUAL, signer: "VLEK" }, rows);
    await expectMixtures(system, { ...USUAL, signer: "VLEK" }, rows);
    const skipped = imported.notes.filter(({ text }) => text.startsWith("Not compared")).map(({ where }) => where);
    expect(skipped).toEqual(["identities/1/values/measurement", "identities/0/values/firmware"]);
  });
});

describe("ranges of firmware", () => {
  const read = (range: string) => {
    const identities = [platform("milan", range, "amd-sev-snp-milan-vcek"), firmware("small", 0x11)];
    const policy = { ...LOOSE.policy, identities: { ...LOOSE.policy.identities, platform: [{ name: "milan" }] } };
    return fromNitride(JSON.stringify({ policy, identities }));
  };

  it.each([
    [">= 1.55.22", [1, 55, 22], false],
    [">=1.55", [1, 55, 0], false],
    ["> 1.55.22", [1, 55, 23], false],
    ["> 1.55.255", [1, 56, 0], false],
    [">= v1.55.22, >= 1.55.40", [1, 55, 40], false],
    ["= 1.55.22", [1, 55, 22], true],
    ["1.55.22", [1, 55, 22], true],
    ["^1.55.22", [1, 55, 22], true],
    ["~1.55", [1, 55, 0], true],
    [">= 1.55.22, <= 1.58.3", [1, 55, 22], true],
    ["< 1.58", null, true],
  ])("%s", (range, floor, open) => {
    const { policy, notes } = read(range);
    const [major, minor, build] = floor ?? [];
    const expected = floor === null ? undefined : { current: { major, minor, build } };
    expect("snp" in policy && policy.snp.minimumFirmware).toEqual(expected);
    expect(notes.some(({ text }) => text.startsWith("A range of firmware has no upper end"))).toBe(open);
  });

  it.each(["", "latest", "!= 1.55", ">= 1.55.22 || < 1", ">= 256.0", ">= 1.55.22.1", "> 255.255.255", ">= 1.x"])(
    "malformed: %j",
    async (range) => {
      expect(await placeOf(() => read(range), "")).toBe("identities/0/values/firmware");
    },
  );
});

describe("mistakes", () => {
  const selectors = "policy/identities";
  itRefuses(fromNitride, FULL, [
    ["an unknown key", "surprise", 1],
    ["no policy", "policy", undefined],
    ["no identities", "identities", undefined],
    ["identities by name", "identities", {}],
    ["no selectors", selectors, undefined],
    ["an unknown selector", `${selectors}/hardware`, []],
    ["no provider", `${selectors}/provider`, undefined],
    ["another provider", `${selectors}/provider`, "intel-tdx-raw"],
    ["a name that is none", "policy/name", 7],
    ["no platform", `${selectors}/platform`, null],
    ["an empty list of platforms", `${selectors}/platform`, []],
    ["an empty list of firmware", `${selectors}/firmware`, []],
    ["a platform that does not stand there", `${selectors}/platform/0/name`, "turin"],
    ["a selector without a name", `${selectors}/platform/0/name`, undefined],
    ["a selection that is no word", `${selectors}/firmware/1/policy/measurement`, "no"],
    ["a selection of what is not there", `${selectors}/firmware/1/policy/pcrs`, false, "identities/3/values"],
    [
      "a root that is not compared",
      `${selectors}/platform/0/policy`,
      { root_of_trust: false },
      "identities/0/values/root_of_trust",
    ],
    ["a workload that does not stand there", `${selectors}/workload/name`, "debian"],
    ["an identity twice", "identities/3/name", "small", "identities/3"],
    ["an identity without a type", "identities/0/type", undefined],
    ["an identity without a name", "identities/0/name", undefined],
    ["an identity without values", "identities/0/values", undefined],
    ["an unknown value", "identities/0/values/microcode", 1],
    ["no root of trust", "identities/0/values/root_of_trust", undefined],
    ["another root of trust", "identities/0/values/root_of_trust", "amd-sev-snp-turin-vcek"],
    ["no firmware", "identities/0/values/firmware", undefined],
    ["no measurement", "identities/2/values/measurement", undefined],
    ["a short measurement", "identities/2/values/measurement", "11"],
  ]);
});
