import { randomBytes } from "node:crypto";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { concatBytes, toBase64 } from "../../src/bytes/codecs.js";
import { gunzip } from "../../src/evidence/gunzip.js";
import { openTinfoil } from "../../src/evidence/index.js";
import { createForge } from "../../src/testing/index.js";
import { patched, patchedWord, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { doubled, editedBytes, GONE, jsonBytes } from "./support/json.js";
import { certificate, TINFOIL_FORMAT, tinfoilBundle, tinfoilDocument } from "./support/samples-b.js";

const forge = await createForge({ seed: "tinfoil", productLine: "Genoa", now: new Date("2026-09-01T00:00:00Z") });
const forged = forge.evidence();
const { report } = forged.evidence;
const document = tinfoilDocument(report);
const plain = { format: `${TINFOIL_FORMAT}v1`, body: toBase64(report) };
const bundle = tinfoilBundle(forged);
const packed = new Uint8Array(gzipSync(report));
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const at = (where: string) => ({ container: "tinfoil", where });
const change = (path: string, member: unknown) => editedBytes(document, path, member);
const inBundle = (path: string, member: unknown) => editedBytes(bundle, path, member);
const body = (bytes: Uint8Array) => change("body", toBase64(bytes));
/** A gzip stream that says at its end that it has a report's length. */
const lying = (content: Uint8Array) => {
  const stream = new Uint8Array(gzipSync(content));
  return patchedWord(stream, stream.length - 4, 1184);
};
const bomb = new Uint8Array(1 << 20);
/** A sound stream, bytes behind its end, and the length once more: Node stops reading at a zero. */
const behind = (...bytes: readonly number[]) => concatBytes(packed, Uint8Array.from(bytes), packed.slice(-4));
const nothing = gzipSync(new Uint8Array());

const broken: readonly Broken[] = [
  ["no JSON", jsonBytes(document).subarray(1), MALFORMED, at("JSON")],
  ["a text for all", jsonBytes("H4sI"), MALFORMED, at("JSON")],
  ["a key twice", doubled(document, "body"), MALFORMED, at("body")],
  ["no format", change("format", GONE), MALFORMED, at("format")],
  ["a format that is no text", change("format", 2), MALFORMED, at("format")],
  ["TDX", change("format", "https://tinfoil.sh/predicate/tdx-guest/v2"), UNSUPPORTED, at("format")],
  ["measurements", change("format", "https://tinfoil.sh/predicate/snp-tdx-multiplatform/v1"), UNSUPPORTED],
  ["version 3", change("format", `${TINFOIL_FORMAT}v3`), UNSUPPORTED, at("format")],
  ["__proto__ for a format", change("format", "__proto__"), UNSUPPORTED, at("format")],
  ["no body", change("body", GONE), MALFORMED, at("body")],
  ["a body that is no base64", change("body", "H4sI*AAA"), ENCODING],
  ["a body without padding", change("body", toBase64(packed.subarray(0, 100)).replace(/=+$/, "")), ENCODING],
  ["an empty body", change("body", ""), MALFORMED, at("body")],
  ["a report that is not packed", body(report), MALFORMED, at("body")],
  ["a gzip of one byte less", body(new Uint8Array(gzipSync(report.subarray(1)))), MALFORMED, at("body")],
  ["a gzip of one byte more", body(new Uint8Array(gzipSync(concatBytes(report, Uint8Array.of(0))))), MALFORMED],
  ["a gzip that lies: less", body(lying(report.subarray(1))), MALFORMED, at("body")],
  ["a gzip that lies: more", body(lying(concatBytes(report, Uint8Array.of(0)))), MALFORMED, at("body")],
  ["a gzip bomb", body(new Uint8Array(gzipSync(bomb))), MALFORMED, at("body")],
  ["a gzip bomb that lies", body(lying(bomb)), MALFORMED, at("body")],
  ["a gzip cut in the middle", body(concatBytes(packed.subarray(0, 200), packed.slice(-4))), MALFORMED, at("body")],
  ["a gzip cut at its end", body(packed.subarray(0, -1)), MALFORMED, at("body")],
  ["a gzip without checksum", body(concatBytes(packed.subarray(0, -8), packed.slice(-4))), MALFORMED, at("body")],
  ["a gzip with another checksum", body(patched(packed, packed.length - 8, 0, 0, 0, 0)), MALFORMED, at("body")],
  ["another compression", body(patched(packed, 2, 7)), MALFORMED, at("body")],
  ["zlib for gzip", body(concatBytes(new Uint8Array(deflateSync(report)), packed.slice(-4))), MALFORMED, at("body")],
  ["deflate alone", body(concatBytes(new Uint8Array(deflateRawSync(report)), packed.slice(-4))), MALFORMED],
  ["a zero behind the gzip", body(concatBytes(packed, new Uint8Array(1))), MALFORMED, at("body")],
  ["bytes behind the gzip", body(concatBytes(packed, Uint8Array.of(1, 2, 3))), MALFORMED, at("body")],
  ["a zero, bytes and a length behind the gzip", body(behind(0, 1, 2, 3)), MALFORMED, at("body")],
  ["a zero, a member and a length behind the gzip", body(behind(0, ...packed)), MALFORMED, at("body")],
  ["zeros and a length behind the gzip", body(behind(...new Uint8Array(16))), MALFORMED, at("body")],
  ["a member of nothing, a zero and a length behind", body(behind(...nothing, 0, 0)), MALFORMED, at("body")],
  ["a body of 2049 bytes", body(new Uint8Array(2049)), MALFORMED, at("body")],
  ["a limit passed", jsonBytes({ ...document, more: "x".repeat(262_144) }), "ERR_MALFORMED_LENGTH"],
];

const brokenPlain: readonly Broken[] = [
  ["a body that is packed", jsonBytes({ ...plain, body: document.body }), "ERR_MALFORMED_LENGTH"],
  ["a report cut", editedBytes(plain, "body", toBase64(report.subarray(1))), "ERR_MALFORMED_LENGTH"],
  ["a report too long", editedBytes(plain, "body", toBase64(concatBytes(report, report))), MALFORMED, at("body")],
];

const brokenBundle: readonly Broken[] = [
  ["no JSON", jsonBytes(bundle).subarray(1), MALFORMED, at("JSON")],
  ["a document beside the one inside", jsonBytes({ ...bundle, ...document }), MALFORMED, at("JSON")],
  ["a format beside the document", jsonBytes({ ...bundle, format: document.format }), MALFORMED, at("JSON")],
  [
    "a document that is a text",
    inBundle("enclaveAttestationReport", "H4sI"),
    MALFORMED,
    at("enclaveAttestationReport"),
  ],
  ["a document that is a list", inBundle("enclaveAttestationReport", []), MALFORMED, at("enclaveAttestationReport")],
  ["a document without body", inBundle("enclaveAttestationReport/body", GONE), MALFORMED],
  ["a bundle in a bundle", inBundle("enclaveAttestationReport", bundle), MALFORMED],
  ["a document of TDX", inBundle("enclaveAttestationReport/format", "tdx"), UNSUPPORTED],
  ["a document twice", doubled(bundle, "enclaveAttestationReport"), MALFORMED, at("enclaveAttestationReport")],
  ["a VCEK twice", doubled(bundle, "vcek"), MALFORMED, at("vcek")],
  ["a VCEK that is no base64", inBundle("vcek", "-_"), ENCODING],
  ["a VCEK that is no DER", inBundle("vcek", toBase64(utf8("nothing"))), MALFORMED, at("vcek")],
  ["an empty VCEK", inBundle("vcek", ""), MALFORMED, at("vcek")],
  ["a VCEK as a list", inBundle("vcek", [48]), MALFORMED, at("vcek")],
  ["a domain that is no text", inBundle("domain", 1), MALFORMED, at("domain")],
  ["a digest that is no text", inBundle("digest", {}), MALFORMED, at("digest")],
  ["an enclaveCert that is no text", inBundle("enclaveCert", [1]), MALFORMED, at("enclaveCert")],
];

const open = (input: Uint8Array) => openTinfoil(input);
describeContainer({
  name: "openTinfoil, a document",
  open,
  sound: jsonBytes(document),
  forged,
  evidence: { report },
  broken,
});
describeContainer({
  name: "openTinfoil, a document of version 1",
  open,
  sound: jsonBytes(plain),
  forged,
  evidence: { report },
  broken: [...brokenPlain, ...broken.slice(0, 10)],
});
describeContainer({
  name: "openTinfoil, a bundle",
  open,
  sound: jsonBytes(bundle),
  forged,
  evidence: { report, certificates: { leaf: certificate(forged, "leaf") } },
  broken: brokenBundle,
});
describeOptions("openTinfoil", (options) => openTinfoil(jsonBytes(document), options));

describe("openTinfoil", () => {
  it("says what a bundle says, and of a document its version alone", async () => {
    expect((await openTinfoil(JSON.stringify(bundle))).claims).toEqual({
      version: 2,
      domain: "enclave.example",
      digest: "5e".repeat(32),
      enclaveCertificate: "-----BEGIN CERTIFICATE-----",
    });
    const none = { domain: null, digest: null, enclaveCertificate: null };
    const more = { domain: "enclave.example", vcek: "*" };
    expect((await openTinfoil(jsonBytes({ ...document, ...more }))).claims).toEqual({ version: 2, ...none });
    expect((await openTinfoil(jsonBytes(plain))).claims).toEqual({ version: 1, ...none });
  });

  it("takes a bundle with nothing but the document", async () => {
    const opened = await openTinfoil(jsonBytes({ enclaveAttestationReport: document }));
    expect(opened.evidence).toEqual({ report, certificates: {} });
  });

  it("takes a report that does not compress", async () => {
    const noise = forge.report({ measurement: randomBytes(48), chipId: randomBytes(64) }).bytes;
    const stored = toBase64(gzipSync(noise, { level: 0 }));
    expect((await openTinfoil(jsonBytes({ ...document, body: stored }))).evidence.report).toEqual(noise);
  });
});

describe("gunzip", () => {
  it("asks for no more than the piece in which the content passes its length", async () => {
    const cancel = vi.fn(() => Promise.reject(new Error("it cannot be stopped")));
    let made = 0;
    const pieces = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          made += 1;
          controller.enqueue(new Uint8Array(1000));
        },
        cancel,
      },
      { highWaterMark: 0 },
    );
    const endless = vi.spyOn(ReadableStream.prototype, "pipeThrough").mockReturnValueOnce(pieces);
    await expect(gunzip({ container: "tinfoil", where: "body", length: 1184 }, packed)).toFailWith(MALFORMED);
    endless.mockRestore();
    expect(made).toBe(2);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("says so where the runtime has none", async () => {
    const task = { container: "tinfoil", where: "body", length: 1184 };
    vi.stubGlobal("DecompressionStream", undefined);
    await expect(gunzip(task, packed)).toFailWith(UNSUPPORTED, at("body"));
    vi.unstubAllGlobals();
    expect(await gunzip(task, packed)).toEqual(report);
  });
});
