import { describe, expect, it } from "vitest";
import { definePolicy } from "../../../src/policy/define.js";
import { fromContrastManifest } from "../../../src/policy/import/index.js";
import { type Case, expectMixtures, expectTable, type Facts, hex, type Row, reaches, USUAL } from "./facts.js";
import { itRefuses } from "./malformed.js";

const COORDINATOR = hex(32, 0x22);
const WORKLOAD = hex(32, 0x44);
const CHIP = hex(64, 0x33);

const GUEST_POLICY = {
  ABIMajor: 0,
  ABIMinor: 31,
  SMT: true,
  MigrateMA: false,
  Debug: false,
  SingleSocket: false,
  CXLAllowed: false,
  MemAES256XTS: false,
  RAPLDis: false,
  CipherTextHidingDRAM: false,
  PageSwapDisable: false,
};

/** Every key of both kinds of entry. */
const FULL = {
  Policies: {
    [COORDINATOR]: { SANs: ["coordinator"], WorkloadSecretID: "apps/coordinator", Role: "coordinator" },
    [WORKLOAD]: { SANs: ["web", "*"], WorkloadSecretID: "apps/web" },
  },
  ReferenceValues: {
    snp: [
      {
        Platform: "Metal-QEMU-SNP",
        ProductName: "Milan",
        TrustedMeasurement: hex(48, 0x11),
        MinimumTCB: { BootloaderVersion: 4, TEEVersion: 0, SNPVersion: 24, MicrocodeVersion: 219 },
        GuestPolicy: GUEST_POLICY,
        PlatformInfo: {
          SMTEnabled: true,
          TSMEEnabled: false,
          ECCEnabled: true,
          RAPLDisabled: false,
          CiphertextHidingDRAMEnabled: false,
          AliasCheckComplete: true,
          TIOEnabled: false,
        },
        MinimumMitigationVector: 3,
        AllowedChipIDs: [CHIP],
        CPUs: 1,
      },
      {
        ProductName: "Genoa",
        TrustedMeasurement: hex(48, 0x12),
        MinimumTCB: { BootloaderVersion: 10, TEEVersion: 0, SNPVersion: 23, MicrocodeVersion: 84 },
        GuestPolicy: { ...GUEST_POLICY, ABIMinor: 0, PageSwapDisable: true },
        PlatformInfo: { SMTEnabled: true, TSMEEnabled: true, CiphertextHidingDRAMEnabled: true, RAPLDisabled: true },
        MinimumMitigationVector: 0,
        AllowedChipIDs: null,
      },
    ],
    tdx: [{ MrTd: hex(48, 1) }],
  },
  WorkloadOwnerKeyDigests: [hex(32, 9)],
  SeedshareOwnerPubKeys: [],
};

/** As short as one gets: no workloads, no PLATFORM_INFO, measurements by the number of vCPUs. */
const SHORT = {
  ReferenceValues: {
    snp: [
      {
        ProductName: "Milan",
        TrustedMeasurement: hex(48, 0x11),
        MinimumTCB: { BootloaderVersion: 3, TEEVersion: 0, SNPVersion: 20, MicrocodeVersion: 209 },
        GuestPolicy: { SMT: true },
        APEIP: "0080b004",
      },
    ],
  },
};

/** What holds for every entry: VCEK, level 0, a current CRL, an ID block, the hash of key and nonce. */
function common(facts: Facts): boolean {
  const allowed = facts.policyBits.every((bit) => [16, 20, 22, 23, 24, 25].includes(bit));
  const signed = facts.signer === "VCEK" && facts.crl === "checked";
  return signed && facts.fresh && facts.vmpl === 0 && !/^0+$/.test(facts.idKey) && allowed;
}

const withinBits = (facts: Facts) => facts.platformBits.every((bit) => bit !== 6 && bit < 8);

function milan(facts: Facts): boolean {
  const bits = facts.platformBits;
  const floor = [4, 0, 24, 219];
  return (
    facts.line === "Milan" &&
    facts.measurement === hex(48, 0x11) &&
    reaches(facts.reported, floor) &&
    reaches(facts.launch, floor) &&
    (facts.abi[0] > 0 || facts.abi[1] >= 31) &&
    bits.includes(2) &&
    bits.includes(5) &&
    !bits.includes(1) &&
    !bits.includes(7) &&
    facts.version === 5 &&
    (facts.launchMit & 3) === 3 &&
    (facts.currentMit & 3) === 3 &&
    facts.chipId === CHIP
  );
}

function genoa(facts: Facts): boolean {
  const bits = facts.platformBits;
  const floor = [10, 0, 23, 84];
  return (
    facts.line === "Genoa" &&
    facts.measurement === hex(48, 0x12) &&
    reaches(facts.reported, floor) &&
    reaches(facts.launch, floor) &&
    facts.policyBits.includes(25) &&
    bits.includes(3) &&
    bits.includes(4) &&
    !bits.includes(7)
  );
}

const OTHER_BITS = {
  kind: "loosened",
  note: /^PLATFORM_INFO bits that have no name pass/,
  when: (facts: Facts) => !withinBits(facts),
} as const;
const KEY_NOTE = { kind: "loosened", note: /^An ID block is asked for, but not whose/, when: () => false } as const;

const BASE: Facts = { ...USUAL, idKey: hex(48, 0x77) };
const ROWS: readonly Row[] = [
  ["another workload", { hostData: WORKLOAD }, "accept"],
  ["no workload of the manifest", { hostData: hex(32, 0x45) }, "refuse"],
  ["newer everywhere", { reported: [5, 1, 25, 220], launch: [5, 1, 25, 220] }, "accept"],
  ["boot loader reported below", { reported: [3, 0, 24, 219] }, "refuse"],
  ["SNP reported below", { reported: [4, 0, 23, 255] }, "refuse"],
  ["microcode at launch below", { launch: [4, 0, 24, 218] }, "refuse"],
  ["another measurement", { measurement: hex(48, 0x12) }, "refuse"],
  ["another chip", { chipId: hex(64, 0x34) }, "refuse"],
  ["a chip that is masked", { chipId: hex(64, 0) }, "refuse"],
  ["level 1", { vmpl: 1 }, "refuse"],
  ["no ID block", { idKey: hex(48, 0) }, "refuse"],
  ["a VLEK", { signer: "VLEK" }, "refuse"],
  ["no CRL", { crl: "unavailable" }, "refuse"],
  ["another request", { fresh: false }, "refuse"],
  ["a later ABI", { abi: [1, 0] }, "accept"],
  ["an earlier ABI", { abi: [0, 30] }, "refuse"],
  ["SMT not allowed", { policyBits: [] }, "accept"],
  ["debugging", { policyBits: [16, 19] }, "refuse"],
  ["a migration agent", { policyBits: [16, 18] }, "refuse"],
  ["CXL", { policyBits: [16, 21] }, "refuse"],
  ["a bit of POLICY without a name", { policyBits: [16, 30] }, "refuse"],
  ["more than is asked for in POLICY", { policyBits: [16, 20, 22, 23, 24, 25] }, "accept"],
  ["SMT off", { platformBits: [2, 5] }, "accept"],
  ["TSME on", { platformBits: [0, 1, 2, 5] }, "refuse"],
  ["no ECC", { platformBits: [0, 5] }, "refuse"],
  ["no alias check", { platformBits: [0, 2] }, "refuse"],
  ["TIO on", { platformBits: [0, 2, 5, 7] }, "refuse"],
  ["bit 6 of PLATFORM_INFO", { platformBits: [0, 2, 5, 6] }, "loosened"],
  ["a mitigation less at launch", { launchMit: 1 }, "refuse"],
  ["a mitigation less now", { currentMit: 8 }, "refuse"],
  ["version 3, which has no vectors", { version: 3 }, "refuse"],
  ["Genoa's measurement and TCB on Milan", { measurement: hex(48, 0x12), reported: [10, 0, 23, 84] }, "refuse"],
  ["Turin", { line: "Turin", cpu: [0x1a, 2, 1], reported: [4, 4, 24, 219, 4] }, "refuse"],
];

const GENOA: Facts = {
  ...BASE,
  line: "Genoa",
  cpu: [0x19, 0x11, 1],
  measurement: hex(48, 0x12),
  chipId: hex(64, 0x99),
  reported: [10, 0, 23, 84],
  launch: [10, 0, 23, 84],
  policyBits: [16, 25],
  platformBits: [0, 1, 3, 4],
  abi: [0, 0],
};
const GENOA_ROWS: readonly Row[] = [
  ["version 2", { version: 2 }, "accept"],
  ["a chip that is masked", { chipId: hex(64, 0) }, "accept"],
  ["pages may be swapped", { policyBits: [16] }, "refuse"],
  ["RAPL on", { platformBits: [0, 1, 4] }, "refuse"],
  ["ciphertext not hidden", { platformBits: [0, 1, 3] }, "refuse"],
  ["TSME off", { platformBits: [0, 3, 4] }, "accept"],
  ["TIO on", { platformBits: [0, 3, 4, 7] }, "refuse"],
  ["bit 9 of PLATFORM_INFO", { platformBits: [0, 1, 3, 4, 9] }, "loosened"],
  ["TEE at launch below nothing", { launch: [10, 0, 23, 84] }, "accept"],
  ["SNP at launch below", { launch: [10, 0, 22, 84] }, "refuse"],
  ["Milan's measurement", { measurement: hex(48, 0x11) }, "refuse"],
];

describe("a whole manifest", () => {
  const imported = fromContrastManifest(JSON.stringify(FULL));
  const hosts = [COORDINATOR, WORKLOAD];
  const system: Case = {
    imported,
    rule: (facts) =>
      hosts.includes(facts.hostData) && common(facts) && withinBits(facts) && (milan(facts) || genoa(facts)),
    meant: [OTHER_BITS, KEY_NOTE],
  };

  it("decides as Contrast does: Milan", async () => await expectTable(system, BASE, ROWS));
  it("decides as Contrast does: Genoa", async () => await expectTable(system, GENOA, GENOA_ROWS));
  it("decides as Contrast does: mixtures", async () => {
    await expectMixtures(system, BASE, ROWS);
    await expectMixtures(system, GENOA, [...ROWS, ...GENOA_ROWS]);
  });

  it("says what is not carried, and whose hash is the Coordinator's", () => {
    const left = imported.notes.filter(({ kind }) => kind === "not-carried").map(({ where }) => where);
    expect(left).toEqual(["ReferenceValues/tdx", "WorkloadOwnerKeyDigests", "SeedshareOwnerPubKeys"]);
    const workloads = imported.notes.find(({ where }) => where === "Policies");
    expect(workloads?.text).toContain(COORDINATOR);
    expect(workloads?.text).not.toContain(WORKLOAD);
  });

  it("is frozen, the same from bytes, and a policy", async () => {
    expect(Object.isFrozen(imported.policy) && Object.isFrozen(imported.notes[0])).toBe(true);
    expect(fromContrastManifest(new TextEncoder().encode(JSON.stringify(FULL)))).toEqual(imported);
    expect((await definePolicy(imported.policy)).id).toBe("imported from a Contrast manifest");
  });
});

describe("a short manifest", () => {
  const imported = fromContrastManifest(JSON.stringify(SHORT));
  const floor = [3, 0, 20, 209];
  const system: Case = {
    imported,
    // Present versions: what PLATFORM_INFO does not name must be off. Guests of up to 220 vCPUs; here digest 0x13 too.
    rule: (facts) =>
      common(facts) &&
      withinBits(facts) &&
      facts.line === "Milan" &&
      [hex(48, 0x11), hex(48, 0x13)].includes(facts.measurement) &&
      reaches(facts.reported, floor) &&
      reaches(facts.launch, floor) &&
      [0, 1, 7].every((bit) => !facts.platformBits.includes(bit)),
    meant: [
      OTHER_BITS,
      KEY_NOTE,
      {
        kind: "tightened",
        note: /^Contrast takes TrustedMeasurement for the digest of a guest with one vCPU/,
        when: ({ measurement }) => measurement === hex(48, 0x13),
      },
      { kind: "tightened", note: /^The manifest says nothing of PLATFORM_INFO/, when: () => false },
      { kind: "loosened", note: /^The manifest lists no Policies/, when: () => false },
    ],
  };
  const base: Facts = { ...BASE, platformBits: [2, 5], version: 3 };
  const rows: readonly Row[] = [
    ["any workload", { hostData: hex(32, 0x99) }, "accept"],
    ["SMT on", { platformBits: [0, 2, 5] }, "refuse"],
    ["TSME on", { platformBits: [1] }, "refuse"],
    ["any chip", { chipId: hex(64, 0x99) }, "accept"],
    ["two vCPUs", { measurement: hex(48, 0x13) }, "tightened"],
    ["bit 6", { platformBits: [6] }, "loosened"],
    ["below", { reported: [3, 0, 19, 209] }, "refuse"],
    ["version 2", { version: 2 }, "accept"],
  ];

  it("decides as Contrast does", async () => {
    await expectTable(system, base, rows);
    await expectMixtures(system, base, rows);
  });
});

describe("mistakes", () => {
  const entry = "ReferenceValues/snp/0";
  itRefuses(fromContrastManifest, FULL, [
    ["an unknown key", "surprise", 1],
    ["no reference values", "ReferenceValues", undefined],
    ["nothing about SNP", "ReferenceValues/snp", undefined],
    ["an empty list", "ReferenceValues/snp", []],
    ["no list", "ReferenceValues/snp", {}],
    ["another TEE", "ReferenceValues/sgx", []],
    ["no workloads", "Policies", {}],
    ["no Coordinator", `Policies/${COORDINATOR}/Role`, "", "Policies"],
    ["a hash that is too short", "Policies/abcd", {}],
    ["an unknown key of a workload", `Policies/${WORKLOAD}/Roles`, ""],
    ["an unknown key of an entry", `${entry}/Minimum`, 1],
    ["Turin", `${entry}/ProductName`, "Turin"],
    ["no product", `${entry}/ProductName`, undefined],
    ["a short measurement", `${entry}/TrustedMeasurement`, "11"],
    ["no measurement", `${entry}/TrustedMeasurement`, undefined],
    ["no floor", `${entry}/MinimumTCB`, undefined],
    ["a floor of 256", `${entry}/MinimumTCB/SNPVersion`, 256],
    ["a floor that is no whole number", `${entry}/MinimumTCB/SNPVersion`, 1.5],
    ["no TEE", `${entry}/MinimumTCB/TEEVersion`, null],
    ["no POLICY", `${entry}/GuestPolicy`, undefined],
    ["debugging", `${entry}/GuestPolicy/Debug`, true],
    ["SMT not named", `${entry}/GuestPolicy/SMT`, undefined],
    ["a bit as a number", `${entry}/GuestPolicy/SMT`, 1],
    ["an ABI of 256", `${entry}/GuestPolicy/ABIMinor`, 256],
    ["a bit as text", `${entry}/PlatformInfo/ECCEnabled`, "on"],
    ["an unknown bit", `${entry}/PlatformInfo/Bit6`, true],
    ["a masked chip", `${entry}/AllowedChipIDs/1`, hex(64, 0)],
    ["a short chip", `${entry}/AllowedChipIDs/0`, "33"],
    ["an insecure platform", `${entry}/Platform`, "Metal-QEMU-Insecure"],
    ["a broken vector", `${entry}/MinimumMitigationVector`, -1],
    ["a broken APEIP", `${entry}/APEIP`, "00"],
    ["CPUs as text", `${entry}/CPUs`, "1"],
  ]);

  it("an empty APEIP is none", () => {
    const document = structuredClone(SHORT);
    const [entryOf] = document.ReferenceValues.snp;
    if (entryOf !== undefined) entryOf.APEIP = "";
    const { notes } = fromContrastManifest(JSON.stringify(document));
    expect(notes.some(({ where }) => where.endsWith("APEIP"))).toBe(false);
  });
});
