import { encode, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openCmw } from "../../src/evidence/index.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { base64url, padded, patched, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";

const forged = (await createForge({ seed: "cmw" })).evidence();
const { report } = forged.evidence;
const table = encodeCertificateTable(certificateTableEntries("VCEK", forged.evidence.certificates ?? {}));
const bare = { report };

const REPORT = "application/vnd.amd.sev-snp.attestation-report";
const TABLE = "application/vnd.amd.ghcb.guid-table";
const TSM_JSON = "application/vnd.veraison.tsm-report+json";
const TSM_CBOR = "application/vnd.veraison.tsm-report+cbor";
/** The tags of the content formats 10572 and 10573, by the formula of RFC 9277. */
const REPORT_TAG = 1_668_546_817 + 41 * 256 + 117;
const TABLE_TAG = REPORT_TAG + 1;

const tsmCbor = encode({ outblob: report, auxblob: table, provider: "sev_guest" });
const tsmJson = utf8(
  JSON.stringify({ outblob: base64url(report), auxblob: base64url(table), provider: "sev_guest\n" }),
);

type Json = string | number | null | boolean | readonly Json[] | { readonly [key: string]: Json };
const json = (value: Json) => utf8(JSON.stringify(value));
const record = (type: string, value: Uint8Array, ...rest: readonly Json[]): Json => [type, base64url(value), ...rest];

const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const LENGTH = "ERR_MALFORMED_LENGTH";
const has = (reason: string) => ({ reason: expect.stringContaining(reason) });
const found = (text: string) => ({ found: expect.stringContaining(text) });

/** What no form of a CMW may be. */
const ANY_FORM: Broken[] = [
  ["nothing", new Uint8Array(0), MALFORMED, { where: "0x0" }],
  ["an integer", Uint8Array.of(0), MALFORMED, { where: "0x0" }],
  ["a bare report", report, MALFORMED, { where: "0x0" }],
  ["a text in CBOR", encode("CMW"), MALFORMED, { where: "0x0" }],
  ["white space in front", concatBytes(utf8(" "), json(record(REPORT, report))), MALFORMED, { where: "0x0" }],
  ["a byte above the limit", new Uint8Array(262_145), LENGTH, { actual: 262_145 }],
];

describeContainer({
  name: "openCmw, a record in JSON",
  open: openCmw,
  sound: json(record(TSM_JSON, tsmJson, 4)),
  forged,
  broken: [
    ...ANY_FORM,
    ["an empty list", json([]), MALFORMED, has("2 or 3 elements, found 0")],
    ["a type alone", json([REPORT]), MALFORMED, has("found 1")],
    ["four elements", json(record(REPORT, report, 4, 4)), MALFORMED, has("found 4")],
    ["a type that is a number", json([10572, base64url(report)]), MALFORMED, has("expected a media type, found 10572")],
    ["a type that is null", json([null, base64url(report)]), MALFORMED, has("found null")],
    ["a value that is null", json([REPORT, null]), MALFORMED, has("expected base64url text")],
    ["a value of numbers", json([REPORT, [...report]]), MALFORMED, has("found an array")],
    ["a value with padding", json([REPORT, `${base64url(report)}=`]), ENCODING],
    ["a value in the other alphabet", json([REPORT, "++++"]), ENCODING],
    ["a record in a record", json([record(REPORT, report), "AA"]), MALFORMED, has("found an array")],
    ["indicator 0", json(record(REPORT, report, 0)), MALFORMED, has("indicator of 1 to 31")],
    ["indicator 32", json(record(REPORT, report, 32)), MALFORMED, has("indicator of 1 to 31")],
    ["indicator -4", json(record(REPORT, report, -4)), MALFORMED, has("indicator of 1 to 31")],
    ["indicator 4.5", json(record(REPORT, report, 4.5)), MALFORMED, has("indicator of 1 to 31")],
    ["an indicator of text", json(record(REPORT, report, "4")), MALFORMED, has("indicator of 1 to 31")],
    ["an indicator that is null", json(record(REPORT, report, null)), MALFORMED, has("indicator of 1 to 31")],
    ["an indicator of endorsements", json(record(REPORT, report, 2)), MALFORMED, has("the bit of evidence")],
    ["a certificate table alone", json(record(TABLE, table)), UNSUPPORTED, found("guid-table")],
    ["another type", json(record("application/eat+jwt", report)), UNSUPPORTED, found("application/eat+jwt")],
    ["a type with a parameter", json(record(`${REPORT}; v=1`, report)), UNSUPPORTED, { where: "type" }],
    ["a tunnel", json(["#cmw-c2j-tunnel", base64url(tsmCbor)]), UNSUPPORTED, found("tunnelled")],
    ["a report a byte short", json(record(REPORT, report.subarray(1))), LENGTH, { actual: 1183 }],
    ["an extended report", json(record(REPORT, concatBytes(report, table))), LENGTH],
    ["a TSM report in CBOR said to be JSON", json(record(TSM_JSON, tsmCbor)), MALFORMED],
    ["a TSM report in JSON said to be CBOR", json(record(TSM_CBOR, tsmJson)), MALFORMED],
    ["text behind it", concatBytes(json(record(REPORT, report)), utf8("]")), MALFORMED, has("not JSON")],
    ["deep nesting", utf8(`${"[".repeat(100_000)}${"]".repeat(100_000)}`), MALFORMED],
  ],
});

const cborRecord = encode([REPORT, report, 4]);

describeContainer({
  name: "openCmw, a record in CBOR",
  open: openCmw,
  sound: cborRecord,
  forged,
  evidence: bare,
  broken: [
    ...ANY_FORM,
    ["an empty array", Uint8Array.of(0x80), MALFORMED, has("found 0")],
    ["four elements", encode([REPORT, report, 4, 4]), MALFORMED, has("found 4")],
    ["an element too many announced", patched(cborRecord, 0, 0x84), MALFORMED],
    ["an element too few announced", patched(cborRecord, 0, 0x82), MALFORMED, has("too many terminals")],
    ["an indefinite array", concatBytes(Uint8Array.of(0x9f), cborRecord.subarray(1), Uint8Array.of(0xff)), MALFORMED],
    ["2^32 elements announced", concatBytes(Uint8Array.of(0x9a, 255, 255, 255, 255), cborRecord), MALFORMED],
    ["a negative type", encode([-10572, report]), MALFORMED, has("expected a media type")],
    ["a type of bytes", encode([utf8(REPORT), report]), MALFORMED, has("expected a media type")],
    ["a type above 2^53", encode([2n ** 60n, report]), MALFORMED, has("expected a media type")],
    ["a content format of another kind", encode([60, report]), UNSUPPORTED, found("60")],
    ["a value of text", encode([REPORT, base64url(report)]), MALFORMED, has("expected a byte string")],
    ["a value that is a record", encode([REPORT, [REPORT, report]]), MALFORMED, has("expected a byte string")],
    ["indicator 0", encode([REPORT, report, 0]), MALFORMED, has("indicator of 1 to 31")],
    ["a negative indicator", encode([REPORT, report, -4]), MALFORMED, has("indicator of 1 to 31")],
    ["indicator 2^60", encode([REPORT, report, 2n ** 60n]), MALFORMED, has("indicator of 1 to 31")],
    ["an indicator of results", encode([REPORT, report, 8]), MALFORMED, has("the bit of evidence")],
    ["a tunnel", encode(["#cmw-j2c-tunnel", tsmJson]), UNSUPPORTED, found("tunnelled")],
    ["a report a byte long", encode([REPORT, padded(report, 1185)]), LENGTH, { actual: 1185 }],
    ["a second item", concatBytes(cborRecord, Uint8Array.of(0)), MALFORMED, has("too many terminals")],
  ],
});

const tagged = encode(new Tagged(REPORT_TAG, report));
const tag = (number: number, content: unknown) => encode(new Tagged(number, content));

describeContainer({
  name: "openCmw, a CBOR tag",
  open: openCmw,
  sound: tagged,
  forged,
  evidence: bare,
  broken: [
    ...ANY_FORM,
    ["a tag without content", tagged.subarray(0, 5), MALFORMED],
    ["the tag before the first", tag(1_668_546_816, report), UNSUPPORTED, found("CBOR tag 1668546816")],
    ["the tag behind the last", tag(1_668_612_096, report), UNSUPPORTED, found("CBOR tag 1668612096")],
    ["a tag that no content format has", tag(1_668_546_817 + 255, report), UNSUPPORTED, found("CBOR tag")],
    ["tag 18", tag(18, report), UNSUPPORTED, found("CBOR tag 18")],
    ["the tag of CBOR itself", tag(55799, report), UNSUPPORTED, found("CBOR tag 55799")],
    ["a tag above 2^53", concatBytes(Uint8Array.of(0xdb), new Uint8Array(8).fill(255), encode(report)), MALFORMED],
    ["a content format of another kind", tag(1_668_546_817, report), UNSUPPORTED, found("0")],
    ["a table alone", tag(TABLE_TAG, table), UNSUPPORTED, found("10573")],
    ["content of text", tag(REPORT_TAG, base64url(report)), MALFORMED, has("expected a byte string")],
    ["content that is a record", tag(REPORT_TAG, [REPORT, report]), MALFORMED, has("expected a byte string")],
    ["a tag in a tag", concatBytes(tagged.subarray(0, 5), tagged), MALFORMED, has("expected a byte string")],
    ["a report a byte short", tag(REPORT_TAG, report.subarray(1)), LENGTH, { actual: 1183 }],
    ["a second item", concatBytes(tagged, tagged), MALFORMED, has("too many terminals")],
  ],
});

const collection = (changes: Readonly<Record<string, Json>> = {}) =>
  json({
    __cmwc_t: "tag:example.com,2026:x",
    snp: record(REPORT, report, 4),
    certs: record(TABLE, table, 2),
    ...changes,
  });
const text = new TextDecoder().decode(collection());

describeContainer({
  name: "openCmw, a collection in JSON",
  open: openCmw,
  sound: collection(),
  forged,
  broken: [
    ...ANY_FORM,
    ["nothing in it", json({}), MALFORMED, has("expected 1 to 64 items, found 0")],
    ["a type alone", json({ __cmwc_t: "x" }), MALFORMED, has("found 0")],
    ["65 items", json(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, ["a", ""]]))), MALFORMED],
    ["a type that is a number", collection({ __cmwc_t: 7 }), MALFORMED, { where: "__cmwc_t" }],
    ["a type that is null", collection({ __cmwc_t: null }), MALFORMED, { where: "__cmwc_t" }],
    ["a label twice", utf8(text.replace("{", '{"snp":["a","AA"],')), MALFORMED, has("twice")],
    ["a type twice", utf8(text.replace("{", '{"__cmwc_t":"y",')), MALFORMED, has("twice")],
    ["two reports", collection({ other: record(REPORT, report) }), MALFORMED, has("expected one report, found 2")],
    ["a TSM report beside a bare one", collection({ other: record(TSM_CBOR, tsmCbor) }), MALFORMED, has("one report")],
    ["two tables", collection({ more: record(TABLE, table) }), MALFORMED, has("one certificate table, found 2")],
    [
      "a table beside a TSM report that has one",
      collection({ snp: record(TSM_JSON, tsmJson) }),
      MALFORMED,
      has("certificates both in the TSM report and in a table"),
    ],
    ["no report", json({ certs: record(TABLE, table) }), UNSUPPORTED, { where: "type" }],
    [
      "a collection inside it",
      collection({ more: { a: record("x", report) } }),
      UNSUPPORTED,
      found("a collection inside"),
    ],
    ["an item of text", collection({ more: "AA" }), MALFORMED, { where: 'item "more"' }],
    ["an item that is null", collection({ more: null }), MALFORMED, { where: 'item "more"' }],
    ["a broken item beside sound ones", collection({ more: ["a", "AB"] }), ENCODING],
    ["a broken table", collection({ certs: record(TABLE, table.subarray(1)) }), "ERR_MALFORMED_CERTIFICATE_TABLE"],
    ["a report that its indicator calls results", collection({ snp: record(REPORT, report, 8) }), MALFORMED],
  ],
});

const cborItems = new Map<unknown, unknown>([
  ["__cmwc_t", "1.2.3"],
  ["snp", new Tagged(REPORT_TAG, report)],
  [7, [10573, table]],
]);
const cborCollection = (changes: readonly (readonly [unknown, unknown])[] = []) =>
  encode(new Map([...cborItems, ...changes]));

describeContainer({
  name: "openCmw, a collection in CBOR",
  open: openCmw,
  sound: cborCollection(),
  forged,
  broken: [
    ...ANY_FORM,
    ["an empty map", Uint8Array.of(0xa0), MALFORMED, has("found 0")],
    [
      "an indefinite map",
      concatBytes(Uint8Array.of(0xbf), cborCollection().subarray(1), Uint8Array.of(0xff)),
      MALFORMED,
    ],
    [
      "2^31 items announced",
      concatBytes(Uint8Array.of(0xba, 128, 0, 0, 0), cborCollection()),
      MALFORMED,
      has("announced"),
    ],
    ["an item too many announced", patched(cborCollection(), 0, 0xa4), MALFORMED],
    ["a label of bytes", concatBytes(Uint8Array.of(0xa4, 0x41, 1, 0), cborCollection().subarray(1)), MALFORMED],
    [
      "a label twice",
      concatBytes(Uint8Array.of(0xa4, 7, 0), cborCollection().subarray(1)),
      MALFORMED,
      has("repeat map key"),
    ],
    ["a type of bytes", cborCollection([["__cmwc_t", Uint8Array.of(1)]]), MALFORMED, { where: "__cmwc_t" }],
    ["two reports", cborCollection([[8, [10572, report]]]), MALFORMED, has("expected one report, found 2")],
    ["two tables", cborCollection([[8, new Tagged(TABLE_TAG, table)]]), MALFORMED, has("one certificate table")],
    [
      "a collection inside it",
      cborCollection([[8, new Map([[1, [1, report]]])]]),
      UNSUPPORTED,
      found("a collection inside"),
    ],
    ["an item of bytes", cborCollection([[8, report]]), MALFORMED, { where: "item 8" }],
    ["an item of an integer", cborCollection([["x", 1]]), MALFORMED, { where: 'item "x"' }],
    ["a signed item", cborCollection([[8, new Tagged(18, [])]]), UNSUPPORTED, found("CBOR tag 18")],
    ["a JSON record inside", cborCollection([[8, ["x", "AA"]]]), MALFORMED, has("expected a byte string")],
  ],
});

describeOptions("openCmw", (options) => openCmw(cborRecord, options));

describe("a CMW", () => {
  const DETAILS = { entries: [], collectionType: null };

  it("hands on what it holds besides", async () => {
    const other = record("application/EAT+cwt", Uint8Array.of(1, 2), 8);
    const { claims } = await openCmw(collection({ gpu: other }));
    expect(claims.collectionType).toBe("tag:example.com,2026:x");
    expect(claims.items).toEqual([
      { label: "snp", type: REPORT, indicator: 4, value: report },
      { label: "certs", type: TABLE, indicator: 2, value: table },
      { label: "gpu", type: "application/eat+cwt", indicator: 8, value: Uint8Array.of(1, 2) },
    ]);
    expect(claims.entries).toHaveLength(4);
    expect(claims.tsm).toBeNull();
  });

  it("hands on what a TSM report says", async () => {
    const { claims } = await openCmw(encode([TSM_CBOR, tsmCbor]));
    expect(claims.tsm).toMatchObject({ privlevel: null, manifest: null });
    expect(claims.entries).toHaveLength(4);
  });

  it.each([
    ["a bare report in JSON", json(record(REPORT, report))],
    ["a type in capitals", json(record(REPORT.toUpperCase(), report))],
    ["an indicator of evidence and results", json(record(REPORT, report, 12))],
    ["a content format", encode([10572, report])],
  ])("may be %s", async (_, bytes) => {
    const { evidence, claims } = await openCmw(bytes);
    expect(evidence).toEqual({ report, certificates: {} });
    expect(claims).toMatchObject(DETAILS);
  });

  it.each([TSM_CBOR, "application/vnd.veraison.configfs-tsm+cbor"])("may be %s", async (type) => {
    expect((await openCmw(encode([type, tsmCbor]))).evidence).toEqual(forged.evidence);
  });

  it.each([TSM_JSON, "application/vnd.veraison.configfs-tsm+json"])("may be %s", async (type) => {
    expect((await openCmw(json(record(type, tsmJson)))).evidence).toEqual(forged.evidence);
  });

  it("may have a table beside a TSM report that has none", async () => {
    const bytes = encode({ a: [TSM_CBOR, encode({ outblob: report })], b: [TABLE, table] });
    expect((await openCmw(bytes)).evidence).toEqual(forged.evidence);
  });

  it("may label a message __proto__", async () => {
    const bytes = utf8(text.replace("{", `{"__proto__":["x","AA"],`));
    const { claims, evidence } = await openCmw(bytes);
    expect(claims.items.map(({ label }) => label)).toContain("__proto__");
    expect(evidence).toEqual(forged.evidence);
  });
});
