import fc from "fast-check";
import type { ReportOptions } from "../../src/testing/index.js";
import { DAY, type RecordOptions, VERIFIED_AT } from "../support/records.js";
import { OPEN } from "./support.js";

/**
 * Blocks and evidence of few values, so that random policies and random reports meet: what one says the other has often
 * enough for both verdicts.
 */

const BYTE = [0, 0xaa, 0xbb] as const;
const byte = fc.constantFrom(...BYTE);
const hex = (length: number, value: number) => value.toString(16).padStart(2, "0").repeat(length);
const filled = (length: number) => byte.map((value) => new Uint8Array(length).fill(value));

/** An allow-list of byte strings, in capitals now and then. */
function hexList(length: number, values: readonly number[] = BYTE) {
  const entry = fc.constantFrom(...values.flatMap((value) => [hex(length, value), hex(length, value).toUpperCase()]));
  return fc.array(entry, { minLength: 1, maxLength: 3 });
}

/** Some of a few words, at least one. */
function some<const Word>(...words: readonly Word[]) {
  return fc.subarray([...words], { minLength: 1 });
}

/** Some of a few keys, at least one. */
function saying(keys: Record<string, fc.Arbitrary<unknown>>) {
  return fc.record(keys, { requiredKeys: [] }).filter((value) => Object.keys(value).length > 0);
}

const bitWord = fc.constantFrom("required", "forbidden", "any");
const unknownBits = fc.constantFrom("forbidden", "any");
const version = fc.record({
  major: fc.constantFrom(0, 1),
  minor: fc.constantFrom(0, 55),
  build: fc.constantFrom(0, 29),
});
const floor = saying({ bootLoader: fc.nat(5), snp: fc.constantFrom(3, 24, 25), microcode: fc.constantFrom(8, 219) });
const floors = saying({ reported: floor, committed: floor, launch: floor, current: floor });
const noZeros = [0xaa, 0xbb];

/** What each key of the block can say here. */
export const SAYINGS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  productLine: some("Milan", "Genoa", "Turin"),
  cpu: some("0x19-0x01-0x01", "0x19-0x11-0x01"),
  reportVersion: saying({ minimum: fc.constantFrom(2, 3), maximum: fc.constantFrom(3, 5) }),
  signingKey: some("VCEK", "VLEK"),
  cspId: fc.oneof(fc.constant("any"), some("CN=cc.provider.example", "CN=other.example")),
  chipId: fc.oneof(hexList(64, noZeros), fc.constant(["masked"]), fc.constant(["masked", hex(8, 0xaa)])),
  denyChips: hexList(64, noZeros),
  denyCertificates: hexList(32, [0x1e, 0xbb]),
  measurement: fc.oneof(fc.constant("any"), hexList(48)),
  hostData: hexList(32),
  familyId: hexList(16),
  imageId: hexList(16),
  reportId: hexList(32),
  reportIdMa: hexList(32, [0xff, 0xaa]),
  guestSvn: fc.record({ minimum: fc.constantFrom(0, 1, 5) }),
  vmpl: some(0, 1, 2, 3),
  guestPolicy: saying({ smt: bitWord, debug: bitWord, migrateMa: bitWord, singleSocket: bitWord, unknownBits }),
  platformInfo: saying({ smtEn: bitWord, eccEn: bitWord, aliasCheckComplete: bitWord, unknownBits }),
  minimumTcb: fc.oneof(fc.constant("any"), saying({ Milan: floors, Genoa: floors, "0x19-0x01-0x01": floors })),
  minimumFirmware: saying({ current: version, committed: version }),
  provisionalFirmware: fc.constantFrom("forbidden", "any"),
  mitigations: saying({ launch: some(0, 1, 63), current: some(0, 1, 63) }),
  advisories: fc.constant({ ids: ["AMD-SB-1"], dataSet: hex(48, 0xad), maxAgeSeconds: 1 }),
  idBlock: saying({
    required: fc.boolean(),
    idKeyDigests: hexList(48, noZeros),
    authorKeyDigests: hexList(48, noZeros),
  }),
  revocation: saying({
    status: fc.constantFrom("checked", "stale", "unavailable", "skipped"),
    maxAgeSeconds: fc.constantFrom(86_400, 8_640_000),
  }),
  reserved: fc.constantFrom("zero", "any"),
};

type Block = Readonly<Record<string, unknown>>;

/** The block with what its keys ask for beside them. */
function inCompany(block: Block): Block {
  const { signingKey, idBlock, familyId, imageId, guestSvn } = block;
  const vlek = Array.isArray(signingKey) && signingKey.includes("VLEK");
  const signed = [familyId, imageId, guestSvn].some((said) => said !== undefined);
  return {
    ...(vlek ? { cspId: "any" } : {}),
    ...block,
    ...(signed ? { idBlock: { idKeyDigests: [hex(48, 0xaa)], ...(idBlock ?? {}) } } : {}),
  };
}

/** A block with the decisions made, if only by the word "any", and at most some other keys. */
export const anyBlock: fc.Arbitrary<Block> = fc
  .subarray(Object.keys(SAYINGS), { maxLength: 6 })
  .chain((keys) => fc.record(Object.fromEntries(keys.map((key) => [key, SAYINGS[key] ?? fc.constant(null)]))))
  .map((block) => inCompany({ ...OPEN, ...block }));

/** What holds by default, said. */
const SPOKEN = {
  signingKey: ["VCEK"],
  vmpl: [0, 1, 2, 3],
  guestPolicy: { debug: "forbidden", migrateMa: "forbidden", unknownBits: "forbidden" },
  revocation: { status: "checked" },
  reserved: "zero",
};

function withSpoken(block: Block): Block {
  const { guestPolicy = {}, revocation = {} } = block;
  return inCompany({
    ...SPOKEN,
    ...block,
    guestPolicy: { ...SPOKEN.guestPolicy, ...(guestPolicy as object) },
    revocation: { ...SPOKEN.revocation, ...(revocation as object) },
  });
}

/** A block that speaks of every strict default, so that none of them ties one block to another. */
export const outspokenBlock = anyBlock.map(withSpoken);

type Rule = object;

/** A rule of blocks. */
export function ruleOf(block: fc.Arbitrary<Block>): fc.Arbitrary<Rule> {
  const { rule } = fc.letrec<{ rule: Rule; leaf: Rule; branch: Rule }>((tie) => ({
    rule: fc.oneof({ depthSize: "small", maxDepth: 2 }, tie("leaf"), tie("branch")),
    leaf: block.map((snp) => ({ snp })),
    branch: fc
      .tuple(fc.constantFrom("allOf", "anyOf"), fc.array(tie("rule"), { minLength: 1, maxLength: 3 }))
      .map(([kind, members]) => ({ [kind]: members })),
  }));
  return rule;
}

const tcb = fc.record({ snp: fc.constantFrom(3, 24), microcode: fc.constantFrom(8, 219) });
const WORDS = [0n, 0x4n, 0x25n, 0x65n] as const;

const report: fc.Arbitrary<ReportOptions> = fc.record(
  {
    version: fc.constantFrom(2, 3, 4, 5),
    policy: fc.constantFrom(0x30000n, 0x20000n, 0xb0000n, 0x70000n, 0x130000n, 0x4030000n),
    platformInfo: fc.constantFrom(...WORDS),
    keyInfo: fc.constantFrom(0, 1, 0x20),
    vmpl: fc.constantFrom(0, 1, 3, 0xffffffff),
    measurement: filled(48),
    hostData: filled(32),
    familyId: filled(16),
    imageId: filled(16),
    reportId: filled(32),
    guestSvn: fc.constantFrom(0, 1, 9),
    idKeyDigest: filled(48),
    authorKeyDigest: filled(48),
    chipId: filled(64),
    reportedTcb: tcb,
    committedTcb: tcb,
    launchTcb: tcb,
    currentBuild: fc.constantFrom(0, 29),
    committedBuild: fc.constantFrom(0, 29),
    launchMitVector: fc.constantFrom(0n, 3n, 1n << 63n),
  },
  { requiredKeys: [] },
);

/** Evidence whose report may say what no firmware would. */
export const anyEvidence: fc.Arbitrary<RecordOptions> = fc
  .record({
    productLine: fc.constantFrom("Milan", "Genoa", "Turin"),
    signingKey: fc.constantFrom("VCEK", "VCEK", "VLEK"),
    report,
    status: fc.constantFrom("checked", "checked", "stale", "unavailable", "skipped"),
    thisUpdate: fc.constantFrom(VERIFIED_AT - DAY / 2, VERIFIED_AT - 10 * DAY),
  })
  .map(({ status, thisUpdate, ...rest }) => {
    const { launchMitVector, ...fields } = rest.report;
    // Vectors stand in version 5 alone.
    const vector = fields.version === 5 && launchMitVector !== undefined ? { launchMitVector } : {};
    return { ...rest, report: { ...fields, ...vector }, revocation: { status, thisUpdate } };
  });

/** Evidence that a usual policy accepts more often than not. */
export const usualEvidence: fc.Arbitrary<RecordOptions> = fc
  .tuple(
    anyEvidence,
    fc.subarray(["measurement", "hostData", "platformInfo", "reportedTcb", "committedTcb", "vmpl"] as const),
  )
  .map(([evidence, names]) => {
    const { report: fields = {} } = evidence;
    const kept = Object.fromEntries(Object.entries(fields).filter(([name]) => names.some((one) => one === name)));
    return { productLine: evidence.productLine ?? "Milan", report: kept };
  });
