import fc from "fast-check";
import { expect } from "vitest";
import { type ExpectedReportData, keepExpected } from "../../../src/binding/expected.js";
import { appraise } from "../../../src/policy/appraise.js";
import { definePolicy } from "../../../src/policy/define.js";
import type { Imported, ImportNoteKind } from "../../../src/policy/import/index.js";
import type { Policy } from "../../../src/policy/policy.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../../support/records.js";

/** [boot loader, TEE, SNP, microcode, FMC]; Turin alone has the last. */
type Numbers = readonly [bl: number, tee: number, snp: number, ucode: number, fmc?: number];

/** A report and its certificates as the rules of other systems speak of them. */
export interface Facts {
  readonly line: "Milan" | "Genoa" | "Turin";
  readonly signer: "VCEK" | "VLEK";
  readonly version: 2 | 3 | 5;
  /** Family, model, stepping; not in version 2. */
  readonly cpu: readonly [number, number, number];
  readonly measurement: string;
  readonly hostData: string;
  readonly chipId: string;
  readonly vmpl: number;
  readonly abi: readonly [major: number, minor: number];
  /** The numbers of the bits that are set, without 17. */
  readonly policyBits: readonly number[];
  readonly platformBits: readonly number[];
  readonly reported: Numbers;
  readonly launch: Numbers;
  readonly firmware: readonly [major: number, minor: number, build: number];
  readonly committedFirmware: readonly [major: number, minor: number, build: number];
  /** 48 bytes; zeros where there is no ID block. */
  readonly idKey: string;
  /** Zero in versions before 5. */
  readonly launchMit: number;
  readonly currentMit: number;
  /** Whether REPORT_DATA is what the verifier expects. */
  readonly fresh: boolean;
  readonly crl: "checked" | "unavailable";
}

export const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const word = (bits: readonly number[]) => bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n);

/** What REPORT_DATA is where it is fresh. */
const FRESH = new Uint8Array(64).fill(0x5a);

function tcb(numbers: Numbers, line: Facts["line"]) {
  const [bootLoader, tee, snp, microcode, fmc = 0] = numbers;
  return { bootLoader, tee, snp, microcode, ...(line === "Turin" ? { fmc } : {}) };
}

/** The record of such a report. */
export function recordOf(facts: Facts): RecordOptions {
  const { line, version, firmware, committedFirmware, cpu } = facts;
  const masked = /^0+$/.test(facts.chipId);
  return {
    productLine: line,
    signingKey: facts.signer,
    revocation: facts.crl === "checked" ? {} : { status: facts.crl, number: null, thisUpdate: null, nextUpdate: null },
    ...(facts.signer === "VLEK" || masked ? {} : { hwId: bytes(facts.chipId).slice(0, line === "Turin" ? 8 : 64) }),
    report: {
      version,
      policy: word([...facts.policyBits, 17]) | BigInt(facts.abi[0] * 256 + facts.abi[1]),
      platformInfo: word(facts.platformBits),
      vmpl: facts.vmpl,
      measurement: bytes(facts.measurement),
      hostData: bytes(facts.hostData),
      chipId: bytes(facts.chipId),
      idKeyDigest: bytes(facts.idKey),
      reportData: facts.fresh ? FRESH : new Uint8Array(64),
      reportedTcb: tcb(facts.reported, line),
      launchTcb: tcb(facts.launch, line),
      currentMajor: firmware[0],
      currentMinor: firmware[1],
      currentBuild: firmware[2],
      committedMajor: committedFirmware[0],
      committedMinor: committedFirmware[1],
      committedBuild: committedFirmware[2],
      ...(version >= 3 ? { cpuidFamId: cpu[0], cpuidModId: cpu[1], cpuidStep: cpu[2] } : {}),
      ...(version >= 5 ? { launchMitVector: BigInt(facts.launchMit), currentMitVector: BigInt(facts.currentMit) } : {}),
    },
  };
}

/** What the verifier brings: made here of bytes, since how each scheme makes them is tested elsewhere. */
function expectedBy(policy: Policy): ExpectedReportData {
  const scheme = /"scheme":"([\w-]+)"/.exec(JSON.stringify(policy.document))?.[1];
  // Every imported policy names a scheme; bindReportData would want its parts.
  return keepExpected({ scheme: scheme as "exact", bytes: FRESH, publicKey: null, nonce: null, fromEvidence: [] });
}

/** How the policy decides. */
function accepts(policy: Policy, facts: Facts): boolean {
  const inputs = { now: new Date(VERIFIED_AT), reportData: expectedBy(policy) };
  return appraise(makeVerified(recordOf(facts)), policy, inputs).verdict === "accept";
}

/** A difference that is meant: where it may show, and words of the note that says so. */
export interface Meant {
  readonly kind: Extract<ImportNoteKind, "tightened" | "loosened">;
  readonly note: RegExp;
  readonly when: (facts: Facts) => boolean;
}

/** Another system's policy as imported, its documented rules, and where the two may part. */
export interface Case {
  readonly imported: Imported;
  readonly rule: (facts: Facts) => boolean;
  readonly meant: readonly Meant[];
}

/** A row of a table: what differs from the report that both accept, and how the two decide. */
export type Row = readonly [
  title: string,
  change: Partial<Facts>,
  decided: "accept" | "refuse" | "tightened" | "loosened",
];

/** How the two decide on one report. */
function decided(policy: Policy, { rule }: Case, facts: Facts): Row[2] {
  const here = accepts(policy, facts);
  if (here === rule(facts)) return here ? "accept" : "refuse";
  return here ? "loosened" : "tightened";
}

/** Runs a table; the imported policy and the rules must decide as it says, and every difference must have its note. */
export async function expectTable(system: Case, base: Facts, rows: readonly Row[]): Promise<void> {
  const policy = await definePolicy(system.imported.policy);
  expect(decided(policy, system, base)).toBe("accept");
  const found = rows.map(([title, change]) => [title, change, decided(policy, system, { ...base, ...change })]);
  expect(found).toEqual(rows);
  for (const [title, change, how] of rows) {
    if (how === "accept" || how === "refuse") continue;
    const reasons = system.meant.filter(({ kind, when }) => kind === how && when({ ...base, ...change }));
    expect(reasons, title).not.toEqual([]);
  }
  for (const { kind, note } of system.meant) {
    const said = system.imported.notes.filter((each) => each.kind === kind && note.test(each.text));
    expect(said, String(note)).not.toEqual([]);
  }
}

/** Every value that a fact has in some rows, and in the base. */
function variantsOf(base: Facts, rows: readonly Row[]): fc.Arbitrary<Facts> {
  const keys = Object.keys(base) as (keyof Facts)[];
  const entries = keys.map((key) => {
    const values = rows.flatMap(([, change]) => (change[key] === undefined ? [] : [change[key]]));
    const usual = fc.constant(base[key]);
    return [key, values.length === 0 ? usual : fc.oneof({ weight: 5, arbitrary: usual }, fc.constantFrom(...values))];
  });
  return fc.record(Object.fromEntries(entries)) as fc.Arbitrary<Facts>;
}

/** Random mixtures of what stands in a table: where the two differ, a difference that is meant must explain it. */
export async function expectMixtures(system: Case, base: Facts, rows: readonly Row[]): Promise<void> {
  const policy = await definePolicy(system.imported.policy);
  const seen = new Set<string>();
  fc.assert(
    fc.property(variantsOf(base, rows), (facts) => {
      const how = decided(policy, system, facts);
      seen.add(how);
      if (how === "accept" || how === "refuse") return true;
      return system.meant.some(({ kind, when }) => kind === how && when(facts));
    }),
    { numRuns: 250, seed: 20261122 },
  );
  expect(seen).toContain("accept");
  expect(seen).toContain("refuse");
}

/** A report that most policies of these tests accept. */
export const USUAL: Facts = {
  line: "Milan",
  signer: "VCEK",
  version: 5,
  cpu: [0x19, 0x01, 0x01],
  measurement: hex(48, 0x11),
  hostData: hex(32, 0x22),
  chipId: hex(64, 0x33),
  vmpl: 0,
  abi: [0, 31],
  policyBits: [16],
  platformBits: [0, 2, 5],
  reported: [4, 0, 24, 219],
  launch: [4, 0, 24, 219],
  firmware: [1, 55, 29],
  committedFirmware: [1, 55, 29],
  idKey: hex(48, 0),
  launchMit: 0xb,
  currentMit: 0xb,
  fresh: true,
  crl: "checked",
};

/** True where each number of a TCB is at or above its floor. */
export function reaches(actual: Numbers, floor: readonly number[]): boolean {
  return floor.every((least, at) => (actual[at] ?? Number.NaN) >= least);
}
