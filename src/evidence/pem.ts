import { readOptions } from "../bytes/arguments.js";
import { parsePem } from "../x509/pem.js";
import { malformedContainer } from "./container-error.js";
import { textBytes } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport } from "./parts.js";
import { arrange, placeBlock } from "./places.js";
import type { NoClaims } from "./plain-text.js";
import { promised } from "./promised.js";

/** The label of the block that holds the report. Nobody has registered one: this library writes and reads this. */
export const REPORT_PEM_LABEL = "SEV SNP ATTESTATION REPORT";

const CONTAINER = "pem";
/** The limit of `parsePem`. */
const MAX_PEM_BYTES = 262_144;

function open(input: unknown): OpenedEvidence<NoClaims> {
  const blocks = parsePem(textBytes(input, "input", MAX_PEM_BYTES), CONTAINER);
  const reports = blocks.filter(({ label }) => label === REPORT_PEM_LABEL);
  const [report, second] = reports;
  if (report === undefined || second !== undefined) {
    const reason = `expected one block "${REPORT_PEM_LABEL}", found ${reports.length}`;
    throw malformedContainer(CONTAINER, REPORT_PEM_LABEL, reason);
  }
  const placed = blocks.flatMap((block, index) =>
    block === report ? [] : [placeBlock(CONTAINER, `block ${index + 1}`, block)],
  );
  return {
    evidence: { report: exactReport(CONTAINER, report.der), certificates: arrange(CONTAINER, placed) },
    claims: {},
  };
}

/**
 * Unverified: PEM with one block labelled `SEV SNP ATTESTATION REPORT` and any of the certificates and the CRL, in any
 * order.
 *
 * Roles come from the certificates' own names and from the label of the CRL, and are the verifier's to judge. Nothing
 * but white space may stand around the blocks.
 *
 * @param input - a text of at most 256 KiB
 * @param options - none are known
 * @throws TypeError when `input` is neither `Uint8Array` nor string, or for an option.
 * @throws MalformedError `ERR_MALFORMED_ENCODING` for what is no PEM; `ERR_MALFORMED_CONTAINER` for no report or two,
 * another label, a certificate of no role, two of one role; `ERR_MALFORMED_LENGTH` above the limit, or for a report that
 * has not 1184 bytes; what `parseCertificate` throws.
 *
 * Source: RFC 7468 for the form; the label is this library's own.
 */
export function openPem(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<NoClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return open(input);
  });
}
