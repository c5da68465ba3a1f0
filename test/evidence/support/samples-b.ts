import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { concatBytes, toBase64, toHex } from "../../../src/bytes/codecs.js";
import type { EvidenceCertificates } from "../../../src/evidence/evidence.js";
import { REPORT_PEM_LABEL } from "../../../src/evidence/index.js";
import { REPORT_LAYOUTS, type ReportVersion } from "../../../src/report/layouts.js";
import type { EvidenceOptions, Forge, ForgedEvidence } from "../../../src/testing/index.js";
import { base64url, padded, pem, utf8 } from "./bytes.js";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

/** A certificate of forged evidence; throws where it was left out. */
export function certificate({ evidence }: ForgedEvidence, role: keyof EvidenceCertificates): Uint8Array {
  const der = evidence.certificates?.[role];
  if (der === undefined) throw new Error(`the evidence has no ${role}`);
  return der;
}

export const pemText = (der: Uint8Array, label?: string) => new TextDecoder().decode(pem(der, label));

const word = (value: number) => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
};

/** Runtime data as the paravisor writes it, with keys that are none. */
export const RUNTIME = {
  keys: [
    { kid: "HCLAkPub", key_ops: ["sign"], kty: "RSA", e: "AQAB", n: base64url(new Uint8Array(256).fill(0xa7)) },
    { kid: "HCLEkPub", key_ops: ["encrypt"], kty: "RSA", e: "AQAB", n: base64url(new Uint8Array(256).fill(0xc1)) },
  ],
  "vm-configuration": { "console-enabled": true, "secure-boot": true, "tpm-enabled": true },
  "user-data": `${"00".repeat(63)}AB`,
};

/** REPORT_DATA as the paravisor fills it. */
export const hclReportData = (runtimeData: Uint8Array) => padded(sha256(runtimeData), 64);

/** The numbers of an HCL report that are not lengths. */
export interface HclNumbers {
  version?: number;
  requestType?: number;
  status?: number;
  structureVersion?: number;
  reportType?: number;
  hashType?: number;
}

/** An HCL report around a report and runtime data, its lengths right, without padding. */
export function hclBlob(report: Uint8Array, runtimeData: Uint8Array, numbers: HclNumbers = {}): Uint8Array {
  const { version = 1, requestType = 2, status = 0, structureVersion = 1, reportType = 2, hashType = 1 } = numbers;
  const header = [version, 32 + report.length + 20 + runtimeData.length, requestType, status, 0, 0, 0].map(word);
  const data = [20 + runtimeData.length, structureVersion, reportType, hashType, runtimeData.length].map(word);
  return concatBytes(utf8("HCLA"), ...header, report, ...data, runtimeData);
}

/** Forged evidence whose report is bound to runtime data, and the HCL report around it. */
export function hclSample(forge: Forge, runtime: unknown = RUNTIME, options: EvidenceOptions = {}) {
  const runtimeData = typeof runtime === "string" ? utf8(runtime) : utf8(JSON.stringify(runtime));
  const report = { ...options.report, reportData: hclReportData(runtimeData) };
  const forged = forge.evidence({ ...options, report });
  return { forged, runtimeData, blob: hclBlob(forged.evidence.report, runtimeData) };
}

/** THIM's answer for forged evidence. */
export function thimAnswer(forged: ForgedEvidence) {
  return {
    vcekCert: pemText(certificate(forged, "leaf")),
    tcbm: "DB18000000000004",
    certificateChain: pemText(certificate(forged, "intermediate")) + pemText(certificate(forged, "root")),
    cacheControl: "86400",
  };
}

/** A quote of no TPM. */
const QUOTE = { signature: Uint8Array.of(1, 2, 3), message: utf8("quote"), pcr: new Uint8Array(32).fill(9) };

/** Trustee's evidence of an Azure VM, in its first version. */
export function trusteeAz0(forged: ForgedEvidence, blob: Uint8Array) {
  const pcrs = Array.from({ length: 24 }, () => [...QUOTE.pcr]);
  return {
    quote: { signature: [...QUOTE.signature], message: [...QUOTE.message], pcrs },
    report: [...blob],
    vcek: pemText(certificate(forged, "leaf")),
  };
}

/** The same in its later versions. */
export function trusteeAz(forged: ForgedEvidence, blob: Uint8Array, version: 1 | 2) {
  const pcrs = Array.from({ length: 24 }, () => toHex(QUOTE.pcr));
  return {
    version,
    tpm_quote: { signature: toHex(QUOTE.signature), message: toHex(QUOTE.message), pcrs },
    hcl_report: base64url(blob),
    vcek: base64url(certificate(forged, "leaf")),
  };
}

/** tinfoil's document and the bundle around it. */
export const TINFOIL_FORMAT = "https://tinfoil.sh/predicate/sev-snp-guest/";
export const tinfoilDocument = (report: Uint8Array) => ({
  format: `${TINFOIL_FORMAT}v2`,
  body: toBase64(gzipSync(report)),
});
export const tinfoilBundle = (forged: ForgedEvidence) => ({
  domain: "enclave.example",
  enclaveAttestationReport: tinfoilDocument(forged.evidence.report),
  digest: "5e".repeat(32),
  vcek: toBase64(certificate(forged, "leaf")),
  enclaveCert: "-----BEGIN CERTIFICATE-----",
});

/** A dump of Nitride for forged evidence under a VLEK. */
export const nitrideDump = (forged: ForgedEvidence) => ({
  Version: 1,
  Provider: "aws-sev-snp-raw",
  Attestation: {
    Version: 1,
    Product: forged.productLine,
    Report: toBase64(forged.evidence.report),
    Vlek: toBase64(certificate(forged, "leaf")),
    Data: toBase64(utf8('{"Nonce":"dump","Data":null}')),
  },
});

/** PEM of a report and of what certificates came with it. */
export function pemSample({ evidence }: ForgedEvidence): Uint8Array {
  const { leaf, intermediate, root, crl } = evidence.certificates ?? {};
  const certificates = [leaf, intermediate, root].flatMap((der) => (der === undefined ? [] : [pem(der)]));
  const list = crl === undefined ? [] : [pem(crl, "X509 CRL")];
  return concatBytes(pem(evidence.report, REPORT_PEM_LABEL), ...certificates, ...list);
}

type Values = ReturnType<(typeof REPORT_LAYOUTS)[5]["parse"]>["values"];

function versionOf(report: Uint8Array): ReportVersion {
  // The forge writes these and no others.
  return report[0] as ReportVersion;
}

/** A TCB in the names of Milan and Genoa, whatever the line. */
function legacyTcb([bootloader, tee, a, b, c, d, snp, microcode]: Uint8Array) {
  return { bootloader, tee, _reserved: [a, b, c, d], snp, microcode };
}

function namedTcb(tcb: Uint8Array, isTurin: boolean) {
  const [b0, b1, b2, b3, , , b6, b7] = tcb;
  if (isTurin) return { fmc: b0, bootloader: b1, tee: b2, snp: b3, microcode: b7 };
  return { fmc: null, bootloader: b0, tee: b1, snp: b6, microcode: b7 };
}

/** What the structure has had in all versions. */
function commonFields(values: Values, tcb: (bytes: Uint8Array) => object) {
  return {
    version: values.version,
    guest_svn: values.guestSvn,
    policy: Number(values.policy),
    family_id: [...values.familyId],
    image_id: [...values.imageId],
    vmpl: values.vmpl,
    sig_algo: values.signatureAlgo,
    current_tcb: tcb(values.currentTcb),
    plat_info: Number(values.platformInfo),
    report_data: [...values.reportData],
    measurement: [...values.measurement],
    host_data: [...values.hostData],
    id_key_digest: [...values.idKeyDigest],
    author_key_digest: [...values.authorKeyDigest],
    report_id: [...values.reportId],
    report_id_ma: [...values.reportIdMa],
    reported_tcb: tcb(values.reportedTcb),
    chip_id: [...values.chipId],
    committed_tcb: tcb(values.committedTcb),
    launch_tcb: tcb(values.launchTcb),
  };
}

/** Any version's values under the names of version 5. */
const valuesOf = (report: Uint8Array) => REPORT_LAYOUTS[versionOf(report)].parse(report).values as Values;

/** The report spelled out as the newest structure does, without reserved bytes. */
export function newSpelling(report: Uint8Array, isTurin = false) {
  const values = valuesOf(report);
  const version = versionOf(report);
  const ifSince = (since: number, value: unknown) => (version >= since ? value : null);
  return {
    ...commonFields(values, (tcb) => namedTcb(tcb, isTurin)),
    key_info: values.keyInfo,
    cpuid_fam_id: ifSince(3, values.cpuidFamId),
    cpuid_mod_id: ifSince(3, values.cpuidModId),
    cpuid_step: ifSince(3, values.cpuidStep),
    current: { major: values.currentMajor, minor: values.currentMinor, build: values.currentBuild },
    committed: { major: values.committedMajor, minor: values.committedMinor, build: values.committedBuild },
    launch_mit_vector: ifSince(5, Number(values.launchMitVector ?? 0)),
    current_mit_vector: ifSince(5, Number(values.currentMitVector ?? 0)),
    signature: { r: [...report.slice(0x2a0, 0x2e8)], s: [...report.slice(0x2e8, 0x330)] },
  };
}

/** The report spelled out as the oldest structure does, with every reserved byte. */
export function oldSpelling(report: Uint8Array) {
  const values = valuesOf(report);
  const bytes = (start: number, end: number) => [...report.slice(start, end)];
  return {
    ...commonFields(values, legacyTcb),
    _author_key_en: values.keyInfo,
    _reserved_0: 0,
    _reserved_1: bytes(0x188, 0x1a0),
    current_build: values.currentBuild,
    current_minor: values.currentMinor,
    current_major: values.currentMajor,
    _reserved_2: report[0x1eb],
    committed_build: values.committedBuild,
    committed_minor: values.committedMinor,
    committed_major: values.committedMajor,
    _reserved_3: report[0x1ef],
    _reserved_4: bytes(0x1f8, 0x2a0),
    signature: { r: bytes(0x2a0, 0x2e8), s: bytes(0x2e8, 0x330), _reserved: bytes(0x330, 0x4a0) },
  };
}

/** An entry of `cert_chain`. */
export const chainEntry = (type: unknown, data: Uint8Array) => ({ cert_type: type, data: [...data] });

/** Trustee's evidence with the report's newest spelling and the leaf. */
export const trusteeSnp = (forged: ForgedEvidence) => ({
  attestation_report: newSpelling(forged.evidence.report, forged.productLine === "Turin"),
  cert_chain: [chainEntry(forged.signingKey, certificate(forged, "leaf"))],
});
