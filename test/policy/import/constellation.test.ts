import { describe, expect, it } from "vitest";
import { fromConstellation } from "../../../src/policy/import/index.js";
import { type Case, expectMixtures, expectTable, type Facts, hex, type Row, reaches, USUAL } from "./facts.js";
import { itRefuses, placeOf } from "./malformed.js";

const KEY = hex(48, 0xa3);

/** A whole configuration with every key of azureSEVSNP. */
const AZURE_YAML = `# Schema version of this configuration file.
version: v4
image: v2.16.0
name: constell
kubernetesVersion: v1.28.7 # the latest that is [supported]
debugCluster: false
provider:
  azure:
    location: "northeurope"
    secureBoot: false
nodeGroups:
  control_plane_default: {role: control-plane, initialCount: 3}
attestation:
  azureSEVSNP:
    measurements:
      4:
        expected: "${hex(32, 0x12)}"
        warnOnly: false
      15:
        expected: "${hex(32, 0)}"
        warnOnly: true
    bootloaderVersion: 4
    teeVersion: 0
    snpVersion: 24
    microcodeVersion: 219
    firmwareSignerConfig:
      acceptedKeyDigests:
        - ${KEY}
        - ${hex(48, 0xa4).toUpperCase()}
      enforcementPolicy: MAAFallback
      maaURL: "https://example.weu.attest.azure.net"
    amdRootKey: |
      -----BEGIN CERTIFICATE-----
      MIIGYzCCBBKgAwIBAgIDAQAAMEYGCSqGSIb3DQEBCjA5oA8wDQYJYIZIAWUDBAIC
      -----END CERTIFICATE-----
`;

/** The section alone, as JSON, with every key of awsSEVSNP. */
const AWS = {
  awsSEVSNP: {
    measurements: { 0: { expected: hex(32, 1), warnOnly: false } },
    bootloaderVersion: 4,
    teeVersion: 0,
    snpVersion: "latest",
    microcodeVersion: 219,
    amdRootKey: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    amdSigningKey: "",
  },
};

const AZURE = {
  azureSEVSNP: {
    measurements: {},
    bootloaderVersion: 4,
    teeVersion: 0,
    snpVersion: 24,
    microcodeVersion: 219,
    firmwareSignerConfig: { acceptedKeyDigests: KEY, enforcementPolicy: true as unknown, maaURL: "" },
    amdRootKey: "",
  },
};

const GCP_YAML = `gcpSEVSNP:
  measurements: {}
  bootloaderVersion: latest
  teeVersion: latest
  snpVersion: latest
  microcodeVersion: latest
  amdRootKey: ""
`;

/** What validating with an ABI of 0.0, SMT allowed and everything else not leaves of POLICY. */
const policyHolds = ({ policyBits }: Facts) => policyBits.every((bit) => [16, 20, 22, 23, 24, 25].includes(bit));

const ROOT = {
  kind: "tightened",
  note: /^Milan alone is accepted/,
  when: ({ line }: Facts) => line !== "Milan",
} as const;
const CRL = {
  kind: "tightened",
  note: /^A current CRL is asked for/,
  when: ({ crl }: Facts) => crl !== "checked",
} as const;

const COMMON: readonly Row[] = [
  ["any image", { measurement: hex(48, 0x99) }, "accept"],
  ["any host data, any chip", { hostData: hex(32, 0x99), chipId: hex(64, 0x99) }, "accept"],
  ["newer", { launch: [5, 1, 25, 220] }, "accept"],
  ["boot loader at launch below", { launch: [3, 0, 24, 219] }, "refuse"],
  ["microcode at launch below", { launch: [4, 0, 24, 218] }, "refuse"],
  ["debugging", { policyBits: [16, 19] }, "refuse"],
  ["a migration agent", { policyBits: [16, 18] }, "refuse"],
  ["CXL", { policyBits: [16, 21] }, "refuse"],
  ["a bit of POLICY without a name", { policyBits: [16, 40] }, "refuse"],
  ["SMT not allowed", { policyBits: [20] }, "accept"],
  ["an ABI of 0.0", { abi: [0, 0] }, "accept"],
  ["PLATFORM_INFO however", { platformBits: [0, 1, 6, 7] }, "accept"],
  ["another request", { fresh: false }, "refuse"],
  ["no CRL", { crl: "unavailable" }, "tightened"],
  ["provisional firmware", { committedFirmware: [1, 55, 20] }, "accept"],
  ["version 2", { version: 2 }, "accept"],
];

function azureRule(facts: Facts, keys: readonly string[] | null): boolean {
  const floor = [4, 0, 24, 219];
  const signer = keys === null || keys.includes(facts.idKey);
  const tcb = reaches(facts.reported, floor) && reaches(facts.launch, floor);
  return facts.signer === "VCEK" && facts.vmpl < 4 && facts.fresh && policyHolds(facts) && tcb && signer;
}

const BASE: Facts = { ...USUAL, idKey: KEY };
const AZURE_ROWS: readonly Row[] = [
  ...COMMON,
  ["reported below", { reported: [4, 0, 23, 219] }, "refuse"],
  ["level 2", { vmpl: 2 }, "accept"],
  ["a VLEK", { signer: "VLEK" }, "refuse"],
  ["the other signer", { idKey: hex(48, 0xa4) }, "accept"],
];
const GENOA: Row = [
  "Genoa with such numbers",
  { line: "Genoa", cpu: [0x19, 0x11, 1], reported: [10, 0, 24, 219], launch: [10, 0, 24, 219] },
  "tightened",
];

describe("Azure, a whole file in YAML", () => {
  // What Microsoft's service would say of a signer that is not listed: that it is Microsoft's.
  const system = async (): Promise<Case> => ({
    imported: await fromConstellation(AZURE_YAML),
    rule: (facts) => azureRule(facts, null),
    meant: [
      ROOT,
      CRL,
      {
        kind: "tightened",
        note: /^A signer that is not listed is refused/,
        when: ({ idKey }) => ![KEY, hex(48, 0xa4)].includes(idKey),
      },
    ],
  });
  const rows: readonly Row[] = [
    ...AZURE_ROWS,
    GENOA,
    ["a signer that is not listed", { idKey: hex(48, 0xa5) }, "tightened"],
    ["no signer", { idKey: hex(48, 0) }, "tightened"],
  ];

  it("decides as Constellation does", async () => await expectTable(await system(), BASE, rows));
  it("decides as Constellation does: mixtures", async () => await expectMixtures(await system(), BASE, rows));

  it("says what is not carried", async () => {
    const { notes } = await fromConstellation(AZURE_YAML);
    const left = notes.filter(({ kind }) => kind === "not-carried");
    expect(left.map(({ where }) => where)).toEqual([
      "",
      "attestation/azureSEVSNP/measurements",
      "attestation/azureSEVSNP/amdRootKey",
    ]);
    expect(left[1]?.text).toContain("(PCRs 4, 15)");
    expect(left[0]?.text).toContain("7 other keys");
  });
});

describe("Azure, the section in JSON", () => {
  const withPolicy = (enforcementPolicy: unknown, acceptedKeyDigests: unknown = [KEY]) => {
    const signer = { acceptedKeyDigests, enforcementPolicy, maaURL: "" };
    return fromConstellation(JSON.stringify({ azureSEVSNP: { ...AZURE.azureSEVSNP, firmwareSignerConfig: signer } }));
  };

  it.each([["equal"], ["Equal"], [true]])("enforcement %s", async (word) => {
    const system = {
      imported: await withPolicy(word),
      rule: (facts: Facts) => azureRule(facts, [KEY]),
      meant: [ROOT, CRL],
    };
    const rows: readonly Row[] = [
      ...AZURE_ROWS.filter(([title]) => title !== "the other signer"),
      ["a signer that is not listed", { idKey: hex(48, 0xa5) }, "refuse"],
      ["no signer", { idKey: hex(48, 0) }, "refuse"],
    ];
    await expectTable(system, BASE, rows);
    await expectMixtures(system, BASE, rows);
  });

  it.each([
    ["warnOnly", [KEY]],
    [false, []],
  ])("enforcement %s: any signer", async (word, keys) => {
    const imported = await withPolicy(word, keys);
    const system = { imported, rule: (facts: Facts) => azureRule(facts, null), meant: [ROOT, CRL] };
    const rows: readonly Row[] = [...AZURE_ROWS, ["no signer", { idKey: hex(48, 0) }, "accept"]];
    await expectTable(system, BASE, rows);
    expect(imported.notes.some(({ kind, text }) => kind === "not-carried" && text.startsWith("Any signer"))).toBe(true);
  });

  it("one digest as text is a list of one", async () => {
    const { policy } = await fromConstellation(JSON.stringify(AZURE));
    expect(policy).toMatchObject({ snp: { idBlock: { idKeyDigests: [KEY] } } });
  });
});

describe("AWS, the section in JSON", () => {
  const system = async (): Promise<Case> => ({
    imported: await fromConstellation(JSON.stringify(AWS)),
    // "latest" was 24 when this was written.
    rule: (facts) =>
      facts.signer === "VLEK" &&
      facts.vmpl === 0 &&
      facts.fresh &&
      policyHolds(facts) &&
      facts.line === "Milan" &&
      reaches(facts.launch, [4, 0, 24, 219]),
    meant: [
      CRL,
      {
        kind: "loosened",
        note: /^There is no floor for what is "latest"/,
        when: ({ launch }) => launch[2] < 24,
      },
    ],
  });
  const rows: readonly Row[] = [
    ...COMMON,
    ["a VCEK", { signer: "VCEK" }, "refuse"],
    ["level 1", { vmpl: 1 }, "refuse"],
    ["reported below", { reported: [3, 0, 23, 209] }, "accept"],
    ["SNP at launch below the latest", { launch: [4, 0, 23, 219] }, "loosened"],
    ["Genoa", { line: "Genoa", cpu: [0x19, 0x11, 1], launch: [10, 0, 24, 219] }, "refuse"],
  ];
  const base: Facts = { ...USUAL, signer: "VLEK", chipId: hex(64, 0) };

  it("decides as Constellation does", async () => await expectTable(await system(), base, rows));
  it("decides as Constellation does: mixtures", async () => await expectMixtures(await system(), base, rows));
});

describe("GCP, the section in YAML, everything the latest", () => {
  it("has no floor at all, and says so four times", async () => {
    const { policy, notes } = await fromConstellation(new TextEncoder().encode(GCP_YAML));
    expect(policy).toMatchObject({ snp: { minimumTcb: "any", vmpl: [0], productLine: ["Milan"] } });
    const latest = notes.filter(({ text }) => text.includes('"latest"'));
    expect(latest.map(({ kind, where }) => [kind, where])).toEqual([
      ["loosened", "gcpSEVSNP/bootloaderVersion"],
      ["loosened", "gcpSEVSNP/teeVersion"],
      ["loosened", "gcpSEVSNP/snpVersion"],
      ["loosened", "gcpSEVSNP/microcodeVersion"],
    ]);
  });
});

describe("mistakes", () => {
  const azure = "azureSEVSNP";
  itRefuses(fromConstellation, AZURE, [
    ["two variants", "gcpSEVSNP", {}, ""],
    ["another variant", azure, undefined, ""],
    ["SNP is not what runs", "qemuVTPM", {}],
    ["no number", `${azure}/snpVersion`, undefined],
    ["a number of 256", `${azure}/snpVersion`, 256],
    ["another word", `${azure}/microcodeVersion`, "newest"],
    ["an unknown key", `${azure}/bootloader`, 1],
    ["no signer", `${azure}/firmwareSignerConfig`, undefined],
    ["no digests", `${azure}/firmwareSignerConfig/acceptedKeyDigests`, undefined],
    ["an empty list of digests", `${azure}/firmwareSignerConfig/acceptedKeyDigests`, []],
    [
      "zeros",
      `${azure}/firmwareSignerConfig/acceptedKeyDigests`,
      [hex(48, 0)],
      `${azure}/firmwareSignerConfig/acceptedKeyDigests/0`,
    ],
    ["a short digest", `${azure}/firmwareSignerConfig/acceptedKeyDigests`, "03"],
    ["another enforcement", `${azure}/firmwareSignerConfig/enforcementPolicy`, "none"],
    ["no enforcement", `${azure}/firmwareSignerConfig/enforcementPolicy`, undefined],
    ["a URL that is none", `${azure}/firmwareSignerConfig/maaURL`, 7],
    ["a root that is no text", `${azure}/amdRootKey`, {}],
    ["an ASK, which is AWS's and GCP's", `${azure}/amdSigningKey`, ""],
    ["PCRs with other names", `${azure}/measurements`, { boot: {} }],
  ]);

  it("a signer of firmware, which is Azure's", async () => {
    const aws = { awsSEVSNP: { ...AWS.awsSEVSNP, firmwareSignerConfig: {} } };
    expect(await placeOf(fromConstellation, JSON.stringify(aws))).toBe("awsSEVSNP/firmwareSignerConfig");
  });

  it.each([
    ["an alias", "a: &x {b: 1}\nc: *x", "*x"],
    [
      "a bomb of aliases",
      `a: &a [x]\n${[..."bcdef"].map((k, i) => `${k}: &${k} [*${"abcde"[i]},*${"abcde"[i]}]`).join("\n")}`,
      "*a",
    ],
    ["a key twice", "gcpSEVSNP: {}\ngcpSEVSNP: {}", "line 2"],
    ["a tag of its own", "gcpSEVSNP: !x {}", "line 1"],
    ["a merge", "gcpSEVSNP: {<<: {a: 1}}", "gcpSEVSNP/<<"],
    ["two documents", "a: 1\n---\nb: 1\n", "line 2"],
    ["a directive", "%YAML 1.1\n---\na: 1", ""],
    ["a bracket that stays open", "a: [1\nb: 2", "line 2"],
    ["octals of YAML 1.1 are text", GCP_YAML.replace("latest", "0_4"), "gcpSEVSNP/bootloaderVersion"],
    [
      "a digest that reads as a number, for want of quotes",
      AZURE_YAML.replace(`- ${KEY}`, `- ${hex(48, 0x12)}`),
      "attestation/azureSEVSNP/firmwareSignerConfig/acceptedKeyDigests/0",
    ],
    ["no mapping", "- a", ""],
    ["nothing", "", ""],
    ["deep brackets", `a: ${"[".repeat(50_000)}`, ""],
    ["deep lists", "- ".repeat(100_000), ""],
    ["deep keys", "? ".repeat(100_000), ""],
    ["deep indentation", `a:\n${" ".repeat(200)}b: 1`, ""],
    ["many lines", "a: 1\n".repeat(5000), ""],
    ["many brackets", "[]".repeat(2100), ""],
    ["many tags", "!!str ".repeat(4200), ""],
    ["many keys in a line", `{${Array.from({ length: 5000 }, (_, i) => `a${i}: 1`).join(",")}`, ""],
    ["many keys in braces", `a: {${Array.from({ length: 5000 }, (_, i) => `a${i}: 1`).join(",")}}`, ""],
  ])("YAML: %s", async (_, text, where) => {
    expect(await placeOf(fromConstellation, text)).toBe(where);
  });
});
