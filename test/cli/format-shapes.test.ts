import { encode, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { FORMATS } from "../../src/cli/formats.js";
import { sniff } from "../../src/cli/sniff.js";
import { padded, patched, patchedWord, utf8 } from "../evidence/support/bytes.js";
import { SAMPLES } from "./containers.js";

const fitting = (bytes: Uint8Array) => FORMATS.filter((format) => format.fits(sniff(bytes))).map(({ name }) => name);

function sampleOf(format: string): Uint8Array {
  const found = SAMPLES.find((sample) => sample.format === format);
  if (found === undefined) throw new Error(`there is no sample of ${format}`);
  return found.bytes;
}

const textOf = (format: string) => new TextDecoder().decode(sampleOf(format));
const report = sampleOf("report");
const json = (value: unknown) => utf8(JSON.stringify(value));

describe("a shape", () => {
  it.each<[string, Uint8Array, readonly string[]]>([
    ["of a report: a byte more is an extended one", padded(report, 1185), ["extended-report"]],
    ["of a report: a byte less is none", report.slice(0, 1183), []],
    ["of a report: version 255 is one, for the parser to refuse", patchedWord(report, 0, 255), ["report"]],
    ["of a report: version 256 is none", patchedWord(report, 0, 256), []],
    ["of a report: version 0 is none", patchedWord(report, 0, 0), []],
    ["of a report: text of its length is none", utf8("a".repeat(1184)), []],
    ["of an extended report: version 256 is none", patchedWord(padded(report, 1300), 0, 256), []],
    ["of an ioctl buffer: STATUS 0 and the length", patchedWord(new Uint8Array(1216), 4, 1184), ["msg-report-rsp"]],
    ["of an ioctl buffer: another length is none", patchedWord(new Uint8Array(1216), 4, 1185), []],
    ["of an ioctl buffer: one that is cut is none", patchedWord(new Uint8Array(1184), 4, 1184), []],
    ["of hex: a digit less is none", utf8(textOf("hex").slice(1)), []],
    ["of hex: capitals are one", utf8(textOf("hex").toUpperCase()), ["hex"]],
    ["of hex: another letter is none", utf8(`g${textOf("hex").slice(1)}`), []],
    ["of hex: 0X is none", utf8(`0X${textOf("hex")}`), []],
    ["of base64: without padding is none", utf8(textOf("base64").replace("=", "")), []],
    ["of base64: the other alphabet is none", utf8(textOf("base64").replace(/^./, "-")), []],
    ["of base64: a byte that is not ASCII is none", patched(sampleOf("base64"), 0, 0xe9), []],
    ["of PEM: a label that differs in a letter is none", utf8(textOf("pem").replaceAll(" REPORT", " REPORTS")), []],
    ["of PEM: words in front are none", utf8(`report:\n${textOf("pem")}`), []],
    ["of a certificate: PEM of a CRL is none", utf8("-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n"), []],
    ["of a certificate: DER of a short one is none", Uint8Array.of(0x30, 0x03, 2, 1, 0), []],
    ["of an HCL report: another magic is none", patched(sampleOf("azure-hcl"), 3, 0x42), []],
    ["of an HCL report: the magic alone is one, for the opener to refuse", utf8("HCLA"), ["azure-hcl"]],
    ["of protobuf: another first field is none", patched(sampleOf("go-sev-guest"), 0, 0x12), []],
    ["of protobuf: a report without its version is none", Uint8Array.of(0x0a, 2, 0x10, 1), []],
    ["of protobuf: a length of five bytes", Uint8Array.of(0x0a, 0x80, 0x80, 0x80, 0x80, 0, 8), ["go-sev-guest"]],
    ["of protobuf: a length of six bytes is none", Uint8Array.of(0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 8), []],
  ])("%s", (_, bytes, expected) => {
    expect(fitting(bytes)).toEqual(expected);
  });
});

describe("a shape in JSON", () => {
  const record = ["application/x", "AA"];
  it.each<[string, unknown, readonly string[]]>([
    ["outblob makes a TSM report", { outblob: 1 }, ["tsm-json"]],
    ["another letter makes none", { outBlob: 1 }, []],
    ["a member of the prototype makes none", { a: 1, b: { outblob: 1 } }, []],
    ["a profile and a CMW make a token", { eat_profile: "x", cmw: "" }, ["ratsd"]],
    ["a profile alone makes none", { eat_profile: "x" }, []],
    ["a record of a media type makes a CMW", record, ["cmw"]],
    ["a record of another word makes none", ["text", "AA"], []],
    ["a list of records makes none", [record], []],
    ["records by name make a CMW", { a: record, b: record }, ["cmw"]],
    ["a type beside records makes a CMW", { __cmwc_t: "x", a: record }, ["cmw"]],
    ["a type alone makes none", { __cmwc_t: "x" }, []],
    ["one that is no record makes none", { a: record, b: "AA" }, []],
    ["a Trustee report makes Trustee's evidence", { attestation_report: {} }, ["trustee-snp"]],
    ["quote and report make the first az-snp-vtpm", { quote: {}, report: [] }, ["trustee-az-snp-vtpm"]],
    ["a quote alone makes none", { quote: {} }, []],
    ["tpm_quote and hcl_report make the next", { tpm_quote: {}, hcl_report: "" }, ["trustee-az-snp-vtpm"]],
    ["an HCL report alone makes none", { hcl_report: "" }, []],
    ["a format of tinfoil's makes a document", { format: "https://tinfoil.sh/x", body: "" }, ["tinfoil"]],
    ["a format of somebody else's makes none", { format: "https://tinfoil.example/x", body: "" }, []],
    ["a document inside makes tinfoil's bundle", { enclaveAttestationReport: {} }, ["tinfoil"]],
    ["provider and attestation make a dump", { Provider: "", Attestation: {} }, ["nitride"]],
    ["small letters make none", { provider: "", attestation: {} }, []],
    ["null makes none", null, []],
    ["a text makes none", "outblob", []],
  ])("%s", (_, value, expected) => {
    expect(fitting(json(value))).toEqual(expected);
    expect(fitting(utf8(`\n ${JSON.stringify(value)} \n`))).toEqual(expected);
  });

  it("is none where a key stands twice", () => {
    expect(fitting(utf8('{"outblob":1}'))).toEqual(["tsm-json"]);
    expect(fitting(utf8('{"outblob":1,"outblob":1}'))).toEqual([]);
  });
});

describe("a shape in CBOR", () => {
  it.each<[string, Uint8Array, readonly string[]]>([
    ["a first key of a TSM report", encode({ outblob: report }), ["tsm-cbor"]],
    ["another first key", encode({ message: ["application/x", report] }), ["cmw"]],
    ["no key", encode({}), []],
    ["a number for a key", encode(new Map([[1, report]])), []],
    ["a record", encode(["application/x", report]), ["cmw"]],
    ["a record with an indicator", encode(["application/x", report, 4]), ["cmw"]],
    ["a list of one", encode(["application/x"]), []],
    ["a tag of four bytes", encode(new Tagged(1_668_557_429, report)), ["cmw"]],
    ["a small tag", encode(new Tagged(18, report)), []],
    ["bytes", encode(report), []],
  ])("%s", (_, bytes, expected) => {
    expect(fitting(bytes)).toEqual(expected);
  });
});

describe("a long file", () => {
  it("is looked at once, and answers fast", () => {
    const long = concatBytes(utf8('{"a":"'), new Uint8Array(1_000_000).fill(0x61), utf8('"}'));
    const started = performance.now();
    expect(fitting(long)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
