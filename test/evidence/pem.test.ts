import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openPem, REPORT_PEM_LABEL } from "../../src/evidence/index.js";
import { createForge } from "../../src/testing/index.js";
import { pem, utf8 } from "./support/bytes.js";
import { type Broken, describeContainer, describeOptions } from "./support/describe-container.js";
import { certificate, pemSample } from "./support/samples-b.js";

const forge = await createForge({ seed: "pem", now: new Date("2026-09-01T00:00:00Z") });
const forged = forge.evidence();
const { report } = forged.evidence;
const all = pemSample(forged);
const alone = pem(report, REPORT_PEM_LABEL);
const block = (role: "leaf" | "intermediate" | "root" | "crl") =>
  pem(certificate(forged, role), role === "crl" ? "X509 CRL" : "CERTIFICATE");
const MALFORMED = "ERR_MALFORMED_CONTAINER";
const ENCODING = "ERR_MALFORMED_ENCODING";
const at = (where: string) => ({ container: "pem", where });
const behind = (...blocks: readonly Uint8Array[]) => concatBytes(alone, ...blocks);
const text = new TextDecoder().decode(alone);
const foreign = forge.ask({ subject: { commonName: "SEV-Nowhere" } }).der;
const nameless = forge.vcek({ subject: { commonName: null } }).der;

const broken: readonly Broken[] = [
  ["nothing", utf8(""), ENCODING],
  ["no PEM", report, ENCODING],
  ["text before it", utf8(`report:\n${text}`), ENCODING],
  ["text behind it", utf8(`${text}report`), ENCODING],
  ["another end", utf8(text.replace("END SEV", "END SNP")), ENCODING],
  ["broken base64", utf8(text.replace("A", "*")), ENCODING],
  ["no report", concatBytes(block("leaf"), block("root")), MALFORMED, at(REPORT_PEM_LABEL)],
  ["a report twice", concatBytes(alone, alone), MALFORMED, at(REPORT_PEM_LABEL)],
  ["another label for the report", pem(report, "ATTESTATION REPORT"), MALFORMED, at(REPORT_PEM_LABEL)],
  ["a label in lower case", utf8(text.replaceAll("REPORT", "report")), ENCODING],
  ["a report cut", pem(report.subarray(1), REPORT_PEM_LABEL), "ERR_MALFORMED_LENGTH"],
  ["an extended report", pem(concatBytes(report, report), REPORT_PEM_LABEL), "ERR_MALFORMED_LENGTH"],
  ["a report as a certificate", behind(pem(report)), "ERR_MALFORMED_DER"],
  ["a private key", behind(pem(report, "PRIVATE KEY")), MALFORMED, at("block 2")],
  ["a leaf twice", behind(block("leaf"), block("root"), block("leaf")), MALFORMED, at("block 4")],
  ["a VLEK beside a VCEK", behind(block("leaf"), pem(forge.vlek().der)), MALFORMED, at("block 3")],
  ["an ASVK beside an ASK", behind(block("intermediate"), pem(forge.asvk().der)), MALFORMED, at("block 3")],
  ["a root twice", behind(block("root"), block("root")), MALFORMED, at("block 3")],
  ["a CRL twice", behind(block("crl"), block("crl")), MALFORMED, at("block 3")],
  ["a CRL as a certificate", behind(pem(certificate(forged, "crl"))), "ERR_MALFORMED_CERTIFICATE"],
  ["a certificate of nobody's", behind(pem(foreign)), MALFORMED, at("block 2")],
  ["a certificate without a name", behind(pem(nameless)), MALFORMED, at("block 2")],
  ["a limit passed", behind(new Uint8Array(262_144).fill(0x0a)), "ERR_MALFORMED_LENGTH"],
];

describeContainer({
  name: "openPem",
  open: (input) => openPem(input),
  sound: behind(block("leaf")),
  forged,
  evidence: { report, certificates: { leaf: certificate(forged, "leaf") } },
  broken,
  // The report alone is a container as well, and the last line may lack its end.
  mayEndAt: (length) => length >= behind(block("leaf")).length - 1 || [0, 1].includes(alone.length - length),
});
describeOptions("openPem", (options) => openPem(all, options));

describe("openPem", () => {
  it("takes everything, in any order, with any line ends", async () => {
    const blocks = [block("crl"), block("root"), alone, block("leaf"), block("intermediate")];
    for (const input of [all, concatBytes(...blocks), new TextDecoder().decode(all).replaceAll("\n", "\r\n")]) {
      expect(await openPem(input)).toEqual({ evidence: forged.evidence, claims: {} });
    }
  });

  it("takes a report alone", async () => {
    expect((await openPem(text)).evidence).toEqual({ report, certificates: {} });
  });
});
