import { copyBytes, readOptions } from "../bytes/arguments.js";
import { isZero } from "../bytes/codecs.js";
import { defineLayout } from "../bytes/layout.js";
import { MalformedError } from "../errors.js";
import { REPORT_LENGTH } from "../report/layouts.js";
import { malformedContainer, unsupportedContainer } from "./container-error.js";
import type { OpenedEvidence } from "./opened.js";
import type { NoClaims } from "./plain-text.js";
import { promised } from "./promised.js";

const NAME = "MSG_REPORT_RSP";

/** Source: AMD 56860, MSG_REPORT_RSP. */
const HEADER = /* @__PURE__ */ defineLayout(NAME, 32, [
  { name: "status", offset: 0x00, size: 4, type: "u32", doc: "STATUS: 0 when firmware made a report" },
  { name: "reportSize", offset: 0x04, size: 4, type: "u32", doc: "REPORT_SIZE: in bytes" },
  { reserved: "refuse", offset: 0x08, size: 24 },
]);

/** The ioctl's buffer has 4000 bytes; some tools save a page. */
const MAX_BYTES = 4096;
const WHOLE = HEADER.size + REPORT_LENGTH;

/**
 * Unverified: firmware's answer to a report request: a header of 32 bytes, then the report. This is what the ioctl of
 * `/dev/sev-guest` hands back, and what tools save when they keep its buffer.
 *
 * There are no certificates in it and no claims; a table that the extended ioctl gave is for `parseCertificateTable`.
 *
 * @param input - 1216 to 4096 bytes, zeros behind the report
 * @param options - none are known
 * @throws TypeError when `input` is no `Uint8Array`, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` below or above these lengths; `ERR_MALFORMED_RESERVED` for reserved
 * bytes of the header; `ERR_MALFORMED_CONTAINER` for a STATUS other than 0 (firmware refused, and there is no report)
 * or anything behind the report.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another REPORT_SIZE than 1184.
 *
 * Source: AMD 56860, MSG_REPORT_RSP; Linux, uapi/linux/sev-guest.h.
 */
export function openMsgReportRsp(
  input: Uint8Array,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<NoClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    const bytes = copyBytes(input, "input", MAX_BYTES);
    if (bytes.length < WHOLE) {
      throw new MalformedError(
        "ERR_MALFORMED_LENGTH",
        `${NAME}: expected at least ${WHOLE} bytes, found ${bytes.length}`,
        {
          what: NAME,
          expected: `at least ${WHOLE}`,
          actual: bytes.length,
        },
      );
    }
    const { status, reportSize } = HEADER.parse(bytes.subarray(0, HEADER.size)).values;
    if (status !== 0) throw malformedContainer(NAME, "STATUS", `expected 0, found 0x${status.toString(16)}: no report`);
    if (reportSize !== REPORT_LENGTH)
      throw unsupportedContainer(NAME, "REPORT_SIZE", `a report of ${reportSize} bytes`);
    if (!isZero(bytes.subarray(WHOLE))) {
      throw malformedContainer(NAME, `0x${WHOLE.toString(16)}`, "expected zeros behind the report, found other bytes");
    }
    return { evidence: { report: bytes.slice(HEADER.size, WHOLE) }, claims: {} };
  });
}
