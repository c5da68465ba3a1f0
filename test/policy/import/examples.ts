import { hex } from "./facts.js";

const BITS = { SMT: true, MigrateMA: false, Debug: false, SingleSocket: false, PageSwapDisable: true };
const FLAGS = { debug: false, smt: true, migrate_ma: false, single_socket: false, page_swap_disable: true };
const TCB = { bl_spl: 7, tee_spl: 0, snp_spl: 14, ucode_spl: 72 };

/** Small sound inputs by importer, for inputs that nearly are. */
export const EXAMPLES = {
  fromContrastManifest: {
    Policies: { [hex(32, 0x22)]: { SANs: ["a"], Role: "coordinator" } },
    ReferenceValues: {
      snp: [
        {
          ProductName: "Milan",
          TrustedMeasurement: hex(48, 0x11),
          MinimumTCB: { BootloaderVersion: 4, TEEVersion: 0, SNPVersion: 24, MicrocodeVersion: 219 },
          GuestPolicy: BITS,
          PlatformInfo: { SMTEnabled: true },
          MinimumMitigationVector: 3,
          AllowedChipIDs: [hex(64, 0x33)],
          APEIP: "0080b004",
        },
      ],
    },
  },
  fromConstellation: {
    attestation: {
      azureSEVSNP: {
        measurements: { 4: { expected: hex(32, 1), warnOnly: false } },
        bootloaderVersion: 4,
        teeVersion: 0,
        snpVersion: "latest",
        microcodeVersion: 219,
        firmwareSignerConfig: { acceptedKeyDigests: [hex(48, 3)], enforcementPolicy: "equal", maaURL: "" },
        amdRootKey: "",
      },
    },
  },
  fromCcfGovernance: {
    snp: {
      measurements: [hex(48, 0x11)],
      hostData: { [hex(32, 0x22)]: "policy" },
      uvmEndorsements: { did: { feed: { svn: "101" } } },
      tcbVersions: {
        "00a00f11": { boot_loader: 4, tee: 0, snp: 24, microcode: 219 },
        "00b00f21": { hexstring: hex(8, 1) },
      },
    },
  },
  fromTinfoil: {
    machines: { [hex(64, 0x33)]: "genoa" },
    policies: {
      genoa: {
        platform: "sev-snp",
        sev_snp: {
          minimum_build: 21,
          minimum_api_version: "1.55",
          minimum_abi_version: "0.0",
          minimum_guest_svn: 0,
          minimum_tcb: TCB,
          minimum_launch_tcb: TCB,
          guest_policy: FLAGS,
          platform_info: {
            smt_enabled: true,
            tsme_enabled: true,
            ecc_enabled: true,
            rapl_disabled: false,
            ciphertext_hiding_dram: false,
          },
          permit_provisional_firmware: false,
          vmpl: 0,
          host_data: hex(32, 0),
          image_id: hex(16, 0),
          family_id: hex(16, 0),
          minimum_launch_mitigation_vector: 0,
          minimum_current_mitigation_vector: 3,
        },
      },
    },
  },
  fromTrustee: [
    { version: "0.1.0", name: "snp_launch_measurement", expiration: "2027-03-01T00:00:00Z", value: [hex(48, 0x11)] },
    { version: "0.1.0", name: "snp_bootloader", value: 4 },
    { version: "0.1.0", name: "snp_tee_svn", value: [0, 1] },
    { version: "0.1.0", name: "snp_snp_svn", value: [24] },
    { version: "0.1.0", name: "snp_microcode", value: [219] },
    { version: "0.1.0", name: "snp_smt_enabled", value: true },
    { version: "0.1.0", name: "snp_guest_abi_minor", value: [31] },
  ],
  fromNitride: {
    policy: {
      name: "p",
      identities: {
        provider: "gcp-sev-snp-raw",
        platform: [{ name: "milan", policy: { firmware: true } }],
        firmware: [{ name: "small" }],
        workload: { name: "pcrs" },
      },
    },
    identities: [
      { type: "platform", name: "milan", values: { firmware: ">= 1.55.22", root_of_trust: "amd-sev-snp-milan-vlek" } },
      { type: "firmware", name: "small", values: { measurement: hex(48, 0x11) } },
      { type: "workload", name: "pcrs", values: { hash: "sha256" } },
    ],
  },
} as const;
