import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { openExtendedReport } from "../../src/evidence/index.js";
import {
  CERTIFICATE_TABLE_GUID,
  certificateTableEntries,
  createForge,
  encodeCertificateTable,
  type TableEntryOption,
} from "../../src/testing/index.js";
import { padded, patchedWord, pem } from "./support/bytes.js";
import { describeContainer, describeOptions } from "./support/describe-container.js";

const forge = await createForge({ seed: "extended report" });
const forged = forge.evidence();
const { report } = forged.evidence;
const entries = certificateTableEntries("VCEK", forged.evidence.certificates ?? {});
const extended = (...rows: readonly TableEntryOption[]) => concatBytes(report, encodeCertificateTable(rows));
const sound = extended(...entries);
const [leaf, ...others] = entries;
if (leaf === undefined) throw new Error("the forge made no leaf");

const OTHER = "9f4116cd-c503-4f5a-8f6f-fb68882f4ce2";
const TABLE = "ERR_MALFORMED_CERTIFICATE_TABLE";
const LENGTH = "ERR_MALFORMED_LENGTH";

describeContainer({
  name: "openExtendedReport",
  open: openExtendedReport,
  sound,
  forged,
  // The report alone is an extended report without a table.
  mayEndAt: (length) => length === 1184,
  broken: [
    ["nothing", new Uint8Array(0), LENGTH, { actual: 0, expected: "at least 1184" }],
    ["a report a byte short", report.subarray(0, 1183), LENGTH, { actual: 1183 }],
    ["a byte above the limit", padded(sound, 1184 + 262_145), LENGTH, { actual: 1184 + 262_145 }],
    ["a report and one byte of a table", sound.subarray(0, 1185), TABLE],
    ["a list without its end", sound.subarray(0, 1184 + 48), TABLE],
    ["a header in front of the report", concatBytes(new Uint8Array(32), sound), "ERR_UNSUPPORTED_REPORT_VERSION"],
    ["two reports", concatBytes(report, report), TABLE],
    ["an offset beyond the table", patchedWord(sound, 1184 + 16, 0xffff_ffff), TABLE, { offset: 0 }],
    ["an offset inside the list", patchedWord(sound, 1184 + 16, 8), TABLE, { offset: 0 }],
    ["a length beyond the table", patchedWord(sound, 1184 + 20, 0x7fff_ffff), TABLE, { offset: 0 }],
    ["a length that wraps round", patchedWord(sound, 1184 + 20, 0xffff_fff0), TABLE, { offset: 0 }],
    ["a length a byte short", patchedWord(sound, 1184 + 20, leaf.bytes.length - 1), TABLE],
    ["two VCEKs", extended(leaf, leaf), TABLE, { reason: `${CERTIFICATE_TABLE_GUID.VCEK} stands there twice` }],
    ["two entries of an unknown kind", extended({ guid: OTHER, bytes: report }, { guid: OTHER, bytes: report }), TABLE],
    ["a VCEK that is no DER", extended({ ...leaf, bytes: new Uint8Array(8) }, ...others), TABLE],
    [
      "a VCEK that is two PEM blocks",
      extended({ ...leaf, bytes: concatBytes(pem(leaf.bytes), pem(leaf.bytes)) }),
      TABLE,
    ],
    ["rubbish behind the table", concatBytes(sound, Uint8Array.of(1)), TABLE],
  ],
});

describeOptions("openExtendedReport", (options) => openExtendedReport(sound, options));

describe("an extended report", () => {
  it.each([
    ["without a table", report],
    ["with an empty table", concatBytes(report, new Uint8Array(24))],
    ["with a page of zeros", padded(report, 1184 + 4096)],
  ])("%s has no certificates", async (_, bytes) => {
    expect(await openExtendedReport(bytes)).toEqual({
      evidence: { report, certificates: {} },
      claims: { entries: [] },
    });
  });

  it("hands on every entry, unknown ones too", async () => {
    const { evidence, claims } = await openExtendedReport(extended(leaf, { guid: OTHER, bytes: Uint8Array.of(1, 2) }));
    expect(evidence.certificates).toEqual({ leaf: leaf.bytes });
    expect(claims.entries.map(({ kind, guid }) => kind ?? guid)).toEqual(["VCEK", OTHER]);
  });

  it.each([
    ["of an unknown version", patchedWord(sound, 0, 99), "ERR_UNSUPPORTED_REPORT_VERSION"],
    [
      "with a header before it",
      padded(concatBytes(new Uint8Array(32), report), 4000),
      "ERR_UNSUPPORTED_REPORT_VERSION",
    ],
    ["with reserved bytes", patchedWord(sound, 0x4c, 1), "ERR_MALFORMED_RESERVED"],
  ] as const)("of a report %s is refused, table or not", async (_, bytes, code) => {
    await expect(openExtendedReport(bytes)).toFailWith(code);
    await expect(openExtendedReport(bytes.subarray(0, 1184))).toFailWith(code);
  });
});

describe("a VCEK and a VLEK in one table", () => {
  const vlek = forge.vlek();
  const both = (bytes: Uint8Array) =>
    concatBytes(bytes, encodeCertificateTable([leaf, { guid: CERTIFICATE_TABLE_GUID.VLEK, bytes: vlek.der }]));
  const leafOf = async (bytes: Uint8Array) => (await openExtendedReport(bytes)).evidence.certificates?.leaf;
  const KEY_INFO = 0x48;

  it("give the one that KEY_INFO names", async () => {
    expect(await leafOf(both(report))).toEqual(leaf.bytes);
    expect(await leafOf(both(patchedWord(report, KEY_INFO, 0b00100)))).toEqual(vlek.der);
    expect(await leafOf(both(patchedWord(report, KEY_INFO, 0b00111)))).toEqual(vlek.der);
  });

  it("give neither where KEY_INFO names neither", async () => {
    expect(await leafOf(both(patchedWord(report, KEY_INFO, 7 << 2)))).toBeUndefined();
    expect(await leafOf(both(patchedWord(report, KEY_INFO, 2 << 2)))).toBeUndefined();
  });

  it("one alone is the leaf whatever KEY_INFO says, so that a wrong one is refused and not replaced", async () => {
    expect(await leafOf(patchedWord(sound, KEY_INFO, 0b00100))).toEqual(leaf.bytes);
  });
});
