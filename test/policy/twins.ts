import type { GuestPolicyFlag, PlatformInfoFlag } from "../../src/policy/claims.js";
import { GUEST_POLICY_BITS } from "../../src/report/guest-policy.js";
import { PLATFORM_INFO_BITS } from "../../src/report/platform-info.js";
import type { ReportOptions } from "../../src/testing/index.js";
import { DAY, type RecordOptions, VERIFIED_AT } from "../support/records.js";

/** A block and two pieces of evidence that differ in one field; the second one fails the check. */
export interface Twins {
  readonly title: string;
  readonly snp: object;
  readonly passing: RecordOptions;
  readonly failing: RecordOptions;
  readonly id: string;
  readonly pointer: string;
  /** Other checks that the one field fails as well. */
  readonly also?: readonly string[];
}

const USUAL_POLICY = 0x30000n;
const filled = (length: number, byte: number) => new Uint8Array(length).fill(byte);
const hex = (length: number, byte: number) => byte.toString(16).padStart(2, "0").repeat(length);
const report = (fields: ReportOptions): RecordOptions => ({ report: fields });

type BytesKey = "measurement" | "hostData" | "familyId" | "imageId" | "reportId" | "reportIdMa";

/** What must stand beside a key, in the policy and in both reports. */
interface Beside {
  readonly snp?: object;
  readonly fields?: ReportOptions;
}

function bytesTwins(key: BytesKey, length: number, { snp: more = {}, fields = {} }: Beside = {}): Twins[] {
  const snp = { [key]: [hex(length, 0xaa), hex(length, 0xbb).toUpperCase()], ...more };
  const having = (value: Uint8Array) => report({ ...fields, [key]: value });
  const common = { id: `snp.${key}`, pointer: `/snp/${key}`, snp, failing: having(filled(length, 0xcc)) };
  return [
    { ...common, title: `${key}: the first of a list`, passing: having(filled(length, 0xaa)) },
    { ...common, title: `${key}: the last of a list, in capitals`, passing: having(filled(length, 0xbb)) },
    {
      ...common,
      title: `${key}: off in its last byte`,
      passing: having(filled(length, 0xaa)),
      failing: having(Uint8Array.from(filled(length, 0xaa), (byte, i) => (i === length - 1 ? 0xab : byte))),
    },
  ];
}

const guestFlags = GUEST_POLICY_BITS.rows.flatMap((row) =>
  "bit" in row && row.name !== "reservedOne"
    ? [{ name: row.name satisfies GuestPolicyFlag, mask: 1n << BigInt(row.bit) }]
    : [],
);
const platformFlags = PLATFORM_INFO_BITS.rows.map((row) => ({
  name: row.name satisfies PlatformInfoFlag,
  mask: 1n << BigInt(row.bit),
}));

function flagTwins(key: "guestPolicy" | "platformInfo", name: string, words: { set: bigint; clear: bigint }): Twins[] {
  const field = key === "guestPolicy" ? "policy" : "platformInfo";
  const id = `snp.${key}.${name}`;
  const pointer = `/snp/${key}/${name}`;
  // Debugging and migration are spoken of here, so that the strict default does not decide.
  const set = report({ [field]: words.set });
  const clear = report({ [field]: words.clear });
  return [
    { title: `${id} required`, snp: { [key]: { [name]: "required" } }, passing: set, failing: clear, id, pointer },
    { title: `${id} forbidden`, snp: { [key]: { [name]: "forbidden" } }, passing: clear, failing: set, id, pointer },
  ];
}

const FLAGS: Twins[] = [
  ...guestFlags.flatMap(({ name, mask }) => flagTwins("guestPolicy", name, { set: 0x20000n | mask, clear: 0x20000n })),
  ...platformFlags.flatMap(({ name, mask }) => flagTwins("platformInfo", name, { set: mask, clear: 0n })),
];

const TCB_FIELDS = ["reported", "committed", "launch", "current"] as const;
const FLOOR = { bootLoader: 4, tee: 0, snp: 24, microcode: 219 };

/** A report whose four TCBs are the chip's but for one component of one. */
function withTcb(name: (typeof TCB_FIELDS)[number], tcb: object, line: RecordOptions = {}): RecordOptions {
  return { ...line, report: { [`${name}Tcb`]: tcb } };
}

const TCBS: Twins[] = TCB_FIELDS.flatMap((name) =>
  (["bootLoader", "snp", "microcode"] as const).map((component) => ({
    title: `minimumTcb: ${name} below in ${component}, above in tee`,
    snp: { minimumTcb: { Milan: { [name]: FLOOR } } },
    passing: withTcb(name, { tee: 9 }),
    failing: withTcb(name, { tee: 9, [component]: FLOOR[component] - 1 }),
    id: `snp.minimumTcb.${name}`,
    pointer: "/snp/minimumTcb",
  })),
);

const TURIN: RecordOptions = { productLine: "Turin" };
const GENOA_CPU = { cpuidFamId: 0x19, cpuidModId: 0xa0, cpuidStep: 2 };
const MORE_TCBS: Twins[] = [
  {
    title: "minimumTcb: Turin below in fmc",
    snp: { minimumTcb: { Turin: { reported: { fmc: 1, snp: 4 } } } },
    passing: withTcb("reported", {}, TURIN),
    failing: withTcb("reported", { fmc: 0 }, TURIN),
    id: "snp.minimumTcb.reported",
    pointer: "/snp/minimumTcb",
  },
  {
    title: "minimumTcb: a line without a floor",
    snp: { minimumTcb: { Milan: { reported: { snp: 0 } } } },
    passing: { productLine: "Milan" },
    failing: { productLine: "Genoa" },
    id: "snp.minimumTcb.reported",
    pointer: "/snp/minimumTcb",
  },
  {
    title: "minimumTcb: a processor's own floor replaces its line's",
    snp: { minimumTcb: { Genoa: { reported: { microcode: 84 } }, "0x19-0xa0-0x02": { reported: { microcode: 85 } } } },
    passing: { productLine: "Genoa" },
    failing: { productLine: "Genoa", report: GENOA_CPU },
    id: "snp.minimumTcb.reported",
    pointer: "/snp/minimumTcb",
  },
  {
    title: "minimumTcb: a version 2 report names no processor",
    snp: { minimumTcb: { "0x19-0x01-0x01": { reported: { snp: 0 } } } },
    passing: report({ version: 3 }),
    failing: report({ version: 2 }),
    id: "snp.minimumTcb.reported",
    pointer: "/snp/minimumTcb",
  },
];

const digest = (byte: number) => filled(48, byte);
const ID_BLOCK: Twins[] = [
  {
    title: "idBlock required",
    snp: { idBlock: { required: true } },
    passing: report({ idKeyDigest: digest(1) }),
    failing: report({ idKeyDigest: digest(0) }),
    id: "snp.idBlock.required",
    pointer: "/snp/idBlock/required",
  },
  {
    title: "idBlock: trusted ID keys",
    snp: { idBlock: { idKeyDigests: [hex(48, 2), hex(48, 1)] } },
    passing: report({ idKeyDigest: digest(1) }),
    failing: report({ idKeyDigest: digest(3) }),
    id: "snp.idBlock.idKeyDigests",
    pointer: "/snp/idBlock/idKeyDigests",
  },
  {
    title: "idBlock not required: one that is there must be trusted",
    snp: { idBlock: { required: false, idKeyDigests: [hex(48, 1)] } },
    passing: report({ idKeyDigest: digest(0) }),
    failing: report({ idKeyDigest: digest(3) }),
    id: "snp.idBlock.idKeyDigests",
    pointer: "/snp/idBlock/idKeyDigests",
  },
  {
    title: "idBlock: trusted author keys",
    snp: { idBlock: { authorKeyDigests: [hex(48, 4)] } },
    passing: report({ keyInfo: 1, idKeyDigest: digest(1), authorKeyDigest: digest(4) }),
    failing: report({ keyInfo: 1, idKeyDigest: digest(1), authorKeyDigest: digest(5) }),
    id: "snp.idBlock.authorKeyDigests",
    pointer: "/snp/idBlock/authorKeyDigests",
  },
  {
    title: "idBlock: an author key digest without AUTHOR_KEY_EN",
    snp: { idBlock: { authorKeyDigests: [hex(48, 4)] } },
    passing: report({ keyInfo: 1, idKeyDigest: digest(1), authorKeyDigest: digest(4) }),
    failing: report({ keyInfo: 0, idKeyDigest: digest(1), authorKeyDigest: digest(4) }),
    id: "snp.idBlock.authorKeyDigests",
    pointer: "/snp/idBlock/authorKeyDigests",
    also: ["snp.idBlock.consistent"],
  },
  {
    title: "idBlock: an author digest of zeros never matches",
    snp: { idBlock: { authorKeyDigests: [hex(48, 4)] } },
    passing: report({ keyInfo: 1, idKeyDigest: digest(1), authorKeyDigest: digest(4) }),
    failing: report({ keyInfo: 1, idKeyDigest: digest(1), authorKeyDigest: digest(0) }),
    id: "snp.idBlock.authorKeyDigests",
    pointer: "/snp/idBlock/authorKeyDigests",
    also: ["snp.idBlock.consistent"],
  },
  {
    title: "idBlock not required: no author key is no trusted one where there is an ID block",
    snp: { idBlock: { required: false, authorKeyDigests: [hex(48, 4)] } },
    passing: report({ idKeyDigest: digest(0) }),
    failing: report({ idKeyDigest: digest(3) }),
    id: "snp.idBlock.authorKeyDigests",
    pointer: "/snp/idBlock/authorKeyDigests",
  },
];

/** Reports that no firmware writes, each beside one that it does. */
const CONTRADICTIONS: Twins[] = (
  [
    ["a family", { familyId: filled(16, 1) }],
    ["an image", { imageId: filled(16, 2) }],
    ["an SVN", { guestSvn: 9 }],
    ["an author key", { keyInfo: 1, authorKeyDigest: digest(4) }],
    ["an author digest", { authorKeyDigest: digest(4) }],
    ["AUTHOR_KEY_EN", { keyInfo: 1 }],
  ] as const
).map(([what, fields]) => ({
  title: `idBlock: ${what} without an ID block`,
  snp: { idBlock: { required: false } },
  passing: report({}),
  failing: report(fields),
  id: "snp.idBlock.consistent",
  pointer: "/snp/idBlock",
}));
const BLOCK_WITHOUT_AUTHOR: Twins[] = (
  [
    ["an author digest without AUTHOR_KEY_EN", { authorKeyDigest: digest(4) }],
    ["AUTHOR_KEY_EN without an author digest", { keyInfo: 1 }],
  ] as const
).map(([what, fields]) => ({
  title: `idBlock: ${what}`,
  snp: { idBlock: { idKeyDigests: [hex(48, 1)] } },
  passing: report({ idKeyDigest: digest(1), guestSvn: 9, familyId: filled(16, 1), imageId: filled(16, 2) }),
  failing: report({ idKeyDigest: digest(1), guestSvn: 9, familyId: filled(16, 1), imageId: filled(16, 2), ...fields }),
  id: "snp.idBlock.consistent",
  pointer: "/snp/idBlock",
}));

/** What an ID block says, listed as zeros: nobody has said it where there is none. */
const UNSIGNED: Twins[] = (
  [
    ["familyId", [hex(16, 0)]],
    ["imageId", [hex(16, 0)]],
    ["guestSvn", { minimum: 0 }],
  ] as const
).map(([key, said]) => ({
  title: `${key}: zeros that an ID block says, and zeros that nobody says`,
  snp: { [key]: said, idBlock: { required: false, idKeyDigests: [hex(48, 1)] } },
  passing: report({ idKeyDigest: digest(1) }),
  failing: report({ idKeyDigest: digest(0) }),
  id: `snp.${key}`,
  pointer: `/snp/${key}`,
}));

const chip = (byte: number, length = 64): ReportOptions => {
  const chipId = new Uint8Array(64);
  chipId.fill(byte, 0, length);
  return { chipId };
};
const VLEK: RecordOptions = { signingKey: "VLEK" };

const IDENTITY: Twins[] = [
  {
    title: "productLine",
    snp: { productLine: ["Genoa", "Turin"] },
    passing: { productLine: "Turin" },
    failing: { productLine: "Milan" },
    id: "snp.productLine",
    pointer: "/snp/productLine",
  },
  {
    title: "signingKey: VCEK alone",
    snp: { signingKey: ["VCEK"] },
    passing: {},
    failing: VLEK,
    id: "snp.signingKey",
    pointer: "/snp/signingKey",
  },
  {
    title: "signingKey: VLEK alone",
    snp: { signingKey: ["VLEK"], cspId: "any" },
    passing: VLEK,
    failing: {},
    id: "snp.signingKey",
    pointer: "/snp/signingKey",
  },
  {
    title: "cspId",
    snp: { signingKey: ["VLEK"], cspId: ["CN=one.example", "CN=two.example"] },
    passing: { ...VLEK, cspId: "CN=two.example" },
    failing: { ...VLEK, cspId: "CN=two.example " },
    id: "snp.cspId",
    pointer: "/snp/cspId",
  },
  {
    title: "cspId of a VLEK without one",
    snp: { signingKey: ["VLEK"], cspId: ["CN=one.example"] },
    passing: { ...VLEK, cspId: "CN=one.example" },
    failing: { ...VLEK, cspId: null },
    id: "snp.cspId",
    pointer: "/snp/cspId",
  },
  {
    title: "chipId of 64 bytes",
    snp: { chipId: [hex(64, 0xa1), hex(64, 0xa2)] },
    passing: report(chip(0xa2)),
    failing: report(chip(0xa3)),
    id: "snp.chipId",
    pointer: "/snp/chipId",
  },
  {
    title: "chipId of 8 bytes means the rest is zero",
    snp: { chipId: [hex(8, 0xa1)] },
    passing: report(chip(0xa1, 8)),
    failing: report(chip(0xa1, 9)),
    id: "snp.chipId",
    pointer: "/snp/chipId",
  },
  {
    title: "chipId: masked only by its word",
    snp: { chipId: [hex(64, 0xa1)] },
    passing: report(chip(0xa1)),
    failing: report(chip(0)),
    id: "snp.chipId",
    pointer: "/snp/chipId",
  },
  {
    title: "chipId: the word masked accepts nothing else",
    snp: { chipId: ["masked"] },
    passing: report(chip(0)),
    failing: report(chip(0xa1)),
    id: "snp.chipId",
    pointer: "/snp/chipId",
  },
  {
    title: "vmpl",
    snp: { vmpl: [0, 2] },
    passing: report({ vmpl: 2 }),
    failing: report({ vmpl: 1 }),
    id: "snp.vmpl",
    pointer: "/snp/vmpl",
  },
  {
    title: "vmpl asked for by the host, all levels listed",
    snp: { vmpl: [0, 1, 2, 3] },
    passing: report({ vmpl: 3 }),
    failing: report({ vmpl: 0xffffffff }),
    id: "snp.vmpl",
    pointer: "/snp/vmpl",
  },
];

const abi = (major: number, minor: number) => report({ policy: USUAL_POLICY | BigInt((major << 8) | minor) });
const ABI = { snp: { guestPolicy: { minimumAbi: { major: 1, minor: 31 } } }, id: "snp.guestPolicy.minimumAbi" };
const OTHERS: Twins[] = [
  {
    title: "minimumAbi: minor",
    ...ABI,
    passing: abi(1, 31),
    failing: abi(1, 30),
    pointer: "/snp/guestPolicy/minimumAbi",
  },
  {
    title: "minimumAbi: major",
    ...ABI,
    passing: abi(2, 0),
    failing: abi(0, 255),
    pointer: "/snp/guestPolicy/minimumAbi",
  },
  {
    title: "guestPolicy: unknown bits",
    snp: { guestPolicy: { unknownBits: "forbidden" } },
    passing: report({ policy: USUAL_POLICY }),
    failing: report({ policy: USUAL_POLICY | (1n << 63n) }),
    id: "snp.guestPolicy.unknownBits",
    pointer: "/snp/guestPolicy/unknownBits",
  },
  {
    title: "platformInfo: unknown bits",
    snp: { platformInfo: { unknownBits: "forbidden" } },
    passing: report({ platformInfo: 0x25n }),
    failing: report({ platformInfo: 0x65n }),
    id: "snp.platformInfo.unknownBits",
    pointer: "/snp/platformInfo/unknownBits",
  },
  {
    title: "reportData: exact bytes",
    snp: { reportData: { exact: hex(64, 0xdd).toUpperCase() } },
    passing: report({ reportData: filled(64, 0xdd) }),
    failing: report({ reportData: Uint8Array.from(filled(64, 0xdd), (byte, i) => (i === 63 ? 0 : byte)) }),
    id: "snp.reportData",
    pointer: "/snp/reportData",
  },
  {
    title: "revocation: stale is no checked",
    snp: { revocation: { status: "checked" } },
    passing: {},
    failing: { revocation: { status: "stale" } },
    id: "snp.revocation.status",
    pointer: "/snp/revocation/status",
  },
  {
    title: "revocation: stale accepts no unavailable",
    snp: { revocation: { status: "stale" } },
    passing: { revocation: { status: "stale" } },
    failing: { revocation: { status: "unavailable" } },
    id: "snp.revocation.status",
    pointer: "/snp/revocation/status",
  },
  {
    title: "revocation: unavailable accepts no skipped",
    snp: { revocation: { status: "unavailable" } },
    passing: { revocation: { status: "unavailable" } },
    failing: { revocation: { status: "skipped" } },
    id: "snp.revocation.status",
    pointer: "/snp/revocation/status",
  },
  {
    title: "revocation: the greatest age of the CRL",
    snp: { revocation: { maxAgeSeconds: 86_400 } },
    passing: { revocation: { thisUpdate: VERIFIED_AT - DAY } },
    failing: { revocation: { thisUpdate: VERIFIED_AT - DAY - 1 } },
    id: "snp.revocation.maxAgeSeconds",
    pointer: "/snp/revocation/maxAgeSeconds",
  },
  {
    title: "revocation: no CRL has no age",
    snp: { revocation: { status: "skipped", maxAgeSeconds: 86_400 } },
    passing: { revocation: { status: "skipped", thisUpdate: VERIFIED_AT } },
    failing: { revocation: { status: "skipped", thisUpdate: null } },
    id: "snp.revocation.maxAgeSeconds",
    pointer: "/snp/revocation/maxAgeSeconds",
  },
  {
    title: "reserved: KEY_INFO",
    snp: { reserved: "zero" },
    passing: report({ keyInfo: 0 }),
    failing: report({ keyInfo: 0x20 }),
    id: "snp.reserved.keyInfo",
    pointer: "/snp/reserved",
  },
  {
    title: "reserved: bytes",
    snp: { reserved: "zero" },
    passing: report({ patch: [{ offset: 0x29f, bytes: filled(1, 0) }] }),
    failing: report({ patch: [{ offset: 0x29f, bytes: filled(1, 1) }] }),
    id: "snp.reserved.bytes",
    pointer: "/snp/reserved",
  },
];

const CPU = (stepping: number) => report({ cpuidFamId: 0x19, cpuidModId: 0x11, cpuidStep: stepping });
const WHERE: Twins[] = [
  {
    title: "cpu",
    snp: { cpu: ["0x19-0x11-0x01", "0x1a-0x02-0x01"] },
    passing: { ...CPU(1), productLine: "Genoa" },
    failing: { ...CPU(2), productLine: "Genoa" },
    id: "snp.cpu",
    pointer: "/snp/cpu",
  },
  {
    title: "cpu: a version 2 report names none",
    snp: { cpu: ["0x19-0x01-0x01"] },
    passing: report({ version: 3 }),
    failing: report({ version: 2 }),
    id: "snp.cpu",
    pointer: "/snp/cpu",
  },
  {
    title: "reportVersion: below the minimum",
    snp: { reportVersion: { minimum: 3 } },
    passing: report({ version: 3 }),
    failing: report({ version: 2 }),
    id: "snp.reportVersion",
    pointer: "/snp/reportVersion",
  },
  {
    title: "reportVersion: above the maximum",
    snp: { reportVersion: { minimum: 2, maximum: 3 } },
    passing: report({ version: 3 }),
    failing: report({ version: 5 }),
    id: "snp.reportVersion",
    pointer: "/snp/reportVersion",
  },
  {
    title: "denyChips by CHIP_ID",
    snp: { denyChips: [hex(8, 0xa1), hex(64, 0xa2).toUpperCase()] },
    passing: report(chip(0xa3)),
    failing: report(chip(0xa2)),
    id: "snp.denyChips",
    pointer: "/snp/denyChips",
  },
  {
    title: "denyChips of 8 bytes",
    snp: { denyChips: [hex(8, 0xa1)] },
    passing: report(chip(0xa1, 9)),
    failing: report(chip(0xa1, 8)),
    id: "snp.denyChips",
    pointer: "/snp/denyChips",
  },
  {
    title: "denyChips by the VCEK of a masked chip",
    snp: { denyChips: [hex(64, 0xa1)] },
    passing: { ...report(chip(0)), hwId: filled(64, 0xa2) },
    failing: { ...report(chip(0)), hwId: filled(64, 0xa1) },
    id: "snp.denyChips",
    pointer: "/snp/denyChips",
  },
  {
    title: "denyChips by a Turin's VCEK",
    snp: { denyChips: [hex(8, 0xa1)] },
    passing: { ...report(chip(0)), hwId: filled(8, 0xa2) },
    failing: { ...report(chip(0)), hwId: filled(8, 0xa1) },
    id: "snp.denyChips",
    pointer: "/snp/denyChips",
  },
  {
    title: "denyCertificates: the leaf",
    snp: { denyCertificates: [hex(32, 0xd1), hex(32, 0xdd).toUpperCase()] },
    passing: { fingerprints: { leaf: hex(32, 0xde) } },
    failing: { fingerprints: { leaf: hex(32, 0xdd) } },
    id: "snp.denyCertificates.leaf",
    pointer: "/snp/denyCertificates",
  },
  {
    title: "denyCertificates: the intermediate",
    snp: { denyCertificates: [hex(32, 0xdd)] },
    passing: { fingerprints: { intermediate: hex(32, 0xde) } },
    failing: { fingerprints: { intermediate: hex(32, 0xdd) } },
    id: "snp.denyCertificates.intermediate",
    pointer: "/snp/denyCertificates",
  },
];

const signed = (guestSvn: number) => report({ idKeyDigest: digest(1), guestSvn });
const GUEST_SVN = { idBlock: { idKeyDigests: [hex(48, 1)] }, guestSvn: { minimum: 5 } };
const firmware = (name: "current" | "committed", [major, minor, build]: readonly [number, number, number]) =>
  report({ [`${name}Major`]: major, [`${name}Minor`]: minor, [`${name}Build`]: build });
const BUILDS = (["current", "committed"] as const).flatMap((name): Twins[] => {
  const common = { id: `snp.minimumFirmware.${name}`, pointer: `/snp/minimumFirmware/${name}` };
  const snp = { minimumFirmware: { [name]: { major: 1, minor: 55, build: 29 } } };
  return [
    {
      ...common,
      snp,
      title: `minimumFirmware: ${name}, build`,
      passing: firmware(name, [1, 55, 29]),
      failing: firmware(name, [1, 55, 28]),
    },
    {
      ...common,
      snp,
      title: `minimumFirmware: ${name}, minor`,
      passing: firmware(name, [1, 56, 0]),
      failing: firmware(name, [1, 54, 99]),
    },
    {
      ...common,
      snp,
      title: `minimumFirmware: ${name}, major`,
      passing: firmware(name, [2, 0, 0]),
      failing: firmware(name, [0, 99, 99]),
    },
  ];
});
const VECTORS = (["launch", "current"] as const).flatMap((name): Twins[] => {
  const common = { id: `snp.mitigations.${name}`, pointer: `/snp/mitigations/${name}` };
  const vector = (bits: bigint) => report({ version: 5, [`${name}MitVector`]: bits });
  return [
    {
      ...common,
      snp: { mitigations: { [name]: [0, 1, 3] } },
      title: `mitigations: ${name}`,
      passing: vector(0x10fn),
      failing: vector(0x109n),
    },
    {
      ...common,
      snp: { mitigations: { [name]: [63] } },
      title: `mitigations: ${name}, the last bit`,
      passing: vector(1n << 63n),
      failing: vector((1n << 63n) - 1n),
    },
    {
      ...common,
      snp: { mitigations: { [name]: [0] } },
      title: `mitigations: ${name}, below version 5`,
      passing: vector(1n),
      failing: report({ version: 3 }),
    },
  ];
});
const SIGNED: Beside = { snp: { idBlock: { idKeyDigests: [hex(48, 1)] } }, fields: { idKeyDigest: digest(1) } };
const GUEST_AND_FIRMWARE: Twins[] = [
  {
    title: "guestSvn",
    snp: GUEST_SVN,
    passing: signed(5),
    failing: signed(4),
    id: "snp.guestSvn",
    pointer: "/snp/guestSvn",
  },
  {
    title: "guestSvn above 31 bits",
    snp: { ...GUEST_SVN, guestSvn: { minimum: 0x80000001 } },
    passing: signed(0x80000001),
    failing: signed(0x80000000),
    id: "snp.guestSvn",
    pointer: "/snp/guestSvn",
  },
  ...BUILDS,
  ...VECTORS,
  {
    title: "provisionalFirmware: the TCB",
    snp: { provisionalFirmware: "forbidden" },
    passing: withTcb("committed", FLOOR),
    failing: withTcb("committed", { ...FLOOR, snp: 23 }),
    id: "snp.provisionalFirmware.tcb",
    pointer: "/snp/provisionalFirmware",
  },
  {
    title: "provisionalFirmware: the version",
    snp: { provisionalFirmware: "forbidden" },
    passing: report({ currentBuild: 29, committedBuild: 29 }),
    failing: report({ currentBuild: 30, committedBuild: 29 }),
    id: "snp.provisionalFirmware.version",
    pointer: "/snp/provisionalFirmware",
  },
];

/** Every key of the language with evidence that it accepts and refuses. */
export const TWINS: readonly Twins[] = [
  ...bytesTwins("measurement", 48),
  ...bytesTwins("hostData", 32),
  ...bytesTwins("familyId", 16, SIGNED),
  ...bytesTwins("imageId", 16, SIGNED),
  ...bytesTwins("reportId", 32),
  ...bytesTwins("reportIdMa", 32),
  ...WHERE,
  ...GUEST_AND_FIRMWARE,
  ...IDENTITY,
  ...FLAGS,
  ...TCBS,
  ...MORE_TCBS,
  ...ID_BLOCK,
  ...CONTRADICTIONS,
  ...BLOCK_WITHOUT_AUTHOR,
  ...UNSIGNED,
  ...OTHERS,
];
