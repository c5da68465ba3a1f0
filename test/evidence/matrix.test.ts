import { encode, Tagged } from "cborg";
import { describe, expect, it } from "vitest";
import { concatBytes, toBase64, toHex } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import * as openers from "../../src/evidence/index.js";
import type { OpenedEvidence } from "../../src/evidence/opened.js";
import { certificateTableEntries, createForge, der, encodeCertificateTable } from "../../src/testing/index.js";
import { attestationOf, chainFields, messageOf, reportFields } from "./support/attestation.js";
import { base64url, padded, patchedWord, utf8 } from "./support/bytes.js";
import {
  hclSample,
  nitrideDump,
  pemSample,
  thimAnswer,
  tinfoilBundle,
  tinfoilDocument,
  trusteeAz,
  trusteeAz0,
  trusteeSnp,
} from "./support/samples-b.js";
import { tlsCertificate } from "./support/tls-certificate.js";

const forge = await createForge({ seed: "matrix" });
const { forged, blob } = hclSample(forge);
const { report, certificates = {} } = forged.evidence;
const table = encodeCertificateTable(certificateTableEntries("VCEK", certificates));
const attestation = attestationOf(messageOf(reportFields(report)), messageOf(chainFields(certificates)));

const RATSD = "tag:github.com,2024:veraison/ratsd";
const REPORT = "application/vnd.amd.sev-snp.attestation-report";
const json = (value: unknown) => utf8(JSON.stringify(value));
const tsm = { outblob: report, auxblob: table, provider: "sev_guest" };
const tsmJson = json({ ...tsm, outblob: base64url(report), auxblob: base64url(table) });
const ratsdCmw = { __cmwc_t: "tag:github.com,2025:veraison/ratsd/cmw", r: [REPORT, base64url(report)] };

/** Every opener, with the bytes alone for its argument. */
const OPENERS: Readonly<Record<string, (bytes: Uint8Array) => Promise<OpenedEvidence<unknown>>>> = {
  openAzureHcl: (bytes) => openers.openAzureHcl(bytes),
  openBase64: (bytes) => openers.openBase64(bytes),
  openCmw: (bytes) => openers.openCmw(bytes),
  openConfigfsTsm: (outblob) => openers.openConfigfsTsm({ outblob }),
  openEat: (bytes) => openers.openEat(bytes, { profile: RATSD }),
  openExtendedReport: (bytes) => openers.openExtendedReport(bytes),
  openGoSevGuest: (bytes) => openers.openGoSevGuest(bytes),
  openHex: (bytes) => openers.openHex(bytes),
  openMsgReportRsp: (bytes) => openers.openMsgReportRsp(bytes),
  openNitride: (bytes) => openers.openNitride(bytes),
  openPem: (bytes) => openers.openPem(bytes),
  openRaTls: (bytes) => openers.openRaTls(bytes),
  openRatsd: (bytes) => openers.openRatsd(bytes),
  openThim: (thim) => openers.openThim({ report, thim }),
  openTinfoil: (bytes) => openers.openTinfoil(bytes),
  openTrusteeAzSnpVtpm: (bytes) => openers.openTrusteeAzSnpVtpm(bytes),
  openTrusteeSnp: (bytes) => openers.openTrusteeSnp(bytes),
  openTsmCbor: (bytes) => openers.openTsmCbor(bytes),
  openTsmJson: (bytes) => openers.openTsmJson(bytes),
};

/** A sound container of each form, and all openers that may take it. */
const CONTAINERS: readonly (readonly [what: string, bytes: Uint8Array, takers: readonly string[]])[] = [
  // The report alone is a file of configfs, and an extended report whose host had no table.
  ["a bare report", report, ["openConfigfsTsm", "openExtendedReport"]],
  ["an extended report", concatBytes(report, table), ["openExtendedReport"]],
  [
    "an ioctl buffer",
    padded(concatBytes(patchedWord(new Uint8Array(32), 4, 1184), report), 4000),
    ["openMsgReportRsp"],
  ],
  ["a TSM report in JSON", tsmJson, ["openTsmJson"]],
  ["a TSM report in CBOR", encode(tsm), ["openTsmCbor"]],
  ["a CMW record in JSON", json([REPORT, base64url(report)]), ["openCmw"]],
  ["a CMW record in CBOR", encode([REPORT, report]), ["openCmw"]],
  ["a CMW tag", encode(new Tagged(1_668_557_430, report)), ["openCmw"]],
  ["a CMW collection in JSON", json(ratsdCmw), ["openCmw"]],
  ["a CMW collection in CBOR", encode({ r: [REPORT, report] }), ["openCmw"]],
  // A token of ratsd is an EAT of ratsd's profile.
  ["a token of ratsd", json({ eat_profile: RATSD, cmw: ratsdCmw }), ["openRatsd", "openEat"]],
  [
    "an EAT in CBOR",
    encode(
      new Map<number, unknown>([
        [265, RATSD],
        [299, [10572, report]],
      ]),
    ),
    ["openEat"],
  ],
  ["a message of go-sev-guest", attestation, ["openGoSevGuest"]],
  ["an RA-TLS certificate", tlsCertificate({ extensions: [["1.3.9901.2.1", attestation]] }), ["openRaTls"]],
  ["one with a CMW", tlsCertificate({ extensions: [["1.3.6.1.5.5.7.1.35", cmwExtension()]] }), ["openRaTls"]],
  ["an HCL report", blob, ["openAzureHcl"]],
  ["THIM's answer", json(thimAnswer(forged)), ["openThim"]],
  ["Trustee's evidence", json(trusteeSnp(forged)), ["openTrusteeSnp"]],
  ["Trustee's evidence of Azure, version 0", json(trusteeAz0(forged, blob)), ["openTrusteeAzSnpVtpm"]],
  ["Trustee's evidence of Azure, version 1", json(trusteeAz(forged, blob, 1)), ["openTrusteeAzSnpVtpm"]],
  ["Trustee's evidence of Azure, version 2", json(azureOf2()), ["openTrusteeAzSnpVtpm"]],
  ["tinfoil's document", json(tinfoilDocument(report)), ["openTinfoil"]],
  ["tinfoil's bundle", json(tinfoilBundle(forged)), ["openTinfoil"]],
  ["a dump of Nitride", json(nitrideDump(forge.evidence({ signingKey: "VLEK" }))), ["openNitride"]],
  ["hex", utf8(toHex(report)), ["openHex"]],
  ["base64", utf8(toBase64(report)), ["openBase64"]],
  ["PEM", pemSample(forged), ["openPem"]],
];

function cmwExtension(): Uint8Array {
  return der.octetString(encode([REPORT, report]));
}

function azureOf2() {
  return trusteeAz(forged, blob, 2);
}

async function takersOf(bytes: Uint8Array): Promise<string[]> {
  const takers: string[] = [];
  for (const [name, open] of Object.entries(OPENERS)) {
    try {
      const { evidence } = await open(bytes);
      expect(evidence.report).toHaveLength(1184);
      takers.push(name);
    } catch (error) {
      if (!isAttestationError(error)) throw error;
      expect(error.code, name).toMatch(/^ERR_(MALFORMED|UNSUPPORTED)_/);
    }
  }
  return takers;
}

describe("a container", () => {
  it.each(CONTAINERS)("%s is taken by its own opener and refused by every other", async (_, bytes, takers) => {
    expect(await takersOf(bytes)).toEqual([...takers].sort());
  });

  it("of every kind is here, and every opener", () => {
    const all = Object.keys(openers).filter((name) => name.startsWith("open"));
    expect(Object.keys(OPENERS).sort()).toEqual(all.sort());
    expect(new Set(CONTAINERS.flatMap(([, , takers]) => takers))).toEqual(new Set(all));
  });
});

describe("what is no container of ours", () => {
  const tdx = concatBytes(Uint8Array.of(4, 0, 2, 0, 0x81, 0, 0, 0), new Uint8Array(5000).fill(0x11));

  it.each([
    ["nothing", new Uint8Array(0)],
    ["a TDX quote", tdx],
    ["a certificate", forged.leaf.der],
    ["a CRL", forged.crl.der],
    ["a TLS certificate without evidence", tlsCertificate({ extensions: [["2.5.29.19", der.sequence()]] })],
    ["a certificate table", table],
    ["a JSON object", json({})],
    ["an empty CBOR map", encode({})],
  ])("%s is refused by every opener", async (_, bytes) => {
    expect(await takersOf(bytes)).toEqual([]);
  });
});
