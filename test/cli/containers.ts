import { encode } from "cborg";
import { concatBytes, toBase64, toHex } from "../../src/bytes/codecs.js";
import { certificateTableEntries, createForge, encodeCertificateTable } from "../../src/testing/index.js";
import { attestationOf, chainFields, messageOf, reportFields } from "../evidence/support/attestation.js";
import { base64url, padded, patchedWord, pem, utf8 } from "../evidence/support/bytes.js";
import {
  hclSample,
  nitrideDump,
  pemSample,
  tinfoilBundle,
  tinfoilDocument,
  trusteeAz,
  trusteeAz0,
  trusteeSnp,
} from "../evidence/support/samples-b.js";
import { tlsCertificate } from "../evidence/support/tls-certificate.js";

const maker = await createForge({ seed: "attestry/cli/containers", productLine: "Genoa" });

/** What most samples hold. */
const forged = maker.evidence();
/** What Azure's samples hold: a report bound to runtime data. */
const hcl = hclSample(maker);
const vlek = maker.evidence({ signingKey: "VLEK" });

const { report, certificates = {} } = forged.evidence;
const table = encodeCertificateTable(certificateTableEntries("VCEK", certificates));
const json = (value: unknown) => utf8(JSON.stringify(value));
const attestation = attestationOf(messageOf(reportFields(report)), messageOf(chainFields(certificates)));

const TABLE_TYPE = "application/vnd.amd.ghcb.guid-table";
const REPORT_TYPE = "application/vnd.amd.sev-snp.attestation-report";
const tsm = { outblob: base64url(report), auxblob: base64url(table), provider: "sev_guest\n" };
const token = json({
  eat_profile: "tag:github.com,2024:veraison/ratsd",
  eat_nonce: base64url(new Uint8Array(64)),
  cmw: base64url(
    json({
      __cmwc_t: "tag:github.com,2025:veraison/ratsd/cmw",
      "tsm-report": ["application/vnd.veraison.tsm-report+json", base64url(json(tsm))],
    }),
  ),
});

/** A container as it may come, by the name that `--format` knows. */
export interface Sample {
  readonly format: string;
  readonly what: string;
  readonly bytes: Uint8Array;
  /** The report inside. */
  readonly report: Uint8Array;
}

const sample = (format: string, what: string, bytes: Uint8Array, inside = report): Sample => ({
  format,
  what,
  bytes,
  report: inside,
});

/** At least one of every container that the command knows. */
export const SAMPLES: readonly Sample[] = [
  sample("report", "1184 bytes", report),
  sample("hex", "digits", utf8(toHex(report))),
  sample("hex", "digits behind 0x, wrapped", utf8(`0x${toHex(report).replaceAll(/.{60}/g, "$&\n")}\n`)),
  sample("base64", "digits", utf8(`${toBase64(report)}\n`)),
  sample("base64", "digits, wrapped", utf8(toBase64(report).replaceAll(/.{76}/g, "$&\r\n"))),
  sample("pem", "blocks", pemSample(forged)),
  sample("extended-report", "report and table", concatBytes(report, table)),
  sample("extended-report", "report and zeros", padded(report, 4000)),
  sample("msg-report-rsp", "a buffer", padded(concatBytes(patchedWord(new Uint8Array(32), 4, 1184), report), 4000)),
  sample("tsm-json", "an object", json(tsm)),
  sample("tsm-cbor", "a map", encode({ outblob: report, auxblob: table, provider: "sev_guest" })),
  sample(
    "tsm-cbor",
    "another order",
    encode(
      new Map<string, unknown>([
        ["provider", "sev_guest"],
        ["outblob", report],
      ]),
    ),
  ),
  sample("cmw", "a record in JSON", json([REPORT_TYPE, base64url(report)])),
  sample(
    "cmw",
    "a collection in JSON",
    json({ __cmwc_t: "x", r: [REPORT_TYPE, base64url(report)], t: [TABLE_TYPE, base64url(table)] }),
  ),
  sample("cmw", "a record in CBOR", encode([REPORT_TYPE, report])),
  sample("cmw", "a collection in CBOR", encode({ r: [REPORT_TYPE, report], t: [TABLE_TYPE, table] })),
  sample("ratsd", "a token", token),
  sample("go-sev-guest", "a message", attestation),
  sample("ra-tls", "a certificate", tlsCertificate({ extensions: [["1.3.9901.2.1", attestation]] })),
  sample("ra-tls", "a certificate in PEM", pem(tlsCertificate({ extensions: [["1.3.9901.2.1", attestation]] }))),
  sample("azure-hcl", "a blob", hcl.blob, hcl.forged.evidence.report),
  sample("azure-hcl", "a blob with the rest of its NV index", padded(hcl.blob, 2600), hcl.forged.evidence.report),
  sample("trustee-snp", "an object", json(trusteeSnp(forged))),
  sample("trustee-az-snp-vtpm", "version 0", json(trusteeAz0(hcl.forged, hcl.blob)), hcl.forged.evidence.report),
  sample("trustee-az-snp-vtpm", "version 1", json(trusteeAz(hcl.forged, hcl.blob, 1)), hcl.forged.evidence.report),
  sample("tinfoil", "a document", json(tinfoilDocument(report))),
  sample("tinfoil", "a bundle", json(tinfoilBundle(forged))),
  sample("nitride", "a dump", json(nitrideDump(vlek)), vlek.evidence.report),
];
