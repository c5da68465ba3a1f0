import { describe, expect, it } from "vitest";
import { toBase64 } from "../../src/bytes/codecs.js";
import { openNitride } from "../../src/evidence/index.js";
import { createForge } from "../../src/testing/index.js";
import { utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { doubled, edited, editedBytes, GONE, jsonBytes } from "./support/json.js";
import { certificate, nitrideDump } from "./support/samples-b.js";

const forge = await createForge({ seed: "nitride", signingKey: "VLEK", now: new Date("2026-09-01T00:00:00Z") });
const forged = forge.evidence();
const { report } = forged.evidence;
const dump = nitrideDump(forged);
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const UNSUPPORTED = "ERR_UNSUPPORTED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const LENGTH = "ERR_MALFORMED_LENGTH";
const at = (where: string) => ({ container: "nitride", where });
const change = (path: string, member: unknown) => editedBytes(dump, path, member);
const inside = (path: string, member: unknown) => change(`Attestation/${path}`, member);

const broken: readonly Broken[] = [
  ["no JSON", jsonBytes(dump).subarray(1), MALFORMED, at("JSON")],
  ["a list", jsonBytes([dump]), MALFORMED, at("JSON")],
  ["a key twice", doubled(dump, "Attestation"), MALFORMED, at("Attestation")],
  ["a key twice inside", utf8(JSON.stringify(dump).replace('"Data"', '"Vlek":"","Data"')), MALFORMED],
  ["no version", change("Version", GONE), MALFORMED, at("Version")],
  ["version 2", change("Version", 2), UNSUPPORTED, at("Version")],
  ["a version as text", change("Version", "1"), UNSUPPORTED, at("Version")],
  ["no provider", change("Provider", GONE), MALFORMED, at("Provider")],
  ["another provider", change("Provider", "azure-tdx-raw"), UNSUPPORTED, at("Provider")],
  ["a provider that is no text", change("Provider", ["aws-sev-snp-raw"]), MALFORMED, at("Provider")],
  ["no attestation", change("Attestation", GONE), MALFORMED, at("Attestation")],
  ["an attestation as text", change("Attestation", "{}"), MALFORMED, at("Attestation")],
  ["an attestation of version 2", inside("Version", 2), UNSUPPORTED, at("Attestation/Version")],
  ["an attestation without version", inside("Version", GONE), MALFORMED, at("Attestation/Version")],
  ["no report", inside("Report", GONE), MALFORMED, at("Attestation/Report")],
  ["a report that is no base64", inside("Report", "AgAA-AAA"), ENCODING],
  ["a report as a list", inside("Report", [2]), MALFORMED, at("Attestation/Report")],
  ["a report cut", inside("Report", toBase64(report.subarray(1))), LENGTH],
  ["an extended report", inside("Report", toBase64(Buffer.concat([report, report]))), LENGTH],
  ["a VLEK that is no base64", inside("Vlek", "*"), ENCODING],
  ["a VLEK that is no DER", inside("Vlek", toBase64(utf8("nothing"))), MALFORMED, at("Attestation/Vlek")],
  ["an empty VLEK", inside("Vlek", ""), MALFORMED, at("Attestation/Vlek")],
  ["a VCEK beside the VLEK", inside("Vcek", dump.Attestation.Vlek), MALFORMED, at("Attestation/Vcek")],
  ["data that are no base64", inside("Data", "{}"), ENCODING],
  ["data as an object", inside("Data", {}), MALFORMED, at("Attestation/Data")],
  ["data of 65537 bytes", inside("Data", toBase64(new Uint8Array(65_537))), MALFORMED, at("Attestation/Data")],
  ["a product that is no text", inside("Product", 1), MALFORMED, at("Attestation/Product")],
  ["a limit passed", jsonBytes({ ...dump, more: "x".repeat(262_144) }), LENGTH],
];

describeContainer({
  name: "openNitride",
  open: (input) => openNitride(input),
  sound: jsonBytes(dump),
  forged,
  evidence: { report, certificates: { leaf: certificate(forged, "leaf") } },
  broken,
});
describeOptions("openNitride", (options) => openNitride(jsonBytes(dump), options));

describe("openNitride", () => {
  it("hands over what the dump says", async () => {
    expect((await openNitride(JSON.stringify(dump))).claims).toEqual({
      provider: "aws-sev-snp-raw",
      product: "Milan",
      data: utf8('{"Nonce":"dump","Data":null}'),
    });
  });

  it("takes a dump without product, data and certificate", async () => {
    const Attestation = { Version: 1, Report: dump.Attestation.Report };
    const opened = await openNitride(jsonBytes({ ...dump, Attestation }));
    expect(opened.evidence).toEqual({ report, certificates: {} });
    expect(opened.claims).toEqual({ provider: "aws-sev-snp-raw", product: null, data: null });
  });

  it("takes a VCEK in place of the VLEK", async () => {
    const { leaf } = forged.evidence.certificates ?? {};
    const without = edited(dump, "Attestation/Vlek", GONE) as object;
    const opened = await openNitride(editedBytes(without, "Attestation/Vcek", dump.Attestation.Vlek));
    expect(opened.evidence.certificates).toEqual({ leaf });
  });
});
