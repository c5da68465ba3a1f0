import { describe, expect, it } from "vitest";
import { MalformedError } from "../../src/errors.js";
import { definePolicy } from "../../src/policy/define.js";
import { OPEN } from "./support.js";

const HEX48 = "ab".repeat(48);

/** A mistake in a policy of one block: what is written over the block, the pointer, the message. */
type BlockRow = [title: string, snp: object, pointer: string, message: RegExp];

const KEYS: BlockRow[] = [
  ["a misspelt key", { mesurement: ["00"] }, "/mesurement", /found "mesurement"; correct its spelling or remove it/],
  ["a misspelt bit", { guestPolicy: { dbug: "any" } }, "/guestPolicy/dbug", /correct its spelling/],
  ["a bit of the other word", { guestPolicy: { smtEn: "any" } }, "/guestPolicy/smtEn", /correct its spelling/],
  ["bit 17", { guestPolicy: { reservedOne: "any" } }, "/guestPolicy/reservedOne", /correct its spelling/],
  [
    "a misspelt TCB",
    { minimumTcb: { Milan: { report: { snp: 1 } } } },
    "/minimumTcb/Milan/report",
    /correct its spelling/,
  ],
  [
    "a misspelt component",
    { minimumTcb: { Milan: { reported: { bl: 1 } } } },
    "/minimumTcb/Milan/reported/bl",
    /correct its spelling/,
  ],
  ["a key with a slash and a tilde", { "a/b~c": 1 }, "/a~1b~0c", /correct its spelling/],
  ["a key of Object.prototype", { toString: 1 }, "/toString", /correct its spelling/],
  ["a key for a later version", { tpm: 1 }, "/tpm", /correct its spelling/],
];

const LISTS: BlockRow[] = [
  ["an empty list", { hostData: [] }, "/hostData", /expected at least one entry, found an empty list/],
  [
    "too long a list",
    { vmpl: Array(10_001).fill(0) },
    "/vmpl",
    /expected at most 10000 entries, found a list of 10001/,
  ],
  ["no list", { hostData: "ab".repeat(32) }, "/hostData", /expected Array, found "abab/],
  ["a word that nobody knows", { measurement: "anny" }, "/measurement", /expected \("any" \| Array\), found "anny"/],
  ["null", { measurement: null }, "/measurement", /found null/],
  [
    "a short digest",
    { measurement: [HEX48, "ab"] },
    "/measurement/1",
    /expected 96 hex digits \(48 bytes\), found "ab"/,
  ],
  ["no hex", { measurement: ["xy".repeat(48)] }, "/measurement/0", /96 hex digits.*\(98 characters\)/],
  ["hex with a line break", { measurement: [`${HEX48}\n`] }, "/measurement/0", /96 hex digits/],
  ["a number for a digest", { measurement: [7] }, "/measurement/0", /expected string, found 7/],
  ["any inside a list", { measurement: ["any"] }, "/measurement/0", /96 hex digits/],
  ["short host data", { hostData: [HEX48] }, "/hostData/0", /64 hex digits \(32 bytes\)/],
  [
    "an unknown line",
    { productLine: ["Milan", "Venice"] },
    "/productLine/1",
    /"Milan" \| "Genoa" \| "Turin".*found "Venice"/,
  ],
  ["any line", { productLine: "any" }, "/productLine", /expected Array/],
  ["an unknown key kind", { signingKey: ["vcek"] }, "/signingKey/0", /"VCEK" \| "VLEK"/],
  ["an empty provider", { cspId: [""] }, "/cspId/0", /text that is not empty/],
  ["a provider that is too long", { cspId: ["x".repeat(1001)] }, "/cspId/0", /at most 1000 characters/],
  ["a chip id of 32 bytes", { chipId: ["ab".repeat(32)] }, "/chipId/0", /128 hex digits \(64 bytes\) or 16 hex digits/],
  ["a chip id of zeros", { chipId: ["masked", "00".repeat(64)] }, "/chipId/1", /write "masked"/],
  ["a short chip id of zeros", { chipId: ["00".repeat(8)] }, "/chipId/0", /found zeros/],
  ["VMPL 4", { vmpl: [0, 4] }, "/vmpl/1", /a whole number of 0 to 3, found 4/],
  ["the host's VMPL", { vmpl: [0xffffffff] }, "/vmpl/0", /0 to 3, found 4294967295/],
  ["half a VMPL", { vmpl: [0.5] }, "/vmpl/0", /0 to 3, found 0.5/],
  ["a VMPL as text", { vmpl: ["0"] }, "/vmpl/0", /expected number, found "0"/],
];

const WORDS: BlockRow[] = [
  ["a bit as a boolean", { guestPolicy: { debug: false } }, "/guestPolicy/debug", /"required" \| "forbidden" \| "any"/],
  [
    "unknown bits required",
    { guestPolicy: { unknownBits: "required" } },
    "/guestPolicy/unknownBits",
    /"forbidden" \| "any"/,
  ],
  ["unknown bits required", { platformInfo: { unknownBits: "required" } }, "/platformInfo/unknownBits", /"forbidden"/],
  ["an empty guestPolicy", { guestPolicy: {} }, "/guestPolicy", /at least one key, found an empty object/],
  ["an empty platformInfo", { platformInfo: {} }, "/platformInfo", /at least one key/],
  ["a guestPolicy as a list", { guestPolicy: [] }, "/guestPolicy", /at least one key/],
  ["a guestPolicy as a number", { guestPolicy: 0x30000 }, "/guestPolicy", /expected Object, found 196608/],
  [
    "half an ABI",
    { guestPolicy: { minimumAbi: { major: 1 } } },
    "/guestPolicy/minimumAbi/minor",
    /expected the key "minor", found none/,
  ],
  [
    "an ABI above a byte",
    { guestPolicy: { minimumAbi: { major: 256, minor: 0 } } },
    "/guestPolicy/minimumAbi/major",
    /0 to 255/,
  ],
  ["reserved as a boolean", { reserved: true }, "/reserved", /"zero" \| "any"/],
  ["revocation as a word", { revocation: "checked" }, "/revocation", /expected Object, found "checked"/],
  ["an unknown status", { revocation: { status: "none" } }, "/revocation/status", /"checked" \| "stale"/],
  ["an age of nothing", { revocation: { maxAgeSeconds: 0 } }, "/revocation/maxAgeSeconds", /1 to 315360000, found 0/],
  ["an empty revocation", { revocation: {} }, "/revocation", /at least one key/],
  ["an empty idBlock", { idBlock: {} }, "/idBlock", /at least one key/],
  ["idBlock.required as text", { idBlock: { required: "yes" } }, "/idBlock/required", /expected boolean/],
  ["a short key digest", { idBlock: { idKeyDigests: ["ab"] } }, "/idBlock/idKeyDigests/0", /96 hex digits/],
  ["no author keys", { idBlock: { authorKeyDigests: [] } }, "/idBlock/authorKeyDigests", /at least one entry/],
];

const DECISIONS: BlockRow[] = [
  [
    "report data of two kinds",
    { reportData: { exact: "ab".repeat(64), scheme: "nonce" } },
    "/reportData",
    /exactly one of the keys "exact", "scheme"/,
  ],
  ["report data of no kind", { reportData: {} }, "/reportData", /exactly one of/],
  ["report data as hex", { reportData: "ab".repeat(64) }, "/reportData", /expected \("any" \| Object\)/],
  ["short report data", { reportData: { exact: "ab" } }, "/reportData/exact", /128 hex digits \(64 bytes\)/],
  [
    "an unknown scheme",
    { reportData: { scheme: "sha512" } },
    "/reportData/scheme",
    /"exact" \| "nonce" \| "attestry-v1"/,
  ],
  ["no floors", { minimumTcb: {} }, "/minimumTcb", /at least one key/],
  ["floors as a list", { minimumTcb: [] }, "/minimumTcb", /at least one key/],
  ["a line without floors", { minimumTcb: { Milan: {} } }, "/minimumTcb/Milan", /at least one key/],
  ["a TCB without floors", { minimumTcb: { Milan: { launch: {} } } }, "/minimumTcb/Milan/launch", /at least one key/],
  [
    "a floor above a byte",
    { minimumTcb: { Milan: { launch: { snp: 256 } } } },
    "/minimumTcb/Milan/launch/snp",
    /0 to 255, found 256/,
  ],
  [
    "a negative floor",
    { minimumTcb: { Milan: { launch: { snp: -1 } } } },
    "/minimumTcb/Milan/launch/snp",
    /0 to 255, found -1/,
  ],
  [
    "an unknown line",
    { minimumTcb: { milan: { launch: { snp: 1 } } } },
    "/minimumTcb/milan",
    /a product line, or a processor such as 0x19-0x11-0x01/,
  ],
  [
    "a processor in decimals",
    { minimumTcb: { "25-1-1": { launch: { snp: 1 } } } },
    "/minimumTcb/25-1-1",
    /such as 0x19-0x11-0x01/,
  ],
  [
    "a processor in capitals",
    { minimumTcb: { "0x19-0xA0-0x02": { launch: { snp: 1 } } } },
    "/minimumTcb/0x19-0xA0-0x02",
    /such as/,
  ],
  [
    "a processor of no line",
    { minimumTcb: { "0x18-0x01-0x01": { launch: { snp: 1 } } } },
    "/minimumTcb/0x18-0x01-0x01",
    /a Milan, Genoa or Turin processor/,
  ],
  [
    "a Venice",
    { minimumTcb: { "0x1a-0x50-0x00": { launch: { snp: 1 } } } },
    "/minimumTcb/0x1a-0x50-0x00",
    /Milan, Genoa or Turin/,
  ],
  [
    "Turin's component on Milan",
    { minimumTcb: { Milan: { launch: { fmc: 0 } } } },
    "/minimumTcb/Milan/launch/fmc",
    /a component of Milan, which has no fmc/,
  ],
  [
    "Turin's component on a Genoa processor",
    { minimumTcb: { "0x19-0xa0-0x02": { current: { snp: 1, fmc: 0 } } } },
    "/minimumTcb/0x19-0xa0-0x02/current/fmc",
    /a component of Genoa/,
  ],
  [
    "VLEK without a provider",
    { signingKey: ["VCEK", "VLEK"] },
    "/signingKey",
    /expected "cspId" wherever this is said/,
  ],
];

const SIGNED = { idBlock: { idKeyDigests: [HEX48] } };
const LATER: BlockRow[] = [
  ["a processor of no line", { cpu: ["0x19-0x01-0x01", "0x1a-0x50-0x00"] }, "/cpu/1", /a Milan, Genoa or Turin proc/],
  ["a line for a processor", { cpu: ["Milan"] }, "/cpu/0", /a processor such as 0x19-0x11-0x01/],
  ["no versions", { reportVersion: {} }, "/reportVersion", /at least one key/],
  ["a version as a number", { reportVersion: 3 }, "/reportVersion", /expected Object, found 3/],
  ["version 1", { reportVersion: { minimum: 1 } }, "/reportVersion/minimum", /2 to 255, found 1/],
  ["version 256", { reportVersion: { maximum: 256 } }, "/reportVersion/maximum", /2 to 255, found 256/],
  [
    "an empty range",
    { reportVersion: { minimum: 5, maximum: 3 } },
    "/reportVersion",
    /a minimum of at most the maximum/,
  ],
  ["a short family id", { familyId: ["ab"] }, "/familyId/0", /32 hex digits \(16 bytes\)/],
  ["any image id", { imageId: "any" }, "/imageId", /expected Array/],
  ["a report id of 48 bytes", { reportId: [HEX48] }, "/reportId/0", /64 hex digits/],
  ["no migration agents", { reportIdMa: [] }, "/reportIdMa", /at least one entry/],
  ["a denied chip of zeros", { denyChips: ["ab".repeat(64), "00".repeat(8)] }, "/denyChips/1", /found zeros/],
  ["a masked denied chip", { denyChips: ["masked"] }, "/denyChips/0", /128 hex digits/],
  ["a SHA-384 of a certificate", { denyCertificates: [HEX48] }, "/denyCertificates/0", /64 hex digits \(32 bytes\)/],
  ["an SVN as a number", { ...SIGNED, guestSvn: 1 }, "/guestSvn", /expected Object, found 1/],
  ["an SVN above 32 bits", { ...SIGNED, guestSvn: { minimum: 2 ** 32 } }, "/guestSvn/minimum", /0 to 4294967295/],
  ["an SVN of anybody", { guestSvn: { minimum: 1 } }, "/guestSvn", /expected "idBlock.idKeyDigests" wherever this is/],
  [
    "an SVN of trusted authors alone",
    { guestSvn: { minimum: 1 }, idBlock: { authorKeyDigests: [HEX48] } },
    "/guestSvn",
    /expected "idBlock.idKeyDigests"/,
  ],
  ["no firmware", { minimumFirmware: {} }, "/minimumFirmware", /at least one key/],
  ["firmware as text", { minimumFirmware: { current: "1.55.29" } }, "/minimumFirmware/current", /expected Object/],
  [
    "firmware without a build",
    { minimumFirmware: { committed: { major: 1, minor: 55 } } },
    "/minimumFirmware/committed/build",
    /expected the key "build"/,
  ],
  [
    "firmware above a byte",
    { minimumFirmware: { current: { major: 1, minor: 256, build: 0 } } },
    "/minimumFirmware/current/minor",
    /0 to 255, found 256/,
  ],
  [
    "provisional firmware required",
    { provisionalFirmware: "required" },
    "/provisionalFirmware",
    /"forbidden" \| "any"/,
  ],
  ["mitigations as a mask", { mitigations: { launch: "0xb" } }, "/mitigations/launch", /expected Array/],
  ["mitigation 64", { mitigations: { current: [0, 64] } }, "/mitigations/current/1", /0 to 63, found 64/],
  ["no mitigations", { mitigations: {} }, "/mitigations", /at least one key/],
  ["advisories as a list", { advisories: ["AMD-SB-3019"] }, "/advisories/ids", /expected the key "ids"/],
  [
    "advisories of any data set",
    { advisories: { ids: ["AMD-SB-3019"], maxAgeSeconds: 1 } },
    "/advisories/dataSet",
    /expected the key "dataSet"/,
  ],
  [
    "advisories of any age",
    { advisories: { ids: ["AMD-SB-3019"], dataSet: HEX48 } },
    "/advisories/maxAgeSeconds",
    /expected the key "maxAgeSeconds"/,
  ],
  [
    "a part that the scheme has not",
    { reportData: { scheme: "azure", parts: { manifest: "fromEvidence" } } },
    "/reportData/parts/manifest",
    /expected parts that the scheme has \(runtimeData\)/,
  ],
  [
    "a nonce from the evidence",
    { reportData: { scheme: "svsm", parts: { nonce: "fromEvidence" } } },
    "/reportData/parts/nonce",
    /correct its spelling/,
  ],
  [
    "parts of exact bytes",
    { reportData: { exact: "ab".repeat(64), parts: { context: "fromEvidence" } } },
    "/reportData/parts/context",
    /parts that the scheme has \(none\)/,
  ],
  ["no parts", { reportData: { scheme: "azure", parts: {} } }, "/reportData/parts", /at least one key/],
  [
    "a part from elsewhere",
    { reportData: { scheme: "azure", parts: { runtimeData: "verifier" } } },
    "/reportData/parts/runtimeData",
    /expected "fromEvidence"/,
  ],
];

describe("a mistake in a block", () => {
  it.each([...KEYS, ...LISTS, ...WORDS, ...DECISIONS, ...LATER])("%s", async (...[, snp, pointer, message]) => {
    const policy = { version: 1, id: "x", snp: { ...OPEN, ...snp } };
    await expect(definePolicy(policy)).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/snp${pointer}` });
    await expect(definePolicy(policy)).rejects.toThrow(message);
    const rule = { version: 1, id: "x", require: { anyOf: [{ snp: OPEN }, { snp: { ...OPEN, ...snp } }] } };
    await expect(definePolicy(rule)).toFailWith("ERR_MALFORMED_POLICY", { pointer: `/require/anyOf/1/snp${pointer}` });
  });
});

const BLOCK = { snp: OPEN };
const WHOLE: [title: string, document: unknown, pointer: string, message: RegExp][] = [
  ["nothing", undefined, "", /the policy: expected a JSON value, found undefined/],
  ["text", '{"version":1}', "", /expected Object, found "\{\\"version/],
  ["null", null, "", /expected Object, found null/],
  ["a list", [], "/version", /expected the key "version", found none; add it/],
  ["no version", { id: "x", ...BLOCK }, "/version", /expected the key "version"/],
  ["another version", { version: 2, id: "x", ...BLOCK }, "/version", /expected 1, found 2/],
  ["a version as text", { version: "1", id: "x", ...BLOCK }, "/version", /expected 1, found "1"/],
  ["no id", { version: 1, ...BLOCK }, "/id", /expected the key "id"/],
  ["an empty id", { version: 1, id: "", ...BLOCK }, "/id", /text that is not empty/],
  ["too long an id", { version: 1, id: "x".repeat(1001), ...BLOCK }, "/id", /at most 1000 characters, found "xxx/],
  ["no rule", { version: 1, id: "x" }, "", /exactly one of the keys "require", "snp"/],
  ["two rules", { version: 1, id: "x", ...BLOCK, require: BLOCK }, "", /exactly one of the keys/],
  [
    "a key of a later version",
    { version: 1, id: "x", ...BLOCK, token: [] },
    "/token",
    /correct its spelling or remove it/,
  ],
  ["another", { version: 1, id: "x", ...BLOCK, list: {} }, "/list", /correct its spelling/],
  ["an empty block", { version: 1, id: "x", snp: {} }, "/snp", /at least one key/],
  [
    "a rule of nothing",
    { version: 1, id: "x", require: {} },
    "/require",
    /exactly one of the keys "allOf", "anyOf", "snp"/,
  ],
  ["a rule of text alone", { version: 1, id: "x", require: { id: "r", reason: "why" } }, "/require", /exactly one/],
  ["a rule of two kinds", { version: 1, id: "x", require: { ...BLOCK, allOf: [BLOCK] } }, "/require", /exactly one/],
  ["a rule as a list", { version: 1, id: "x", require: [BLOCK] }, "/require/0", /correct its spelling/],
  ["an empty anyOf", { version: 1, id: "x", require: { anyOf: [] } }, "/require/anyOf", /at least one entry/],
  ["an empty allOf", { version: 1, id: "x", require: { allOf: [] } }, "/require/allOf", /at least one entry/],
  [
    "an empty rule in a list",
    { version: 1, id: "x", require: { allOf: [BLOCK, {}] } },
    "/require/allOf/1",
    /exactly one/,
  ],
  [
    "an empty block in a list",
    { version: 1, id: "x", require: { anyOf: [BLOCK, { snp: {} }] } },
    "/require/anyOf/1/snp",
    /at least one key/,
  ],
  [
    "an unknown block",
    { version: 1, id: "x", require: { anyOf: [{ tpm: {} }] } },
    "/require/anyOf/0/tpm",
    /correct its spelling/,
  ],
  [
    "a rule id that is no text",
    { version: 1, id: "x", require: { id: 1, ...BLOCK } },
    "/require/id",
    /expected string, found 1/,
  ],
  ["an empty reason", { version: 1, id: "x", require: { reason: "", ...BLOCK } }, "/require/reason", /not empty/],
];

describe("a mistake in a document", () => {
  it.each(WHOLE)("%s", async (...[, document, pointer, message]) => {
    await expect(definePolicy(document)).toFailWith("ERR_MALFORMED_POLICY", { pointer });
    await expect(definePolicy(document)).rejects.toThrow(message);
  });

  it("is told in the error's reason and message alike", async () => {
    const error = await definePolicy({ version: 1, id: "x" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MalformedError);
    expect(String(error)).toBe(
      'MalformedError: the policy: expected exactly one of the keys "require", "snp", found an object; write what is expected',
    );
    expect(JSON.parse(JSON.stringify(error)).detail).toEqual({
      pointer: "",
      reason: 'expected exactly one of the keys "require", "snp", found an object; write what is expected',
    });
  });
});
