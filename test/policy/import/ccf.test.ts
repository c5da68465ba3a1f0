import { describe, expect, it } from "vitest";
import { fromCcfGovernance } from "../../../src/policy/import/index.js";
import { type Case, expectMixtures, expectTable, type Facts, hex, type Row, reaches, USUAL } from "./facts.js";
import { itRefuses, placeOf } from "./malformed.js";

const DID = "did:x509:0:sha256:I__iuL25oXEVFdTP_aBLx_eT1RPHbCQ_ECBQfYZpt9s::eku:1.3.6.1.4.1.311.76.59.1.2";
const HOST = hex(32, 0x22);

/** Every key, as a service answers. */
const FULL = {
  sgx: { measurements: [] },
  virtual: { measurements: [], hostData: [] },
  snp: {
    measurements: [hex(48, 0x11), hex(48, 0x12)],
    hostData: { [HOST]: "package policy", [hex(32, 0x23)]: "" },
    uvmEndorsements: { [DID]: { "ContainerPlat-AMD-UVM": { svn: "101" } } },
    tcbVersions: {
      "00a00f11": { boot_loader: 4, tee: 0, snp: 24, microcode: 219, hexstring: "db18000000000004" },
      "00a10f11": { boot_loader: 10, tee: 0, snp: 23, microcode: 84 },
      "00b00f21": { hexstring: "5100000004010101" },
    },
  },
};

/** As of CCF 5, which knew no floors; nothing optional. */
const OLD = { snp: { measurements: [hex(48, 0x11)], hostData: { [HOST]: "" } } };

/** What CCF checks of any report: VCEK, asked for by the guest, no debugging, no migration, its key in REPORT_DATA. */
function common(facts: Facts): boolean {
  const free = ![18, 19].some((bit) => facts.policyBits.includes(bit));
  return facts.signer === "VCEK" && facts.vmpl <= 3 && facts.fresh && free;
}

const CPUS: Readonly<Record<string, readonly number[]>> = {
  "25,1,1": [4, 0, 24, 219],
  "25,17,1": [10, 0, 23, 84],
  "26,2,1": [1, 1, 4, 81, 1],
};

const CRL = { kind: "tightened", note: /^A current CRL/, when: ({ crl }: Facts) => crl !== "checked" } as const;
const BITS = {
  kind: "tightened",
  note: /^Bits of POLICY that have no name/,
  when: ({ policyBits }: Facts) => policyBits.some((bit) => bit > 25),
} as const;

const ROWS: readonly Row[] = [
  ["the other measurement and policy", { measurement: hex(48, 0x12), hostData: hex(32, 0x23) }, "accept"],
  ["another measurement", { measurement: hex(48, 0x13) }, "refuse"],
  ["a measurement that Microsoft endorses", { measurement: hex(48, 0xee) }, "tightened"],
  ["another security policy", { hostData: hex(32, 0x24) }, "refuse"],
  ["newer", { reported: [5, 1, 25, 220] }, "accept"],
  ["reported below", { reported: [4, 0, 23, 219] }, "refuse"],
  ["launched below", { launch: [0, 0, 0, 0] }, "accept"],
  ["another stepping of Milan", { cpu: [0x19, 0x01, 0x02] }, "refuse"],
  ["version 2, which names no processor", { version: 2 }, "refuse"],
  ["version 3", { version: 3 }, "accept"],
  ["debugging", { policyBits: [16, 19] }, "refuse"],
  ["a migration agent", { policyBits: [16, 18] }, "refuse"],
  ["CXL", { policyBits: [16, 21] }, "accept"],
  ["a bit of POLICY without a name", { policyBits: [16, 33] }, "tightened"],
  ["a VLEK", { signer: "VLEK" }, "refuse"],
  ["level 3", { vmpl: 3 }, "accept"],
  ["no CRL", { crl: "unavailable" }, "tightened"],
  ["another node's key", { fresh: false }, "refuse"],
  ["PLATFORM_INFO however", { platformBits: [1, 6] }, "accept"],
  ["any chip", { chipId: hex(64, 0x99) }, "accept"],
];

const GENOA: Facts = { ...USUAL, line: "Genoa", cpu: [0x19, 0x11, 1], reported: [10, 0, 23, 84] };
const TURIN: Facts = {
  ...USUAL,
  line: "Turin",
  cpu: [0x1a, 2, 1],
  chipId: hex(8, 0x33) + hex(56, 0),
  reported: [1, 1, 4, 81, 1],
  launch: [1, 1, 4, 81, 1],
};

describe("a whole join policy", () => {
  const imported = fromCcfGovernance(JSON.stringify(FULL));
  const endorsed = hex(48, 0xee);
  const system: Case = {
    imported,
    rule: (facts) => {
      const floor = facts.version === 2 ? undefined : CPUS[facts.cpu.join()];
      return (
        common(facts) &&
        [hex(48, 0x11), hex(48, 0x12), endorsed].includes(facts.measurement) &&
        [HOST, hex(32, 0x23)].includes(facts.hostData) &&
        floor !== undefined &&
        reaches(facts.reported, floor)
      );
    },
    meant: [
      CRL,
      BITS,
      {
        kind: "tightened",
        note: /^Measurements that an issuer of uvmEndorsements signed/,
        when: ({ measurement }) => measurement === endorsed,
      },
    ],
  };

  it("decides as CCF does", async () => {
    await expectTable(system, USUAL, ROWS);
    await expectMixtures(system, USUAL, ROWS);
  });

  it("decides as CCF does: Genoa and Turin", async () => {
    await expectTable(system, GENOA, [
      ["below", { reported: [10, 0, 23, 83] }, "refuse"],
      ["Bergamo", { cpu: [0x19, 0xa0, 2] }, "refuse"],
      ["Milan's numbers", { reported: [4, 0, 24, 219] }, "refuse"],
    ]);
    await expectTable(system, TURIN, [
      ["FMC below", { reported: [1, 1, 4, 81, 0] }, "refuse"],
      ["TEE below", { reported: [1, 0, 4, 81, 1] }, "refuse"],
      ["Turin Dense", { cpu: [0x1a, 0x11, 0] }, "refuse"],
    ]);
  });

  it("says what it left out", () => {
    const left = imported.notes.filter(({ kind }) => kind === "not-carried").map(({ where }) => where);
    expect(left).toEqual(["sgx", "virtual"]);
  });
});

describe("an old join policy", () => {
  const imported = fromCcfGovernance(JSON.stringify(OLD));
  const system: Case = {
    imported,
    rule: (facts) => common(facts) && facts.measurement === hex(48, 0x11) && facts.hostData === HOST,
    meant: [CRL, BITS, { kind: "loosened", note: /^There is no tcbVersions/, when: () => false }],
  };

  it("decides as CCF 5 did", async () => {
    const rows: readonly Row[] = [
      ...ROWS.filter(([, change]) => ["policyBits", "crl", "vmpl", "signer"].some((key) => key in change)),
      ["old", { reported: [0, 0, 0, 0] }, "accept"],
      ["any processor", { version: 2 }, "accept"],
      ["another security policy", { hostData: hex(32, 0x23) }, "refuse"],
    ];
    await expectTable(system, USUAL, rows);
    await expectMixtures(system, USUAL, rows);
  });
});

describe("mistakes", () => {
  const floors = "snp/tcbVersions";
  itRefuses(fromCcfGovernance, FULL, [
    ["an unknown key", "surprise", 1],
    ["no SNP", "snp", undefined],
    ["an unknown key", "snp/chipIds", []],
    ["no measurements", "snp/measurements", undefined],
    ["measurements by endorsement alone", "snp/measurements", []],
    ["a short measurement", "snp/measurements/1", "11"],
    ["no host data", "snp/hostData", undefined],
    ["no security policy", "snp/hostData", {}],
    ["host data that are none", "snp/hostData/abc", ""],
    ["no processor", floors, {}],
    ["a processor that is none", `${floors}/00000000`, { snp: 1 }],
    ["Venice", `${floors}/00b50f00`, { snp: 1 }],
    ["reserved bits of CPUID", `${floors}/10a00f11`, { snp: 1 }],
    ["no hex", `${floors}/milan`, { snp: 1 }],
    ["a processor twice", `${floors}/00A00F11`, { snp: 1 }],
    ["an unknown component", `${floors}/00a00f11/ucode`, 1],
    ["an FMC of Milan", `${floors}/00a00f11/fmc`, 1],
    ["a number of 256", `${floors}/00a00f11/snp`, 256],
    ["no component", `${floors}/00a10f11`, {}],
    ["two numbers for one", `${floors}/00a00f11/hexstring`, "db19000000000004"],
    ["a short hexstring", `${floors}/00b00f21/hexstring`, "51"],
  ]);

  it("an SVN may be a number, and nothing else", async () => {
    const svn = (value: unknown) => ({ snp: { ...OLD.snp, uvmEndorsements: { d: { f: { svn: value } } } } });
    expect(
      fromCcfGovernance(JSON.stringify(svn(101))).notes.some(({ where }) => where.endsWith("uvmEndorsements")),
    ).toBe(true);
    for (const none of [true, null]) {
      expect(await placeOf(fromCcfGovernance, JSON.stringify(svn(none)))).toBe("snp/uvmEndorsements/d/f/svn");
    }
  });
});
