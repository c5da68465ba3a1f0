import type { SigningKey } from "../amd/product-lines.js";
import { rangeOf } from "../bytes/layout.js";
import { MalformedError } from "../errors.js";
import { decodeKeyInfo } from "../report/key-info.js";
import { REPORT_LAYOUTS, REPORT_LENGTH } from "../report/layouts.js";
import { looksLikePem, pemToDer } from "../x509/pem.js";
import { type CertificateTableEntry, parseCertificateTable } from "./certificate-table.js";
import { malformedContainer } from "./container-error.js";
import type { Evidence, EvidenceCertificates } from "./evidence.js";

/** By SIGNING_KEY of KEY_INFO. */
const SIGNING_KEYS: readonly SigningKey[] = ["VCEK", "VLEK"];
const DER_SEQUENCE = 0x30;

/**
 * Unverified: which key the report says signed it; undefined where KEY_INFO names neither.
 *
 * Good for choosing between two certificates that are both there, and for nothing else.
 */
function claimedSigningKey(report: Uint8Array): SigningKey | undefined {
  const { offset } = rangeOf(REPORT_LAYOUTS[2], "keyInfo");
  const view = new DataView(report.buffer, report.byteOffset, report.length);
  return SIGNING_KEYS[decodeKeyInfo(view.getUint32(offset, true)).signingKey];
}

/**
 * The leaf of a container that has room for both: the one that is there; of two, the one that KEY_INFO names.
 *
 * One that is there is never left out on account of KEY_INFO, so that a wrong one is refused and not replaced.
 */
export function chooseLeaf(
  report: Uint8Array,
  leaves: Readonly<Record<SigningKey, Uint8Array | undefined>>,
): Uint8Array | undefined {
  const { VCEK: vcek, VLEK: vlek } = leaves;
  if (vcek === undefined || vlek === undefined) return vcek ?? vlek;
  const key = claimedSigningKey(report);
  return key === undefined ? undefined : leaves[key];
}

/** Certificates by role, those left out that are undefined. */
export function certificatesFrom(
  found: Readonly<Record<keyof EvidenceCertificates, Uint8Array | undefined>>,
): EvidenceCertificates {
  const certificates: EvidenceCertificates = {};
  for (const role of ["leaf", "intermediate", "root", "crl"] as const) {
    const der = found[role];
    if (der !== undefined) certificates[role] = der;
  }
  return certificates;
}

/** A private copy of a report of the one right length. @throws MalformedError `ERR_MALFORMED_LENGTH` */
export function exactReport(what: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length === REPORT_LENGTH) return bytes.slice();
  throw new MalformedError(
    "ERR_MALFORMED_LENGTH",
    `${what}: expected a report of ${REPORT_LENGTH} bytes, found ${bytes.length}`,
    { what, expected: REPORT_LENGTH, actual: bytes.length },
  );
}

/** A report with the certificate table that came beside it. */
export interface ReportAndTable {
  readonly evidence: Evidence;
  /** Every entry of the table, the certificates among them. */
  readonly entries: readonly CertificateTableEntry[];
}

/** Opens the table beside a report. @throws MalformedError as `parseCertificateTable` */
export function withTable(report: Uint8Array, table: Uint8Array): ReportAndTable {
  const { entries, certificates } = parseCertificateTable(table);
  const hasBoth = ["VCEK", "VLEK"].every((key) => entries.some(({ kind }) => kind === key));
  const key = hasBoth ? claimedSigningKey(report) : undefined;
  const chosen = key === undefined ? certificates : parseCertificateTable(table, { signingKey: key }).certificates;
  return { evidence: { report, certificates: chosen }, entries };
}

/**
 * The DER of a certificate or CRL that is written as DER or as one PEM block, copied and not looked into.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for neither; `ERR_MALFORMED_ENCODING` for broken PEM.
 */
export function oneDer(container: string, where: string, bytes: Uint8Array): Uint8Array {
  if (!looksLikePem(bytes)) {
    if (bytes[0] === DER_SEQUENCE) return bytes.slice();
    throw malformedContainer(container, where, "expected a certificate in DER or PEM, found neither");
  }
  const [der, ...more] = pemToDer(bytes, `${container}: ${where}`);
  if (der !== undefined && more.length === 0) return der;
  throw malformedContainer(container, where, `expected one PEM block, found ${more.length + 1}`);
}
