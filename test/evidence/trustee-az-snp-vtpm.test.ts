import { describe, expect, it } from "vitest";
import { openTrusteeAzSnpVtpm } from "../../src/evidence/index.js";
import { nodeEngine } from "../../src/node/index.js";
import { createForge } from "../../src/testing/index.js";
import { patched, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { doubled, editedBytes, GONE, jsonBytes } from "./support/json.js";
import { certificate, hclBlob, hclSample, pemText, trusteeAz, trusteeAz0 } from "./support/samples-b.js";

const forge = await createForge({ seed: "trustee azure", now: new Date("2026-09-01T00:00:00Z") });
const { forged, runtimeData, blob } = hclSample(forge);
const first = trusteeAz0(forged, blob);
const later = trusteeAz(forged, blob, 1);
const { report } = forged.evidence;
const [leaf, ask, ark] = (["leaf", "intermediate", "root"] as const).map((role) => pemText(certificate(forged, role)));
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const at = (where: string) => ({ container: "trustee-az-snp-vtpm", where });
const old = (path: string, member: unknown) => editedBytes(first, path, member);
const change = (path: string, member: unknown) => editedBytes(later, path, member);
const url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const tdx = hclBlob(report, runtimeData, { reportType: 4 });

const broken: readonly Broken[] = [
  ["no JSON", jsonBytes(later).subarray(1), MALFORMED, at("JSON")],
  ["a key twice", doubled(later, "hcl_report"), MALFORMED, at("hcl_report")],
  ["a version twice", utf8(`{"version":2,${JSON.stringify(later).slice(1)}`), MALFORMED, at("version")],
  ["version 0, written", change("version", 0), UNSUPPORTED, at("version")],
  ["version 3", change("version", 3), UNSUPPORTED, at("version")],
  ["a version as text", change("version", "1"), UNSUPPORTED, at("version")],
  ["the parts of version 0 under 1", jsonBytes({ version: 1, ...first }), MALFORMED, at("hcl_report")],
  ["the parts of version 1 under none", change("version", GONE), MALFORMED, at("report")],
  ["no HCL report", change("hcl_report", GONE), MALFORMED, at("hcl_report")],
  ["an HCL report in base64", change("hcl_report", `${url(blob).slice(0, -4)}+/+/`), ENCODING],
  ["an HCL report with half a padding", change("hcl_report", `${url(blob.subarray(0, 1))}=`), ENCODING],
  ["an HCL report as a list", change("hcl_report", [...blob]), MALFORMED, at("hcl_report")],
  ["an HCL report cut", change("hcl_report", url(blob.subarray(0, 0x4d3))), MALFORMED, at("length")],
  ["an HCL report cut in the runtime data", change("hcl_report", url(blob.subarray(0, -1))), MALFORMED, at("var_size")],
  ["an HCL report too long", change("hcl_report", url(new Uint8Array(65_537))), MALFORMED, at("hcl_report")],
  ["a report of TDX", change("hcl_report", url(tdx)), UNSUPPORTED, at("report_type")],
  [
    "other runtime data",
    change("hcl_report", url(patched(blob, blob.length - 3, 0x31))),
    "ERR_UNTRUSTED_CONTAINER_BINDING",
  ],
  ["no VCEK", change("vcek", GONE), MALFORMED, at("vcek")],
  ["a VCEK of no bytes", change("vcek", ""), MALFORMED, at("vcek")],
  ["a VCEK that is no DER", change("vcek", url(utf8("nothing"))), MALFORMED, at("vcek")],
  ["a VCEK that is PEM as it is", change("vcek", leaf), ENCODING],
  ["no quote", change("tpm_quote", GONE), MALFORMED, at("tpm_quote")],
  ["a quote without message", change("tpm_quote/message", GONE), MALFORMED, at("tpm_quote/message")],
  ["a signature that is no hex", change("tpm_quote/signature", "0g"), ENCODING],
  ["a signature as a list", change("tpm_quote/signature", [1]), MALFORMED, at("tpm_quote/signature")],
  ["a message of 4097 bytes", change("tpm_quote/message", "00".repeat(4097)), MALFORMED, at("tpm_quote/message")],
  ["25 PCRs", change("tpm_quote/pcrs", Array(25).fill("00".repeat(32))), MALFORMED, at("tpm_quote/pcrs")],
  ["a PCR of 48 bytes", change("tpm_quote/pcrs/3", "00".repeat(48)), MALFORMED, at("tpm_quote/pcrs/3")],
  ["a PCR that is no hex", change("tpm_quote/pcrs/3", "xy".repeat(32)), ENCODING],
  ["PCRs in an object", change("tpm_quote/pcrs", {}), MALFORMED, at("tpm_quote/pcrs")],
  ["a limit passed", jsonBytes({ ...later, more: "x".repeat(262_144) }), "ERR_MALFORMED_LENGTH"],
];

const brokenFirst: readonly Broken[] = [
  ["no HCL report", old("report", GONE), MALFORMED, at("report")],
  ["an HCL report in base64url", old("report", url(blob)), MALFORMED, at("report")],
  ["a byte of 256", old("report/7", 256), MALFORMED, at("report/7")],
  ["an HCL report cut", old("report", [...blob.subarray(0, 1000)]), MALFORMED, at("length")],
  ["other runtime data", old("report", [...patched(blob, blob.length - 3, 0x31)]), "ERR_UNTRUSTED_CONTAINER_BINDING"],
  ["a VCEK that is DER", old("vcek", url(certificate(forged, "leaf"))), ENCODING],
  ["a VCEK twice", old("vcek", `${leaf}${leaf}`), MALFORMED, at("vcek")],
  ["a chain without VCEK", old("vcek", `${ask}${ark}`), MALFORMED, at("vcek")],
  ["a chain with an ASK twice", old("vcek", `${leaf}${ask}${ask}`), MALFORMED, at("vcek")],
  ["a quote in hex", old("quote/signature", "00"), MALFORMED, at("quote/signature")],
  ["a quote without PCRs", old("quote/pcrs", null), MALFORMED, at("quote/pcrs")],
  ["25 PCRs", old("quote/pcrs", Array(25).fill(Array(32).fill(0))), MALFORMED, at("quote/pcrs")],
  ["a PCR of 31 bytes", old("quote/pcrs/0", Array(31).fill(0)), MALFORMED, at("quote/pcrs/0")],
  ["a null for a PCR", old("quote/pcrs/0", null), MALFORMED, at("quote/pcrs/0")],
];

const evidence = { report, certificates: { leaf: certificate(forged, "leaf") } };
describeContainer({
  name: "openTrusteeAzSnpVtpm, version 1",
  open: (input) => openTrusteeAzSnpVtpm(input),
  sound: jsonBytes(later),
  forged,
  evidence,
  broken,
});
describeContainer({
  name: "openTrusteeAzSnpVtpm, version 0",
  open: (input) => openTrusteeAzSnpVtpm(input),
  sound: jsonBytes(first),
  forged,
  evidence,
  broken: brokenFirst,
});
describeOptions("openTrusteeAzSnpVtpm", (options) => openTrusteeAzSnpVtpm(jsonBytes(later), options), {
  engine: nodeEngine,
});

describe("openTrusteeAzSnpVtpm", () => {
  it.each([
    [0, jsonBytes(first)],
    [1, jsonBytes(later)],
    [2, jsonBytes(trusteeAz(forged, blob, 2))],
  ] as const)("opens version %i, the quote as it came and unverified", async (version, input) => {
    const { claims } = await openTrusteeAzSnpVtpm(input);
    expect(claims.version).toBe(version);
    expect(claims.runtimeData).toEqual(runtimeData);
    expect(claims.keys.map(({ kid }) => kid)).toEqual(["HCLAkPub", "HCLEkPub"]);
    expect(claims.userData).toHaveLength(64);
    expect(claims.quote).toEqual({
      signature: Uint8Array.of(1, 2, 3),
      message: utf8("quote"),
      pcrs: Array(24).fill(new Uint8Array(32).fill(9)),
    });
  });

  it("takes the chain behind the VCEK of version 0", async () => {
    const { intermediate, root } = forged.evidence.certificates ?? {};
    const opened = await openTrusteeAzSnpVtpm(old("vcek", `${leaf}${ask}${ark}`));
    expect(opened.evidence.certificates).toEqual({ ...evidence.certificates, intermediate, root });
  });

  it.each([blob.length, blob.length - 1, blob.length - 2])("takes base64url with padding and without", async (size) => {
    // Padding of every length: zeros behind the runtime data change nothing.
    const bytes = new Uint8Array(blob.length + (size % 3));
    bytes.set(blob);
    const bare = url(bytes);
    const padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, "=");
    for (const text of [bare, padded]) {
      expect((await openTrusteeAzSnpVtpm(change("hcl_report", text))).evidence.report).toEqual(report);
    }
  });

  it("takes a text, and members that nobody knows", async () => {
    const opened = await openTrusteeAzSnpVtpm(`{"__proto__":{"version":2},${JSON.stringify(later).slice(1)}`);
    expect(opened.claims.version).toBe(1);
    expect(opened.evidence).toEqual(evidence);
  });
});
