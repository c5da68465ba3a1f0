import { describe, expect, it } from "vitest";
import { appraise } from "../../../src/policy/appraise.js";
import { definePolicy } from "../../../src/policy/define.js";
import { fromTrustee } from "../../../src/policy/import/index.js";
import { makeVerified } from "../../support/records.js";
import { type Case, expectMixtures, expectTable, type Facts, hex, type Row, recordOf, USUAL } from "./facts.js";
import { itRefuses, placeOf } from "./malformed.js";

/** Every name that Trustee's policy of SEV-SNP asks for, and one of another TEE. */
const FULL = {
  snp_launch_measurement: [hex(48, 0x11), Buffer.alloc(48, 0x12).toString("base64")],
  snp_bootloader: [4, 6],
  snp_tee_svn: [0],
  snp_snp_svn: [24, 27],
  snp_microcode: [219, 220],
  snp_smt_enabled: [true],
  snp_tsme_enabled: false,
  snp_smt_allowed: [true, false],
  snp_single_socket: [false],
  snp_guest_abi_major: [0],
  snp_guest_abi_minor: [31],
  mr_td: [hex(48, 9)],
};

/** Entries as the store keeps them, some with an end; only what nothing can be affirmed without. */
const STORED = [
  { version: "0.1.0", name: "snp_launch_measurement", expiration: "2027-03-01T00:00:00Z", value: [hex(48, 0x11)] },
  { version: "0.1.0", name: "snp_bootloader", expiration: "2026-12-01T00:00:00Z", value: 4 },
  { version: "0.1.0", name: "snp_tee_svn", value: [0] },
  { version: "0.1.0", name: "snp_snp_svn", value: [24] },
  { version: "0.1.0", name: "snp_microcode", value: [219] },
  { version: "0.1.0", name: "rtmr_1", expiration: "2026-07-01T00:00:00Z", value: ["00"] },
];

const listed = (value: number, list: readonly number[]) => list.includes(value);

/** What Trustee's verifier demands, and its policy of a guest that it affirms at all. */
function common(facts: Facts): boolean {
  const free = ![18, 19].some((bit) => facts.policyBits.includes(bit));
  return facts.version >= 3 && facts.vmpl === 0 && facts.fresh && free;
}

const CRL = { kind: "tightened", note: /^A current CRL/, when: ({ crl }: Facts) => crl !== "checked" } as const;
const BITS = {
  kind: "tightened",
  note: /reserved bytes must be zero/,
  when: ({ policyBits }: Facts) => policyBits.some((bit) => bit > 25),
} as const;

const ROWS: readonly Row[] = [
  ["the measurement in base64", { measurement: hex(48, 0x12) }, "accept"],
  ["another measurement", { measurement: hex(48, 0x13) }, "refuse"],
  ["another value that is listed", { reported: [6, 0, 27, 220] }, "accept"],
  ["boot loader below", { reported: [3, 0, 24, 219] }, "refuse"],
  ["microcode below", { reported: [4, 0, 24, 218] }, "refuse"],
  ["newer than what is listed", { reported: [7, 1, 28, 221] }, "loosened"],
  ["between two that are listed", { reported: [5, 0, 25, 219] }, "loosened"],
  ["launched below", { launch: [0, 0, 0, 0] }, "accept"],
  ["any host data, any chip", { hostData: hex(32, 0x99), chipId: hex(64, 0x99) }, "accept"],
  ["debugging", { policyBits: [16, 19] }, "refuse"],
  ["a migration agent", { policyBits: [16, 18] }, "refuse"],
  ["a bit without a name", { policyBits: [16, 30] }, "tightened"],
  ["SMT not allowed, as is listed too", { policyBits: [] }, "accept"],
  ["level 1", { vmpl: 1 }, "refuse"],
  ["version 2", { version: 2 }, "refuse"],
  ["version 3", { version: 3 }, "accept"],
  ["a VLEK", { signer: "VLEK" }, "accept"],
  ["another key", { fresh: false }, "refuse"],
  ["no CRL", { crl: "unavailable" }, "tightened"],
];

describe("names and values", () => {
  const imported = fromTrustee(JSON.stringify(FULL));
  const inRange = ({ reported: [bl, tee, snp, ucode] }: Facts) =>
    listed(bl, [4, 6]) && listed(tee, [0]) && listed(snp, [24, 27]) && listed(ucode, [219, 220]);
  const system: Case = {
    imported,
    // Affirmed: what differs in the configuration alone is rated 3 instead of 2.
    rule: (facts) => common(facts) && inRange(facts) && [hex(48, 0x11), hex(48, 0x12)].includes(facts.measurement),
    meant: [
      CRL,
      BITS,
      { kind: "loosened", note: /^The least value that is listed is the floor/, when: (facts) => !inRange(facts) },
      { kind: "loosened", note: /^The least ABI that is listed is the floor/, when: () => false },
      {
        kind: "tightened",
        note: /^These are asked for/,
        when: ({ platformBits, policyBits, abi: [major, minor] }) =>
          !platformBits.includes(0) ||
          platformBits.includes(1) ||
          policyBits.includes(20) ||
          (major === 0 && minor < 31),
      },
    ],
  };
  const rows: readonly Row[] = [
    ...ROWS,
    ["SMT off", { platformBits: [2, 5] }, "tightened"],
    ["TSME on", { platformBits: [0, 1] }, "tightened"],
    ["one socket", { policyBits: [16, 20] }, "tightened"],
    ["an ABI of 0.30", { abi: [0, 30] }, "tightened"],
    ["a later ABI", { abi: [1, 0] }, "accept"],
  ];

  it("decides as Trustee does", async () => {
    await expectTable(system, USUAL, rows);
    await expectMixtures(system, USUAL, rows);
  });

  it("decides as Trustee does on Turin, whose FMC it does not look at", async () => {
    const turin: Facts = {
      ...USUAL,
      line: "Turin",
      cpu: [0x1a, 2, 1],
      chipId: hex(8, 0x33) + hex(56, 0),
      reported: [4, 0, 24, 219, 9],
    };
    await expectTable(system, turin, [
      ["FMC of 0", { reported: [4, 0, 24, 219, 0] }, "accept"],
      ["TEE that is not listed", { reported: [4, 1, 24, 219, 0] }, "loosened"],
      ["below", { reported: [4, 0, 23, 219, 9] }, "refuse"],
    ]);
    expect(imported.notes.some(({ text }) => text.includes("FMC, which Turin has"))).toBe(true);
  });

  it("says what is of other TEEs", () => {
    const left = imported.notes.filter(({ kind }) => kind === "not-carried").map(({ where }) => where);
    expect(left).toEqual(["mr_td", ""]);
  });
});

describe("entries of a store", () => {
  const imported = fromTrustee(JSON.stringify(STORED));
  const inRange = ({ reported }: Facts) => reported.slice(0, 4).join() === "4,0,24,219";
  const system: Case = {
    imported,
    rule: (facts) => common(facts) && inRange(facts) && facts.measurement === hex(48, 0x11),
    meant: [CRL, BITS, { kind: "loosened", note: /^The least value/, when: (facts) => !inRange(facts) }],
  };

  it("decides as Trustee does", async () => {
    const rows: readonly Row[] = [
      ...ROWS.filter(([title]) => !/base64|another value/.test(title)),
      ["SMT off", { platformBits: [] }, "accept"],
      ["any ABI", { abi: [0, 0] }, "accept"],
      ["one socket", { policyBits: [16, 20] }, "accept"],
    ];
    await expectTable(system, USUAL, rows);
    await expectMixtures(system, USUAL, rows);
  });

  it("ends with the first value that ends, of those that are used", async () => {
    expect(imported.policy.validity).toEqual({ notAfter: "2026-12-01T00:00:00Z" });
    const policy = await definePolicy(imported.policy);
    const late = appraise(makeVerified(recordOf(USUAL)), policy, { now: new Date("2026-12-01T00:00:01Z") });
    expect(late.failures.map(({ id }) => id)).toContain("time.policy.notAfter");
  });

  it("reads the entries of older versions", () => {
    const digests = [{ alg: "sha384", value: hex(48, 0x11) }];
    const [, ...others] = STORED;
    const old = {
      version: "0.1.0",
      name: "snp_launch_measurement",
      expired: "2027-03-01T00:00:00Z",
      "hash-value": digests,
    };
    expect(fromTrustee(JSON.stringify([old, ...others])).policy).toEqual(imported.policy);
  });
});

describe("mistakes", () => {
  itRefuses(fromTrustee, FULL, [
    ["no measurement", "snp_launch_measurement", undefined],
    ["an empty list", "snp_launch_measurement", []],
    ["a short measurement", "snp_launch_measurement", ["11"], "snp_launch_measurement/0"],
    ["no base64", "snp_launch_measurement", ["*".repeat(64)], "snp_launch_measurement/0"],
    ["a measurement that is a number", "snp_launch_measurement", [1], "snp_launch_measurement/0"],
    ["no boot loader", "snp_bootloader", undefined],
    ["no TEE", "snp_tee_svn", undefined],
    ["no SNP", "snp_snp_svn", undefined],
    ["no microcode", "snp_microcode", undefined],
    ["no number listed", "snp_microcode", []],
    ["a number of 256", "snp_microcode", [219, 256], "snp_microcode/1"],
    ["a number as text", "snp_microcode", "219"],
    ["a bit as a number", "snp_smt_enabled", 1],
    ["an ABI of 256", "snp_guest_abi_minor", 256],
  ]);

  it.each([
    ["no name", 2, { name: undefined }, "2/name"],
    ["no value", 2, { value: undefined }, "2/value"],
    ["a value and a digest", 2, { "hash-value": [] }, "2"],
    ["a digest without a value", 0, { value: undefined, "hash-value": [{ alg: "sha384" }] }, "0/hash-value/0/value"],
    ["a digest without an algorithm", 0, { value: undefined, "hash-value": [{ value: "00" }] }, "0/hash-value/0/alg"],
    ["an unknown key", 1, { expires: "never" }, "1/expires"],
    ["a time that is none", 1, { expiration: "2026-02-30T00:00:00Z" }, "1/expiration"],
    ["a time to the day", 1, { expiration: "2026-02-28" }, "1/expiration"],
    ["a month of 13", 1, { expiration: "2026-13-01T00:00:00Z" }, "1/expiration"],
    ["a name twice", 1, { name: "snp_tee_svn" }, "2"],
  ])("malformed entry: %s", async (_, index, change, where) => {
    const entries = STORED.map((entry, at) => (at === index ? { ...entry, ...change } : entry));
    expect(await placeOf(fromTrustee, JSON.stringify(entries))).toBe(where);
  });
});
