import { checkText, readOptions } from "../bytes/arguments.js";
import type { CertificateTableEntry } from "../evidence/certificate-table.js";
import { openMsgReportRsp } from "../evidence/msg-report-rsp.js";
import type { OpenedEvidence } from "../evidence/opened.js";
import { withTable } from "../evidence/parts.js";
import { needContainerFile } from "./container-file.js";

/** The files that a tool wrote after asking `/dev/sev-guest`. */
export interface SevGuestFiles {
  /** The path of the response buffer: the header of 32 bytes, the report, zeros. */
  response: string;
  /** The path of the certificate buffer of an extended request. */
  certificates?: string;
}

/** What a certificate buffer holds beside the certificates. */
export interface SevGuestClaims {
  /** Every entry of the certificate table, in its order. */
  readonly entries: readonly CertificateTableEntry[];
}

const CONTAINER = "sev-guest";
/** The ioctl's buffer has 4000 bytes; some tools save a page. */
const MAX_RESPONSE_BYTES = 4096;
/** As `parseCertificateTable` takes. */
const MAX_TABLE_BYTES = 262_144;

/**
 * Unverified: evidence from files with what the ioctls of `/dev/sev-guest` answered: the response buffer of
 * SNP_GET_REPORT or SNP_GET_EXT_REPORT, and the latter's certificate buffer. The device itself is not opened.
 *
 * A file that is the report alone (snpguest's) needs no opening: its bytes are the report.
 *
 * @throws TypeError for paths that are no text, or an unknown name.
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for a file that cannot be read, is a link or too long; what
 * `openMsgReportRsp` and `parseCertificateTable` throw.
 * @throws UnsupportedError as `openMsgReportRsp`
 *
 * Source: Linux, uapi/linux/sev-guest.h.
 */
export async function readSevGuestFiles(files: SevGuestFiles): Promise<OpenedEvidence<SevGuestClaims>> {
  const { response, certificates } = readOptions(files, "files", ["response", "certificates"]);
  const path = checkText(response, "files.response");
  const tablePath = certificates === undefined ? null : checkText(certificates, "files.certificates");
  const read = (name: string, from: string, maxBytes: number) =>
    needContainerFile({ container: CONTAINER, name, path: from, maxBytes });
  const { evidence } = await openMsgReportRsp(await read("response", path, MAX_RESPONSE_BYTES));
  const table = tablePath === null ? new Uint8Array() : await read("certificates", tablePath, MAX_TABLE_BYTES);
  const opened = withTable(evidence.report, table);
  return { evidence: opened.evidence, claims: { entries: opened.entries } };
}
