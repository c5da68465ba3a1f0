import type { RecordOptions } from "../../support/records.js";
import { DAY, VERIFIED_AT } from "../../support/records.js";
import type { Asked } from "./support.js";

const fill = (length: number, byte: number) => new Uint8Array(length).fill(byte);

/** TCBs of 4, 0, 24, 219: as a number of Milan's layout, 0xdb18000000000004. */
const TCB = { bootLoader: 4, tee: 0, snp: 24, microcode: 219 } as const;

/** What a guest with an ID block, signed by an author, reports on a Milan host. */
const LAUNCHED = {
  guestSvn: 5,
  policy: 0x30000n,
  familyId: fill(16, 0xfa),
  imageId: fill(16, 0x1a),
  vmpl: 0,
  platformInfo: 0x25n,
  keyInfo: 1,
  reportData: fill(64, 0xda),
  measurement: fill(48, 0x5a),
  hostData: fill(32, 0x4d),
  idKeyDigest: fill(48, 0x1d),
  authorKeyDigest: fill(48, 0xa4),
  reportId: fill(32, 0x1b),
  reportIdMa: fill(32, 0xff),
  chipId: fill(64, 0xc1),
  reportedTcb: TCB,
  currentTcb: TCB,
  committedTcb: TCB,
  launchTcb: TCB,
  currentMajor: 1,
  currentMinor: 55,
  currentBuild: 29,
  committedMajor: 1,
  committedMinor: 55,
  committedBuild: 29,
} as const;

type Fields = NonNullable<RecordOptions["report"]>;

/** What the usual report of a table may have instead, so that the source accepts it. */
export interface Usual extends Fields {
  readonly policy?: bigint;
  readonly platformInfo?: bigint;
}

const NO_ID_BLOCK = {
  guestSvn: 0,
  familyId: fill(16, 0),
  imageId: fill(16, 0),
  idKeyDigest: fill(48, 0),
  authorKeyDigest: fill(48, 0),
  keyInfo: 0,
};

const NO_AUTHOR = { authorKeyDigest: fill(48, 0), keyInfo: 0 };
const TCBS = ["reportedTcb", "currentTcb", "committedTcb", "launchTcb"] as const;
const other = { measurement: 48, reportData: 64, hostData: 32, reportId: 32, reportIdMa: 32, chipId: 64 } as const;
const policyBits = {
  smt: 16,
  migrateMa: 18,
  debug: 19,
  singleSocket: 20,
  cxl: 21,
  aes: 22,
  rapl: 23,
  hiding: 24,
  swap: 25,
};
const platformBits = { smt: 0, tsme: 1, ecc: 2, rapl: 3, hiding: 4, alias: 5, nameless: 6, tio: 7 };

type Version = readonly [major: number, minor: number, build: number];

function firmware(current: Version, committed = current): Fields {
  const [currentMajor, currentMinor, currentBuild] = current;
  const [committedMajor, committedMinor, committedBuild] = committed;
  return { currentMajor, currentMinor, currentBuild, committedMajor, committedMinor, committedBuild };
}

function turned(word: bigint, bits: Readonly<Record<string, number>>, field: "policy" | "platformInfo") {
  const entries = Object.entries(bits).map(([name, at]): [string, Fields] => {
    return [`${field} ${name} turned`, { [field]: word ^ (1n << BigInt(at)) }];
  });
  return Object.fromEntries(entries);
}

/** Fields of the report that differ from the usual one, by what that makes of it. */
function fieldTables(policy: bigint, platformInfo: bigint): Readonly<Record<string, Fields>> {
  const abi = (number: bigint) => ({ policy: (policy & ~0xffffn) | number });
  return {
    "as launched": {},
    ...Object.fromEntries(
      Object.entries(other).map(([name, length]) => [`another ${name}`, { [name]: fill(length, 0x99) }]),
    ),
    "a masked chip": { chipId: fill(64, 0) },
    "VMPL 1": { vmpl: 1 },
    "VMPL 3": { vmpl: 3 },
    "asked for by the host": { vmpl: 0xffff_ffff },
    ...turned(policy, policyBits, "policy"),
    "policy of ABI 1.50": abi(0x132n),
    "policy of ABI 1.55": abi(0x137n),
    "policy of ABI 2.0": abi(0x200n),
    "policy with bit 26": { policy: policy | (1n << 26n) },
    ...turned(platformInfo, platformBits, "platformInfo"),
    "reported SNP below": { reportedTcb: { ...TCB, snp: 23 } },
    "reported microcode below": { reportedTcb: { ...TCB, microcode: 218 } },
    "reported boot loader below, microcode above": { reportedTcb: { ...TCB, bootLoader: 3, microcode: 255 } },
    "all TCBs above": Object.fromEntries(TCBS.map((name) => [name, { ...TCB, tee: 1, snp: 25 }])),
    "launch SNP below": { launchTcb: { ...TCB, snp: 23 } },
    "committed below current": { currentTcb: { ...TCB, microcode: 220 } },
    "firmware 1.54.40": firmware([1, 54, 40]),
    "firmware 1.55.20": firmware([1, 55, 20]),
    "firmware 1.55.21": firmware([1, 55, 21]),
    "firmware 1.58.3": firmware([1, 58, 3]),
    "firmware 2.0.30": firmware([2, 0, 30]),
    "committed build below": firmware([1, 55, 29], [1, 55, 20]),
    "committed version below": firmware([1, 56, 29], [1, 54, 29]),
    "no ID block": NO_ID_BLOCK,
    "another ID key": { idKeyDigest: fill(48, 0x99) },
    "another author key": { authorKeyDigest: fill(48, 0x99) },
    "another ID key and author key": { idKeyDigest: fill(48, 0x99), authorKeyDigest: fill(48, 0x98) },
    "no author key": NO_AUTHOR,
    "no author key, another ID key": { ...NO_AUTHOR, idKeyDigest: fill(48, 0x99) },
    "another family": { familyId: fill(16, 0x99) },
    "another family, another author": { familyId: fill(16, 0x99), authorKeyDigest: fill(48, 0x99) },
    "another image": { imageId: fill(16, 0x99) },
    "an older guest": { guestSvn: 4 },
    "a newer guest": { guestSvn: 6 },
    "an older guest of another author": { guestSvn: 4, authorKeyDigest: fill(48, 0x99) },
    "an early Milan stepping": { cpuidStep: 0 },
    "a version 2 report": { version: 2 },
    "KEY_INFO with a bit that nobody knows": { keyInfo: 0x21 },
  };
}

/** What differs beside the report's own fields, by what that makes of it. */
const ELSEWHERE: Readonly<Record<string, RecordOptions>> = {
  "a Genoa host": { productLine: "Genoa" },
  "a Bergamo host": { productLine: "Genoa", report: { cpuidModId: 0xa0, cpuidStep: 2 } },
  "a Turin host": { productLine: "Turin" },
  "a Turin host with a higher FMC": { productLine: "Turin", report: { reportedTcb: { ...TCB, fmc: 9 } } },
  "a Turin host with lower microcode": { productLine: "Turin", report: { reportedTcb: { ...TCB, microcode: 218 } } },
  "signed by a VLEK": { signingKey: "VLEK", report: { keyInfo: 5 } },
  "a late CRL": { revocation: { status: "stale", usableUntil: VERIFIED_AT + DAY } },
  "no CRL": { revocation: { status: "skipped", number: null, thisUpdate: null, nextUpdate: null } },
  "an expired leaf": { notAfter: { leaf: VERIFIED_AT - 1, intermediate: VERIFIED_AT + DAY } },
};

/** The reports that every source is asked about: the usual one, and ones that differ from it in one thing. */
function reportsLike(usual: Usual = {}): Readonly<Record<string, RecordOptions>> {
  const base = { ...LAUNCHED, ...usual };
  const fields = Object.entries(fieldTables(base.policy, base.platformInfo)).map(([name, report]) => [
    name,
    { report },
  ]);
  const all: Readonly<Record<string, RecordOptions>> = { ...Object.fromEntries(fields), ...ELSEWHERE };
  const entries = Object.entries(all).map(([name, more]) => [name, { ...more, report: { ...base, ...more.report } }]);
  return Object.fromEntries(entries);
}

/** All of them, and for some why the source and the policy differ. Every name must be that of a report. */
export function askAll(
  differing: Readonly<Record<string, RegExp>>,
  usual: Usual = {},
): Readonly<Record<string, Asked>> {
  const reports = reportsLike(usual);
  for (const name of Object.keys(differing)) if (reports[name] === undefined) throw new Error(`no report "${name}"`);
  const entries = Object.entries(reports).map(([name, evidence]) => {
    const differs = differing[name];
    return [name, differs === undefined ? { evidence } : { evidence, differs }] as const;
  });
  return Object.fromEntries(entries);
}
