import { REPORT_PEM_LABEL } from "../evidence/pem.js";
import type { Sniffed } from "./sniff.js";

/** The bytes of a report. */
const REPORT_BYTES = 1184;
const REPORT_HEX = /^(?:0x)?[0-9a-fA-F]{2368}$/;
const REPORT_BASE64 = /^[0-9a-z+/]{1579}=$/i;
const HCL_MAGIC = "HCLA";
const DER_SEQUENCE = 0x30;
const DER_LONG_FORM = 0x82;
/** Field 1 of a message, and field 1 inside it: Attestation.report.version of go-sev-guest's protobuf. */
const PROTOBUF_FIELD_1 = 0x0a;
const PROTOBUF_VERSION = 0x08;
const TSM_MEMBERS: readonly string[] = [
  "outblob",
  "auxblob",
  "manifestblob",
  "provider",
  "service_provider",
  "privlevel",
];

/** The 32-bit little-endian number at an offset; what is behind the end counts as zeros. */
function wordAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24;
}

/** A report begins with its version, which is below 256: text and other binary containers do not begin so. */
function beginsAsReport(bytes: Uint8Array): boolean {
  const version = wordAt(bytes, 0);
  return version > 0 && version < 256;
}

/** A report that stands alone. */
export function isReport({ bytes }: Sniffed): boolean {
  return bytes.length === REPORT_BYTES && beginsAsReport(bytes);
}

/** A report with something behind it. */
export function isExtendedReport({ bytes }: Sniffed): boolean {
  return bytes.length > REPORT_BYTES && beginsAsReport(bytes);
}

/** A header with STATUS 0 and the length of a report. */
export function isMsgReportRsp({ bytes }: Sniffed): boolean {
  return bytes.length > REPORT_BYTES && wordAt(bytes, 0) === 0 && wordAt(bytes, 4) === REPORT_BYTES;
}

/** The hex digits of a report, perhaps behind `0x`. */
export function isHex(file: Sniffed): boolean {
  return REPORT_HEX.test(file.text() ?? "");
}

/** The base64 of a report. */
export function isBase64(file: Sniffed): boolean {
  return REPORT_BASE64.test(file.text() ?? "");
}

function asciiAt(bytes: Uint8Array, at: number, length: number): string {
  return new TextDecoder("latin1").decode(bytes.subarray(at, at + length));
}

/** Text that begins with a PEM block; `text` is without white space. */
function pemText(file: Sniffed): string | null {
  const text = file.text();
  return text?.startsWith("-----BEGIN") ? text : null;
}

const LABEL = REPORT_PEM_LABEL.replaceAll(" ", "");

/** PEM with a report among its blocks. */
export function isPem(file: Sniffed): boolean {
  return pemText(file)?.includes(`-----BEGIN${LABEL}-----`) ?? false;
}

/** A certificate: DER of more than 255 bytes, or PEM that holds no report of its own. */
export function isCertificate(file: Sniffed): boolean {
  const { bytes } = file;
  if (bytes[0] === DER_SEQUENCE && bytes[1] === DER_LONG_FORM) return true;
  return (pemText(file)?.startsWith("-----BEGINCERTIFICATE-----") ?? false) && !isPem(file);
}

/** What begins with the magic of an HCL report. */
export function isAzureHcl({ bytes }: Sniffed): boolean {
  return asciiAt(bytes, 0, HCL_MAGIC.length) === HCL_MAGIC;
}

/** Where the content of a length-delimited field begins: behind a length of at most five bytes. */
function behindVarint(bytes: Uint8Array, at: number): number {
  const last = bytes.subarray(at, at + 5).findIndex((byte) => byte < 0x80);
  return last === -1 ? bytes.length : at + last + 1;
}

/** A message whose first field is a message that begins with a version. */
export function isGoSevGuest({ bytes }: Sniffed): boolean {
  return bytes[0] === PROTOBUF_FIELD_1 && bytes[behindVarint(bytes, 1)] === PROTOBUF_VERSION;
}

/** Whether a JSON object has all these members. */
export function hasMembers(...names: readonly string[]): (file: Sniffed) => boolean {
  return (file) => {
    const object = file.object();
    return object !== null && names.every((name) => Object.hasOwn(object, name));
  };
}

/** Version 0 of the evidence, or one of those that say their version. */
export function isAzSnpVtpm(file: Sniffed): boolean {
  return hasMembers("tpm_quote", "hcl_report")(file) || hasMembers("quote", "report")(file);
}

/** A document that names one of tinfoil's formats, or tinfoil's bundle with one inside. */
export function isTinfoil(file: Sniffed): boolean {
  const format = file.object()?.["format"];
  return String(format).startsWith("https://tinfoil.sh/") || hasMembers("enclaveAttestationReport")(file);
}

/** The first key of a CBOR map, where it is a short text; null for anything else. */
function firstCborKey(bytes: Uint8Array): string | null {
  const [head = 0, key = 0] = bytes;
  const isMap = head > 0xa0 && head <= 0xb7;
  const isText = key >= 0x60 && key <= 0x77;
  return isMap && isText ? asciiAt(bytes, 2, key - 0x60) : null;
}

/** A CBOR map whose first key is one of a TSM report. */
export function isTsmCbor({ bytes }: Sniffed): boolean {
  return TSM_MEMBERS.includes(firstCborKey(bytes) ?? "");
}

/** A record or a tag in CBOR, or a map that is not the map of a TSM report. */
function isCmwCbor({ bytes }: Sniffed): boolean {
  const [head = 0] = bytes;
  if (head === 0x82 || head === 0x83 || head === 0xda) return true;
  const key = firstCborKey(bytes);
  return key !== null && !TSM_MEMBERS.includes(key);
}

/** A record `[type, value]` whose type is a media type. */
function isRecord(value: unknown): boolean {
  return Array.isArray(value) && typeof value[0] === "string" && value[0].includes("/");
}

/** In JSON a record, or an object of records. */
function isCmwJson(file: Sniffed): boolean {
  const object = file.object();
  if (object === null) return isRecord(file.array());
  const records = Object.entries(object).filter(([name]) => name !== "__cmwc_t");
  return records.length > 0 && records.every(([, record]) => isRecord(record));
}

/** A CMW in either form. */
export function isCmw(file: Sniffed): boolean {
  return isCmwCbor(file) || isCmwJson(file);
}
