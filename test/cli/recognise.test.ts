import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { FORMATS, type Format, formatByName } from "../../src/cli/formats.js";
import { openReport, recognise } from "../../src/cli/recognise.js";
import { sniff } from "../../src/cli/sniff.js";
import { UsageError } from "../../src/cli/usage-error.js";
import { isAttestationError } from "../../src/errors.js";
import { parseReport } from "../../src/report/report.js";
import { utf8 } from "../evidence/support/bytes.js";
import { type CorpusSet, corpusFile, corpusFolder, corpusSets } from "../support/corpus.js";
import { needs } from "../support/needs.js";
import { SAMPLES } from "./containers.js";
import { fakeIo } from "./fake-io.js";
import { runCli } from "./run-cli.js";

const fitting = (bytes: Uint8Array) => FORMATS.filter((format) => format.fits(sniff(bytes))).map(({ name }) => name);
const open = (bytes: Uint8Array, format?: Format) => openReport(fakeIo({ files: { r: bytes } }).io, "r", format);

describe("the containers", () => {
  it("have names of their own, and a sample each", () => {
    const names = FORMATS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(SAMPLES.map(({ format }) => format))).toEqual(new Set(names));
    for (const { name, doc } of FORMATS) {
      expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(doc).not.toBe("");
    }
  });

  it.each(SAMPLES)("$format, $what: has one shape, and opens to its report", async ({ format, bytes, report }) => {
    expect(fitting(bytes)).toEqual([format]);
    expect(await open(bytes)).toMatchObject({ format, evidence: { report } });
  });

  it.each(SAMPLES)("$format, $what: opens by name as well, and as nothing else", async ({ format, bytes, report }) => {
    expect(await open(bytes, formatByName(format))).toMatchObject({ format, evidence: { report } });
    // A report alone is an extended report whose table is absent; its shape is the plainer one.
    const others = FORMATS.filter(
      ({ name }) => name !== format && !(format === "report" && name === "extended-report"),
    );
    for (const other of others) {
      // What no reader of a container can see comes to light in the report itself.
      const outcome = await open(bytes, other)
        .then((opened) => parseReport(opened.evidence.report))
        .catch((error: unknown) => error);
      expect(isAttestationError(outcome), other.name).toBe(true);
    }
  });
});

describe("a file that has no shape", () => {
  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "ERR_MALFORMED_LENGTH"],
    ["a word", utf8("report"), "ERR_MALFORMED_ENCODING"],
    ["hex of a byte too few", utf8("ab".repeat(1183)), "ERR_MALFORMED_ENCODING"],
    ["other JSON", utf8('{"report": 1}'), "ERR_MALFORMED_CONTAINER"],
    ["a JSON list", utf8(" [1, 2]"), "ERR_MALFORMED_CONTAINER"],
    ["a JSON list of words", utf8('["a", "b"]'), "ERR_MALFORMED_CONTAINER"],
    ["JSON of a key twice", utf8('{"outblob": "", "outblob": ""}'), "ERR_MALFORMED_ENCODING"],
    ["a CBOR map of something else", Uint8Array.of(0xa1, 0x01, 0x02), "ERR_MALFORMED_LENGTH"],
    ["a message of something else", Uint8Array.of(0x0a, 0x02, 0x12, 0x00), "ERR_MALFORMED_LENGTH"],
    ["a message without an end of its length", new Uint8Array(12).fill(0x8a).fill(0x0a, 0, 1), "ERR_MALFORMED_LENGTH"],
    ["PEM of something else", utf8("-----BEGIN X-----\nAAAA\n-----END X-----\n"), "ERR_MALFORMED_ENCODING"],
  ])("%s says so", async (_, bytes, code) => {
    expect(fitting(bytes)).toEqual([]);
    const { stdout, stderr, code: exit } = await runCli(["inspect", "-"], { stdin: bytes });
    expect({ stdout, exit }).toEqual({ stdout: "", exit: 6 });
    expect(stderr).toContain(code);
  });

  it("is told about --format where it is JSON", async () => {
    expect((await runCli(["inspect", "-"], { stdin: "{}" })).stderr).toContain("name its container with --format");
  });
});

describe("a file that has two shapes", () => {
  const two = utf8('{"outblob": "AA", "attestation_report": {}}');

  it("is a usage error that names both", async () => {
    expect(fitting(two)).toEqual(["tsm-json", "trustee-snp"]);
    expect(() => recognise(sniff(two))).toThrow(UsageError);
    const { code, stdout, stderr } = await runCli(["inspect", "r"], { files: { r: two } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("REPORT can be read as tsm-json and as trustee-snp; say which it is with --format");
  });

  it("is opened as what the caller names", async () => {
    const named = (format: string) => runCli(["inspect", "r", "--format", format], { files: { r: two } });
    expect((await named("tsm-json")).stderr).toContain("TSM report");
    expect((await named("trustee-snp")).stderr).toContain("trustee-snp:");
  });

  it("names three where three fit", () => {
    const fits: Format = { ...formatByName("report"), fits: () => true };
    const formats = ["a", "b", "c"].map((name) => ({ ...fits, name }));
    expect(() => recognise(sniff(two), formats)).toThrow(/as a and as b and as c/);
    expect(recognise(sniff(two), [fits])).toBe(fits);
    expect(recognise(sniff(two), [])).toBeUndefined();
  });
});

describe("what is wrong inside a container", () => {
  it("is said by the container, and no other reading is tried", async () => {
    const extended = SAMPLES.find(({ what }) => what === "report and table");
    const cut = extended?.bytes.slice(0, 1300) ?? new Uint8Array(0);
    await expect(open(cut)).toFailWith("ERR_MALFORMED_CERTIFICATE_TABLE");
    await expect(open(concatBytes(utf8("HCLA"), new Uint8Array(8)))).toFailWith("ERR_MALFORMED_CONTAINER");
    await expect(open(utf8('{"attestation_report": 1}'))).toFailWith("ERR_MALFORMED_CONTAINER");
  });

  it("is said of a report in the wrong container", async () => {
    const [{ bytes } = { bytes: new Uint8Array(0) }] = SAMPLES;
    const { code, stderr } = await runCli(["inspect", "r", "--format", "azure-hcl"], { files: { r: bytes } });
    expect({ code }).toEqual({ code: 6 });
    expect(stderr).toContain("azure-hcl");
  });
});

/** The containers of a set as its finders stored them, by what the index calls them. */
const CORPUS: Readonly<Record<string, readonly [file: RegExp, format: string]>> = {
  "msg-report-rsp": [/snp_report_msg_resp\.bin$/, "msg-report-rsp"],
  "configfs-tsm-json": [/sevsnp-tsm-report\.json$/, "tsm-json"],
  "configfs-tsm-cbor": [/sevsnp-tsm-report\.cbor$/, "tsm-cbor"],
  "ratsd-cmw": [/sevsnp-ratsd-token$/, "ratsd"],
  "az-snp-evidence-v0": [/evidence-v0\.json$/, "trustee-az-snp-vtpm"],
  "trustee-snp-json": [/^evidence\.json$/, "trustee-snp"],
  "tinfoil-bundle": [/attestation-bundle\.json$/, "tinfoil"],
};

function containersOf({ id, formats }: CorpusSet) {
  const folder = `reports/${id}/origin`;
  return formats.flatMap((tag) => {
    const [file, format] = CORPUS[tag] ?? [];
    const names = file === undefined ? [] : corpusFolder(folder).filter((name) => file.test(name));
    return names.map((name) => ({ id, tag, format, path: `${folder}/${name}` }));
  });
}

describe.runIf(needs("corpus"))("real containers", () => {
  const found = corpusSets().flatMap(containersOf);

  it("are there, each kind of them", () => {
    expect(new Set(found.map(({ tag }) => tag))).toEqual(new Set(Object.keys(CORPUS)));
  });

  it.each(found)("$id, $tag: is recognised as $format", async ({ id, format, path }) => {
    const bytes = corpusFile(path);
    expect(fitting(bytes)).toEqual([format]);
    const report = corpusFile(`reports/${id}/report.bin`);
    expect(await open(bytes)).toMatchObject({ format, evidence: { report } });
  });
});
