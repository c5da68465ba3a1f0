import { describe, expect, it } from "vitest";
import { fromTinfoil } from "../../../src/policy/import/index.js";
import { type Case, expectMixtures, expectTable, type Facts, hex, type Row, reaches, USUAL } from "./facts.js";
import { itRefuses } from "./malformed.js";

const GENOA_CHIPS = [hex(64, 0x33), hex(64, 0x34)];
const TURIN_CHIP = hex(8, 0x55) + hex(56, 0);
const PPID = hex(16, 0x66);

const GENOA = {
  minimum_build: 21,
  minimum_api_version: "1.55",
  minimum_abi_version: "0.0",
  minimum_guest_svn: 0,
  minimum_tcb: { bl_spl: 7, tee_spl: 0, snp_spl: 14, ucode_spl: 72 },
  minimum_launch_tcb: { bl_spl: 6, tee_spl: 0, snp_spl: 14, ucode_spl: 70 },
  guest_policy: { debug: false, smt: true, migrate_ma: false, single_socket: false },
  platform_info: {
    smt_enabled: true,
    tsme_enabled: true,
    ecc_enabled: true,
    rapl_disabled: false,
    ciphertext_hiding_dram: false,
    alias_check_complete: true,
  },
  permit_provisional_firmware: false,
  vmpl: 0,
  host_data: hex(32, 0),
  image_id: hex(16, 0),
  family_id: hex(16, 0),
  minimum_launch_mitigation_vector: 1,
  minimum_current_mitigation_vector: 3,
};

/** Every member, those that Turin alone has among them. */
const TURIN = {
  ...GENOA,
  minimum_build: 0,
  minimum_api_version: "1.58",
  minimum_tcb: { fmc_spl: 1, bl_spl: 1, tee_spl: 1, snp_spl: 4, ucode_spl: 82 },
  minimum_launch_tcb: { fmc_spl: 1, bl_spl: 1, tee_spl: 1, snp_spl: 4, ucode_spl: 82 },
  guest_policy: {
    ...GENOA.guest_policy,
    cxl_allowed: false,
    mem_aes256_xts: true,
    rapl_dis: false,
    ciphertext_hiding_dram: true,
    page_swap_disable: true,
  },
  platform_info: { ...GENOA.platform_info, tsme_enabled: false, iommu_write_safe: true, tio_enabled: false },
  permit_provisional_firmware: true,
  minimum_launch_mitigation_vector: 0,
  minimum_current_mitigation_vector: 0,
};

const FULL = {
  format: "https://tinfoil.sh/predicate/platform-endorsements/v1",
  measurements: { tiny_0d: {} },
  machines: {
    [GENOA_CHIPS[0] ?? ""]: "genoa",
    [GENOA_CHIPS[1] ?? ""]: "genoa",
    [TURIN_CHIP]: "turin",
    [PPID]: "tdx",
  },
  policies: {
    genoa: { platform: "sev-snp", sev_snp: GENOA },
    turin: { platform: "sev-snp", sev_snp: TURIN },
    tdx: { platform: "tdx", tdx: {} },
    spare: { platform: "sev-snp", sev_snp: GENOA },
  },
};

/** One machine, and bit 6 written as clear. */
const SMALL = {
  machines: { [GENOA_CHIPS[0] ?? ""]: "only" },
  policies: {
    only: {
      platform: "sev-snp",
      sev_snp: {
        ...GENOA,
        platform_info: { ...GENOA.platform_info, iommu_write_safe: false },
        vmpl: 1,
        minimum_launch_mitigation_vector: 1,
        minimum_current_mitigation_vector: 0,
      },
    },
  },
};

/** What no policy of tinfoil's leaves open: an ID block, a masked chip, another signer. */
function common(facts: Facts): boolean {
  return facts.signer === "VCEK" && facts.fresh && /^0+$/.test(facts.idKey) && facts.hostData === hex(32, 0);
}

const same = (found: readonly number[], wanted: readonly number[]) =>
  [...found].sort().join() === [...wanted].sort().join();
const atLeast = (found: readonly number[], build: number, version: readonly [number, number]) =>
  (found[2] ?? 0) >= build && (found[0] ?? 0) * 256 + (found[1] ?? 0) >= version[0] * 256 + version[1];
const settled = (facts: Facts) => facts.firmware.join() === facts.committedFirmware.join();

function genoa(facts: Facts, level: number, vectors: readonly [launch: number, current: number]): boolean {
  return (
    common(facts) &&
    facts.line === "Genoa" &&
    facts.vmpl === level &&
    reaches(facts.reported, [7, 0, 14, 72]) &&
    reaches(facts.launch, [6, 0, 14, 70]) &&
    atLeast(facts.firmware, 21, [1, 55]) &&
    settled(facts) &&
    same(facts.policyBits, [16]) &&
    same(facts.platformBits, [0, 1, 2, 5]) &&
    ((facts.version === 5 ? facts.launchMit : 0) & vectors[0]) === vectors[0] &&
    ((facts.version === 5 ? facts.currentMit : 0) & vectors[1]) === vectors[1]
  );
}

function turin(facts: Facts): boolean {
  const floor = [1, 1, 4, 82, 1];
  return (
    common(facts) &&
    facts.line === "Turin" &&
    facts.chipId === TURIN_CHIP &&
    facts.vmpl === 0 &&
    reaches(facts.reported, floor) &&
    reaches(facts.launch, floor) &&
    atLeast(facts.firmware, 0, [1, 58]) &&
    same(facts.policyBits, [16, 22, 24, 25]) &&
    same(facts.platformBits, [0, 2, 5, 6])
  );
}

const ID_BLOCK = {
  kind: "loosened",
  note: /^A guest with an ID block passes/,
  when: ({ idKey }: Facts) => !/^0+$/.test(idKey),
} as const;
const FIRMWARE = {
  kind: "loosened",
  note: /^Firmware is compared as/,
  when: ({ firmware: [major, minor, build] }: Facts) => build < 21 && (major > 1 || minor > 55),
} as const;
const IMAGE = { kind: "loosened", note: /^MEASUREMENT may be anything/, when: () => false } as const;

const TCB: Facts["reported"] = [7, 0, 14, 72];
const BASE: Facts = {
  ...USUAL,
  line: "Genoa",
  cpu: [0x19, 0x11, 1],
  hostData: hex(32, 0),
  reported: TCB,
  launch: TCB,
  platformBits: [0, 1, 2, 5],
};
const ROWS: readonly Row[] = [
  ["the other machine", { chipId: hex(64, 0x34) }, "accept"],
  ["a machine that is not endorsed", { chipId: hex(64, 0x35) }, "refuse"],
  ["a chip that is masked", { chipId: hex(64, 0) }, "refuse"],
  ["any image", { measurement: hex(48, 0x99) }, "accept"],
  ["host data", { hostData: hex(32, 1) }, "refuse"],
  ["level 1", { vmpl: 1 }, "refuse"],
  ["reported below", { reported: [7, 0, 13, 72] }, "refuse"],
  ["launched below what is reported", { launch: [6, 0, 14, 70] }, "accept"],
  ["launched below", { launch: [6, 0, 14, 69] }, "refuse"],
  ["an older build", { firmware: [1, 55, 20], committedFirmware: [1, 55, 20] }, "refuse"],
  ["an older version", { firmware: [1, 54, 200], committedFirmware: [1, 54, 200] }, "refuse"],
  ["a newer version with a lesser build", { firmware: [1, 58, 3], committedFirmware: [1, 58, 3] }, "loosened"],
  ["firmware that is not committed", { committedFirmware: [1, 55, 28] }, "refuse"],
  ["SMT not allowed", { policyBits: [] }, "refuse"],
  ["one socket", { policyBits: [16, 20] }, "refuse"],
  ["pages may not be swapped", { policyBits: [16, 25] }, "refuse"],
  ["an ABI that is asked for", { abi: [1, 55] }, "accept"],
  ["TSME off", { platformBits: [0, 2, 5] }, "refuse"],
  ["ciphertext hidden", { platformBits: [0, 1, 2, 4, 5] }, "refuse"],
  ["TIO on", { platformBits: [0, 1, 2, 5, 7] }, "refuse"],
  ["bit 6", { platformBits: [0, 1, 2, 5, 6] }, "refuse"],
  ["bit 9", { platformBits: [0, 1, 2, 5, 9] }, "refuse"],
  ["an ID block", { idKey: hex(48, 7) }, "loosened"],
  ["a mitigation less", { currentMit: 1 }, "refuse"],
  ["version 3, which has no vectors", { version: 3 }, "refuse"],
  ["a VLEK", { signer: "VLEK" }, "refuse"],
  ["other keys", { fresh: false }, "refuse"],
  ["Milan", { line: "Milan", cpu: [0x19, 1, 1] }, "refuse"],
];

describe("the endorsements of a fleet", () => {
  const imported = fromTinfoil(JSON.stringify(FULL));
  const system: Case = {
    imported,
    rule: (facts) => (GENOA_CHIPS.includes(facts.chipId) && genoa(facts, 0, [1, 3])) || turin(facts),
    meant: [
      ID_BLOCK,
      FIRMWARE,
      IMAGE,
      {
        kind: "loosened",
        note: /^Bit 6 of PLATFORM_INFO has no name here/,
        when: ({ line, platformBits }) =>
          line === "Turin" &&
          !same(
            platformBits.filter((bit) => bit !== 6 && bit < 8),
            platformBits.concat(6),
          ),
      },
    ],
  };

  it("decides as tinfoil does: Genoa", async () => {
    await expectTable(system, BASE, ROWS);
    await expectMixtures(system, BASE, ROWS);
  });

  it("decides as tinfoil does: Turin", async () => {
    const base: Facts = {
      ...BASE,
      line: "Turin",
      cpu: [0x1a, 2, 1],
      chipId: TURIN_CHIP,
      version: 3,
      firmware: [1, 58, 0],
      reported: [1, 1, 4, 82, 1],
      launch: [1, 1, 4, 82, 1],
      policyBits: [16, 22, 24, 25],
      platformBits: [0, 2, 5, 6],
    };
    const rows: readonly Row[] = [
      ["Genoa's machine", { chipId: hex(64, 0x33) }, "refuse"],
      ["FMC below", { reported: [1, 1, 4, 82, 0] }, "refuse"],
      ["FMC below at launch", { launch: [1, 1, 4, 82, 0] }, "refuse"],
      ["an older version", { firmware: [1, 57, 255] }, "refuse"],
      ["firmware that is not committed", { committedFirmware: [1, 50, 0] }, "accept"],
      ["no XTS", { policyBits: [16, 24, 25] }, "refuse"],
      ["bit 6 clear", { platformBits: [0, 2, 5] }, "loosened"],
      ["bit 9", { platformBits: [0, 2, 5, 6, 9] }, "loosened"],
      ["SMT off", { platformBits: [2, 5, 6] }, "refuse"],
      ["an ID block", { idKey: hex(48, 7) }, "loosened"],
    ];
    await expectTable(system, base, rows);
    await expectMixtures(system, base, rows);
  });

  it("says what it left out", () => {
    const left = imported.notes.filter(({ kind }) => kind === "not-carried").map(({ where }) => where);
    expect(left).toEqual(["policies/tdx", "policies/spare", "measurements"]);
  });
});

describe("the endorsement of one machine", () => {
  const imported = fromTinfoil(JSON.stringify(SMALL));
  const system: Case = {
    imported,
    rule: (facts) => facts.chipId === GENOA_CHIPS[0] && genoa(facts, 1, [1, 0]),
    meant: [ID_BLOCK, FIRMWARE, IMAGE],
  };

  it("decides as tinfoil does", async () => {
    const base: Facts = { ...BASE, vmpl: 1 };
    const rows: readonly Row[] = [
      ...ROWS.filter(([title]) => !/machine|level 1|mitigation|version 3|Milan/.test(title)),
      ["level 0", { vmpl: 0 }, "refuse"],
      ["another machine", { chipId: hex(64, 0x34) }, "refuse"],
      ["version 3, which has no vectors", { version: 3 }, "refuse"],
      ["a mitigation less at launch", { launchMit: 2 }, "refuse"],
      ["no mitigation now", { currentMit: 0 }, "accept"],
    ];
    await expectTable(system, base, rows);
    await expectMixtures(system, base, rows);
  });
});

describe("mistakes", () => {
  const rules = "policies/genoa/sev_snp";
  const members = Object.keys(GENOA).map((key) => [`no ${key}`, `${rules}/${key}`, undefined] as const);
  itRefuses(fromTinfoil, FULL, [
    ...members,
    ["another format", "format", "https://tinfoil.sh/predicate/platform-endorsements/v2"],
    ["an unknown key", "surprise", 1],
    ["no machines", "machines", undefined],
    ["no machine of SNP", "machines", { [PPID]: "tdx" }],
    ["a machine of no policy", `machines/${PPID}`, "none"],
    ["a machine with data", `machines/${PPID}`, {}],
    ["a short id", "machines/abcd", "genoa"],
    ["a short id for SNP", `machines/${hex(16, 1)}`, "genoa", "machines"],
    ["zeros as an id", `machines/${hex(16, 0)}`, "tdx"],
    ["no policies", "policies", undefined],
    ["a policy of two platforms", "policies/genoa/tdx", {}, "policies/genoa"],
    ["another platform", "policies/genoa/platform", "cca", "policies/genoa"],
    ["no platform", "policies/genoa/platform", undefined],
    ["no rules", "policies/genoa/sev_snp", undefined],
    ["no rules of TDX", "policies/tdx/tdx", undefined],
    ["an unknown member", `${rules}/config_binding`, "sha256"],
    ["an unknown bit of POLICY", `${rules}/guest_policy/iommu_write_safe`, true],
    ["a bit of POLICY missing", `${rules}/guest_policy/debug`, undefined],
    ["a bit of PLATFORM_INFO missing", `${rules}/platform_info/ecc_enabled`, undefined],
    ["a bit that is text", `${rules}/platform_info/ecc_enabled`, "yes"],
    ["bit 6 that is text", `${rules}/platform_info/iommu_write_safe`, "yes"],
    ["a component missing", `${rules}/minimum_tcb/tee_spl`, undefined],
    ["FMC in one floor alone", `${rules}/minimum_tcb/fmc_spl`, 1, `${rules}/minimum_launch_tcb`],
    ["an image id, which an ID block has", `${rules}/image_id`, hex(16, 1)],
    ["a family id, which an ID block has", `${rules}/family_id`, hex(16, 1)],
    ["an SVN, which an ID block has", `${rules}/minimum_guest_svn`, 1],
    ["level 4", `${rules}/vmpl`, 4],
    ["a version of three", `${rules}/minimum_api_version`, "1.55.2"],
    ["a version of 256", `${rules}/minimum_abi_version`, "256.0"],
    ["short host data", `${rules}/host_data`, "00"],
    ["a build of 256", `${rules}/minimum_build`, 256],
    ["a vector below zero", `${rules}/minimum_launch_mitigation_vector`, -1],
    ["a word that is no bit", `${rules}/permit_provisional_firmware`, "no"],
  ]);
});
