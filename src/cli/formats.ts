import {
  openAzureHcl,
  openBase64,
  openCmw,
  openExtendedReport,
  openGoSevGuest,
  openHex,
  openMsgReportRsp,
  openNitride,
  openPem,
  openRaTls,
  openRatsd,
  openTinfoil,
  openTrusteeAzSnpVtpm,
  openTrusteeSnp,
  openTsmCbor,
  openTsmJson,
} from "../evidence/index.js";
import type { OpenedEvidence } from "../evidence/opened.js";
import { exactReport } from "../evidence/parts.js";
import {
  hasMembers,
  isAzSnpVtpm,
  isAzureHcl,
  isBase64,
  isCertificate,
  isCmw,
  isExtendedReport,
  isGoSevGuest,
  isHex,
  isMsgReportRsp,
  isPem,
  isReport,
  isTinfoil,
  isTsmCbor,
} from "./format-shapes.js";
import { printable } from "./printable.js";
import type { Sniffed } from "./sniff.js";
import { UsageError } from "./usage-error.js";

/** A container of evidence, as the command knows it. */
export interface Format {
  /** As `--format` has it. */
  readonly name: string;
  /** What it is, for people. */
  readonly doc: string;
  /** Unverified: the evidence inside. Rejects with what the container's own reader throws. */
  open(bytes: Uint8Array): Promise<OpenedEvidence<unknown>>;
  /** True where a file has the shape of this container; what is wrong further inside is for `open` to say. */
  fits(file: Sniffed): boolean;
}

const asciiDigit = (text: string) => text.charCodeAt(0);

/** Hex is often written behind `0x`, which the container's reader does not know. */
function withoutPrefix(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte > 0x20);
  const isPrefixed = bytes[start] === asciiDigit("0") && bytes[start + 1] === asciiDigit("x");
  return isPrefixed ? bytes.subarray(start + 2) : bytes;
}

/** The containers, the plain ones first. A test holds all against all: no genuine file may have two shapes. */
export const FORMATS: readonly Format[] = [
  {
    name: "report",
    doc: "1184 bytes and nothing else",
    open: async (bytes) => ({ evidence: { report: exactReport("report", bytes) }, claims: {} }),
    fits: isReport,
  },
  { name: "hex", doc: "a report in hex", open: (bytes) => openHex(withoutPrefix(bytes)), fits: isHex },
  { name: "base64", doc: "a report in base64", open: openBase64, fits: isBase64 },
  { name: "pem", doc: "a report and certificates as PEM blocks", open: openPem, fits: isPem },
  {
    name: "extended-report",
    doc: "a report and the certificate table behind it; what attestry bundle writes",
    open: openExtendedReport,
    fits: isExtendedReport,
  },
  {
    name: "msg-report-rsp",
    doc: "firmware's answer to a report request, from /dev/sev-guest",
    open: openMsgReportRsp,
    fits: isMsgReportRsp,
  },
  { name: "tsm-json", doc: "a TSM report (configfs-tsm) in JSON", open: openTsmJson, fits: hasMembers("outblob") },
  { name: "tsm-cbor", doc: "the same in CBOR", open: openTsmCbor, fits: isTsmCbor },
  { name: "cmw", doc: "a RATS conceptual message wrapper, JSON or CBOR", open: openCmw, fits: isCmw },
  { name: "ratsd", doc: "a token of Veraison's ratsd", open: openRatsd, fits: hasMembers("eat_profile", "cmw") },
  { name: "go-sev-guest", doc: "go-sev-guest's Attestation in protobuf", open: openGoSevGuest, fits: isGoSevGuest },
  { name: "ra-tls", doc: "an X.509 certificate with evidence in it", open: openRaTls, fits: isCertificate },
  { name: "azure-hcl", doc: "the report of an Azure VM's vTPM", open: openAzureHcl, fits: isAzureHcl },
  { name: "trustee-snp", doc: "Trustee's snp evidence", open: openTrusteeSnp, fits: hasMembers("attestation_report") },
  { name: "trustee-az-snp-vtpm", doc: "Trustee's az-snp-vtpm evidence", open: openTrusteeAzSnpVtpm, fits: isAzSnpVtpm },
  { name: "tinfoil", doc: "tinfoil's attestation document or bundle", open: openTinfoil, fits: isTinfoil },
  {
    name: "nitride",
    doc: "a dump of enclaive's Nitride",
    open: openNitride,
    fits: hasMembers("Provider", "Attestation"),
  },
];

/**
 * The container that goes by a name.
 *
 * @param option - the option that names it, for the error
 * @throws UsageError where there is none.
 */
export function formatByName(name: string, option = "--format"): Format {
  const found = FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  const known = FORMATS.map((format) => format.name).join(", ");
  throw new UsageError(`${option}: expected one of ${known}; found ${printable(name, 100)}`);
}
