import { copyBytes, readOptions } from "../bytes/arguments.js";
import { MalformedError } from "../errors.js";
import { REPORT_LENGTH } from "../report/layouts.js";
import { readReport } from "../report/report.js";
import type { CertificateTableEntry } from "./certificate-table.js";
import type { OpenedEvidence } from "./opened.js";
import { withTable } from "./parts.js";
import { promised } from "./promised.js";

/** The longest table that `parseCertificateTable` takes, behind a report. */
const MAX_BYTES = REPORT_LENGTH + 262_144;

/** What an extended report holds beside the report and its certificates. */
export interface ExtendedReportClaims {
  /** Every entry of the table, in its order: the certificates, and whatever else the host put there. */
  readonly entries: readonly CertificateTableEntry[];
}

/**
 * Unverified: an extended report, which is 1184 bytes of report and then, where there is one, the certificate table.
 *
 * The two are told apart by length alone. The host wrote the table. Of a VCEK and a VLEK that are both there, the one
 * that KEY_INFO names becomes the leaf; neither does where it names neither.
 *
 * The container has no mark of its own, so the report must be one that `parseReport` takes: other bytes that happen
 * to be long enough are not mistaken for it.
 *
 * @param input - at most 1184 bytes and 256 KiB; zeros behind the table are allowed
 * @param options - none are known
 * @throws TypeError when `input` is no `Uint8Array`, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` below 1184 bytes or above the limit; what `parseReport` and
 * `parseCertificateTable` throw.
 *
 * Source: AMD 56421 (GHCB), SNP Extended Guest Request.
 */
export function openExtendedReport(
  input: Uint8Array,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<ExtendedReportClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    const bytes = copyBytes(input, "input", MAX_BYTES);
    if (bytes.length < REPORT_LENGTH) {
      throw new MalformedError(
        "ERR_MALFORMED_LENGTH",
        `extended report: expected at least ${REPORT_LENGTH} bytes, found ${bytes.length}; the report is cut`,
        { what: "extended report", expected: `at least ${REPORT_LENGTH}`, actual: bytes.length },
      );
    }
    const report = bytes.slice(0, REPORT_LENGTH);
    readReport(report);
    const { evidence, entries } = withTable(report, bytes.subarray(REPORT_LENGTH));
    return { evidence, claims: { entries } };
  });
}
