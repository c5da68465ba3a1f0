import { encode } from "cborg";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openTsmCbor, openTsmJson } from "../../src/evidence/index.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { base64url, padded, patched, patchedWord, utf8 } from "./support/bytes.js";
import { describeContainer, describeOptions } from "./support/describe-container.js";

const forged = (await createForge({ seed: "tsm report" })).evidence();
const { report } = forged.evidence;
const table = encodeCertificateTable(certificateTableEntries("VCEK", forged.evidence.certificates ?? {}));

const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const LENGTH = "ERR_MALFORMED_LENGTH";
const TABLE = "ERR_MALFORMED_CERTIFICATE_TABLE";
const has = (reason: string) => ({ reason: expect.stringContaining(reason) });

const members = { auxblob: base64url(table), outblob: base64url(report), provider: "sev_guest\n" };
const json = (changes: object = {}) => utf8(JSON.stringify({ ...members, ...changes }));
const text = JSON.stringify(members);

describeContainer({
  name: "openTsmJson",
  open: openTsmJson,
  sound: json(),
  forged,
  broken: [
    ["nothing", new Uint8Array(0), MALFORMED, { where: "JSON", ...has("not JSON") }],
    ["a list", utf8("[]"), MALFORMED, has("expected an object")],
    ["null", utf8("null"), MALFORMED, has("expected an object")],
    ["a text", utf8('"outblob"'), MALFORMED, has("expected an object")],
    ["no members", utf8("{}"), MALFORMED, { where: "outblob", reason: "it is missing" }],
    ["no outblob", json({ outblob: undefined }), MALFORMED, { where: "outblob" }],
    ["an outblob that is null", json({ outblob: null }), MALFORMED, { where: "outblob" }],
    ["an outblob of numbers", json({ outblob: [...report] }), MALFORMED, has("expected a text, found an array")],
    ["an outblob inside an object", json({ outblob: { outblob: members.outblob } }), MALFORMED, has("found an object")],
    ["an empty outblob", json({ outblob: "" }), LENGTH, { actual: 0 }],
    ["an outblob a byte short", json({ outblob: base64url(report.subarray(1)) }), LENGTH, { actual: 1183 }],
    ["an outblob a byte long", json({ outblob: base64url(padded(report, 1185)) }), LENGTH, { actual: 1185 }],
    ["an outblob with padding", json({ outblob: `${members.outblob}=` }), ENCODING],
    ["an outblob in hex", json({ outblob: Buffer.from(report).toString("hex") }), LENGTH],
    ["an outblob in the other alphabet", json({ outblob: "+".repeat(1579) }), ENCODING],
    ["unused bits", json({ outblob: `${members.outblob.slice(0, -1)}B` }), ENCODING],
    ["an auxblob of a number", json({ auxblob: 7 }), MALFORMED, { where: "auxblob" }],
    ["an auxblob that is cut", json({ auxblob: base64url(table.subarray(0, -1)) }), TABLE],
    ["an auxblob with an offset beyond it", json({ auxblob: base64url(patchedWord(table, 16, 0xffffffff)) }), TABLE],
    ["a provider of another kind", json({ provider: "tdx_guest" }), UNSUPPORTED, { where: "provider" }],
    ["a provider that is null", json({ provider: null }), MALFORMED, { where: "provider" }],
    ["a service provider that is a number", json({ service_provider: 1 }), MALFORMED, { where: "service_provider" }],
    ["privlevel 4", json({ privlevel: 4 }), MALFORMED, { where: "privlevel" }],
    ["privlevel -1", json({ privlevel: -1 }), MALFORMED, { where: "privlevel" }],
    ["privlevel 0.5", json({ privlevel: 0.5 }), MALFORMED, { where: "privlevel" }],
    ["a privlevel of text", json({ privlevel: "0" }), MALFORMED, { where: "privlevel" }],
    ["an unknown member", json({ inblob: "" }), UNSUPPORTED, { where: "members" }],
    [
      "a member __proto__",
      utf8(text.replace("{", '{"__proto__":{"outblob":"AA"},')),
      UNSUPPORTED,
      { where: "members" },
    ],
    ["two outblobs", utf8(text.replace("{", '{"outblob":"AA",')), MALFORMED, has("twice")],
    ["two outblobs, one escaped", utf8(text.replace("{", '{"out\\u0062lob":"AA",')), MALFORMED, has("twice")],
    ["text behind it", utf8(`${text}{}`), MALFORMED, has("not JSON")],
    ["a comma too many", utf8(text.replace("}", ",}")), MALFORMED, has("not JSON")],
    ["a byte order mark", concatBytes(Uint8Array.of(0xef, 0xbb, 0xbf), json()), MALFORMED],
    ["a byte that is not UTF-8", patched(json(), 5, 0xff), MALFORMED, has("not UTF-8")],
    ["the CBOR form", cbor(), MALFORMED],
    ["deep nesting", utf8(`${"[".repeat(100_000)}${"]".repeat(100_000)}`), MALFORMED],
    ["a byte above the limit", utf8(`${text}${" ".repeat(262_145 - text.length)}`), LENGTH, { actual: 262_145 }],
  ],
});

function cbor(changes: object = {}): Uint8Array {
  const blobs = { auxblob: table, outblob: report, provider: "sev_guest\n", ...changes };
  return encode(new Map(Object.entries(blobs).filter(([, value]) => value !== undefined)));
}

/** A CBOR map of one pair written by hand in front of the sound ones. */
function withPair(...pair: readonly number[]): Uint8Array {
  return concatBytes(Uint8Array.of(0xa4, ...pair), cbor().subarray(1));
}

const OUTBLOB = [0x67, ...utf8("outblob")];

describeContainer({
  name: "openTsmCbor",
  open: openTsmCbor,
  sound: cbor(),
  forged,
  broken: [
    ["nothing", new Uint8Array(0), MALFORMED, { where: "0x0" }],
    ["an array", encode([table, report]), MALFORMED, has("expected a map")],
    ["bytes", encode(report), MALFORMED, has("expected a map")],
    ["an empty map", Uint8Array.of(0xa0), MALFORMED, { where: "outblob" }],
    ["a tagged map", concatBytes(Uint8Array.of(0xc1), cbor()), MALFORMED, has("expected a map")],
    ["an indefinite map", concatBytes(Uint8Array.of(0xbf), cbor().subarray(1), Uint8Array.of(0xff)), MALFORMED],
    ["a pair too many announced", patched(cbor(), 0, 0xa4), MALFORMED],
    ["a pair too few announced", patched(cbor(), 0, 0xa2), MALFORMED, has("too many terminals")],
    ["2^32 pairs announced", concatBytes(Uint8Array.of(0xba, 0xff, 0xff, 0xff, 0xff), cbor().subarray(1)), MALFORMED],
    ["a second item", concatBytes(cbor(), Uint8Array.of(0)), MALFORMED, has("too many terminals")],
    ["two outblobs", withPair(...OUTBLOB, 0x41, 0), MALFORMED, has("repeat map key")],
    ["an unknown member", cbor({ inblob: report }), UNSUPPORTED, { where: "members" }],
    ["an integer for a name", withPair(1, 0x41, 0), UNSUPPORTED, { where: "members" }],
    ["a name of bytes", withPair(0x41, 1, 0x41, 0), MALFORMED, has("a map key that is neither")],
    ["no outblob", cbor({ outblob: undefined }), MALFORMED, { where: "outblob" }],
    ["an outblob of text", cbor({ outblob: members.outblob }), MALFORMED, has("expected a byte string")],
    ["an outblob that is a tagged string", withPair(...OUTBLOB, 0xc1, 0x40), MALFORMED],
    ["an outblob that is null", cbor({ outblob: null }), MALFORMED, { where: "outblob" }],
    ["an outblob a byte short", cbor({ outblob: report.subarray(1) }), LENGTH, { actual: 1183 }],
    ["an outblob a byte long", cbor({ outblob: padded(report, 1185) }), LENGTH, { actual: 1185 }],
    ["an auxblob that is cut", cbor({ auxblob: table.subarray(0, 40) }), TABLE],
    ["an auxblob that is an array", cbor({ auxblob: [1] }), MALFORMED, { where: "auxblob" }],
    ["a provider of another kind", cbor({ provider: "tdx_guest" }), UNSUPPORTED, { where: "provider" }],
    ["a provider of bytes", cbor({ provider: utf8("sev_guest") }), MALFORMED, { where: "provider" }],
    ["a privlevel of 2^64 - 1", cbor({ privlevel: 2n ** 64n - 1n }), MALFORMED, { where: "privlevel" }],
    ["a privlevel that is a float", cbor({ privlevel: 0.5 }), MALFORMED, has("a float")],
    ["the JSON form", json(), MALFORMED],
    ["a byte above the limit", padded(cbor(), 262_145), LENGTH, { actual: 262_145 }],
  ],
});

describeOptions("openTsmJson", (options) => openTsmJson(json(), options));
describeOptions("openTsmCbor", (options) => openTsmCbor(cbor(), options));

describe("a TSM report", () => {
  const manifest = Uint8Array.of(4, 5);
  const svsm = { service_provider: "svsm\n", privlevel: 0 };

  it("hands on what it says besides", async () => {
    const fromJson = await openTsmJson(json({ ...svsm, manifestblob: base64url(manifest) }));
    const fromCbor = await openTsmCbor(cbor({ ...svsm, manifestblob: manifest }));
    expect(fromJson.claims).toMatchObject({ manifest, serviceProvider: "svsm", privlevel: 0 });
    expect(fromCbor).toEqual(fromJson);
  });

  it.each([
    ["no auxblob", { auxblob: undefined }],
    ["an empty auxblob", { auxblob: "" }],
    ["an auxblob of zeros", { auxblob: base64url(new Uint8Array(4096)) }],
  ])("with %s has no certificates", async (_, changes) => {
    expect((await openTsmJson(json(changes))).evidence).toEqual({ report, certificates: {} });
  });

  it("may leave out its provider, and have its members in any order", async () => {
    const reversed = JSON.stringify(Object.fromEntries(Object.entries(members).reverse()));
    expect(await openTsmJson(reversed)).toEqual(await openTsmJson(json()));
    await expect(openTsmJson(json({ provider: undefined }))).resolves.toBeDefined();
  });

  it("in JSON may come as a text", async () => {
    expect(await openTsmJson(text)).toEqual(await openTsmJson(json()));
    await expect(openTsmJson(" ".repeat(300_000))).toFailWith("ERR_MALFORMED_LENGTH");
  });
});
