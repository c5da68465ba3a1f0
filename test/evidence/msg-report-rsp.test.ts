import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openMsgReportRsp } from "../../src/evidence/index.js";
import { parseReport } from "../../src/report/report.js";
import { createForge } from "../../src/testing/index.js";
import { padded, patched, patchedWord } from "./support/bytes.js";
import { describeContainer, describeOptions } from "./support/describe-container.js";

const forged = (await createForge({ seed: "msg report rsp" })).evidence();
const { report } = forged.evidence;
const header = patchedWord(new Uint8Array(32), 4, 1184);
const bare = concatBytes(header, report);
const buffer = padded(bare, 4000);

const LENGTH = "ERR_MALFORMED_LENGTH";
const RESERVED = "ERR_MALFORMED_RESERVED";
const MALFORMED = "ERR_MALFORMED_CONTAINER";

describeContainer({
  name: "openMsgReportRsp",
  open: openMsgReportRsp,
  sound: buffer,
  forged,
  evidence: { report },
  mayEndAt: (length) => length >= 1216,
  broken: [
    ["nothing", new Uint8Array(0), LENGTH, { expected: "at least 1216", actual: 0 }],
    ["a byte short", bare.subarray(0, 1215), LENGTH, { actual: 1215 }],
    ["a bare report", report, LENGTH, { actual: 1184 }],
    ["a byte above a page", padded(bare, 4097), LENGTH, { actual: 4097 }],
    ["STATUS of invalid parameters", patchedWord(buffer, 0, 0x16), MALFORMED, { where: "STATUS" }],
    [
      "STATUS of a wrong key selection",
      patchedWord(buffer, 0, 0x27),
      MALFORMED,
      { reason: "expected 0, found 0x27: no report" },
    ],
    ["STATUS with its highest bit", patchedWord(buffer, 0, 0x8000_0000), MALFORMED, { where: "STATUS" }],
    ["REPORT_SIZE zero", patchedWord(buffer, 4, 0), "ERR_UNSUPPORTED_CONTAINER", { where: "REPORT_SIZE" }],
    ["REPORT_SIZE a byte less", patchedWord(buffer, 4, 1183), "ERR_UNSUPPORTED_CONTAINER"],
    ["REPORT_SIZE a byte more", patchedWord(buffer, 4, 1185), "ERR_UNSUPPORTED_CONTAINER"],
    ["REPORT_SIZE beyond the buffer", patchedWord(buffer, 4, 0xffff_ffff), "ERR_UNSUPPORTED_CONTAINER"],
    ["the first reserved byte", patched(buffer, 8, 1), RESERVED, { offset: 8 }],
    ["the last reserved byte", patched(buffer, 31, 1), RESERVED, { offset: 31 }],
    ["a byte right behind the report", patched(buffer, 1216, 1), MALFORMED, { where: "0x4c0" }],
    ["the buffer's last byte", patched(buffer, 3999, 1), MALFORMED, { where: "0x4c0" }],
    ["a report without header, padded", padded(report, 4000), RESERVED, { offset: 10 }],
    ["all zeros", new Uint8Array(4000), "ERR_UNSUPPORTED_CONTAINER"],
  ],
});

describeOptions("openMsgReportRsp", (options) => openMsgReportRsp(buffer, options));

describe("an answer of firmware", () => {
  it.each([
    ["without padding", bare],
    ["in the ioctl's buffer", buffer],
    ["in a page", padded(bare, 4096)],
  ])("%s opens to the report alone", async (_, bytes) => {
    expect(await openMsgReportRsp(bytes)).toEqual({ evidence: { report }, claims: {} });
  });

  it("behind another header opens to bytes that are no report", async () => {
    const { evidence } = await openMsgReportRsp(padded(concatBytes(header, bare), 4000));
    expect(() => parseReport(evidence.report)).toFailWith("ERR_UNSUPPORTED_REPORT_VERSION", { version: 0 });
  });
});
