import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { parseCertificateTable } from "../../src/evidence/certificate-table.js";
import {
  CERTIFICATE_TABLE_GUID,
  certificateTableEntries,
  createForge,
  encodeCertificateTable,
  type TableEntryOption,
} from "../../src/testing/index.js";

const forge = await createForge({ seed: "table" });
const bytes = Uint8Array.of(0x30, 0x00);
const entry = (option: Partial<TableEntryOption> = {}): TableEntryOption => ({
  guid: CERTIFICATE_TABLE_GUID.VCEK,
  bytes,
  ...option,
});

describe("encodeCertificateTable", () => {
  it("writes rows, a row of zeros, and the contents", () => {
    const table = encodeCertificateTable([
      entry(),
      entry({ guid: CERTIFICATE_TABLE_GUID.ARK, bytes: Uint8Array.of(1) }),
    ]);
    const rows = [
      "63da758de6644564adc5f4b93be8accd 48000000 02000000",
      "c0b406a4a803495297433fb6014cd0ae 4a000000 01000000",
      "00".repeat(24),
      "3000 01",
    ];
    expect(toHex(table)).toBe(rows.join("").replaceAll(" ", ""));
  });

  it("of no entries is a row of zeros", () => expect(encodeCertificateTable([])).toEqual(new Uint8Array(24)));

  it.each(["VCEK", "VLEK"] as const)("is read back by the parser: %s", (signingKey) => {
    const { evidence } = forge.evidence({ signingKey });
    const { certificates = {} } = evidence;
    const table = encodeCertificateTable(certificateTableEntries(signingKey, certificates));
    const parsed = parseCertificateTable(table);
    expect(parsed.certificates).toEqual(certificates);
    expect(parsed.entries.map(({ kind }) => kind)).toEqual([signingKey, "ASK", "ARK", "CRL"]);
  });

  it.each<[Partial<TableEntryOption>, string, number]>([
    [{ offset: 7 }, "07000000", 16],
    [{ offset: 0xffffffff }, "ffffffff", 16],
    [{ length: 9 }, "09000000", 20],
  ])("says %o where it is told to", (option, hex, at) => {
    const table = encodeCertificateTable([entry(option)]);
    expect(toHex(table.subarray(at, at + 4))).toBe(hex);
    expect(() => parseCertificateTable(table)).toFailWith("ERR_MALFORMED_CERTIFICATE_TABLE");
  });

  it.each(["63da758d", "not a guid", ""])("refuses the GUID %j", (guid) => {
    expect(() => encodeCertificateTable([entry({ guid })])).toThrow(TypeError);
  });
});

describe("certificateTableEntries", () => {
  it("leaves out what is not there", () => {
    const { leaf, crl } = forge.evidence().evidence.certificates ?? {};
    if (leaf === undefined || crl === undefined) throw new Error("the forge leaves something out");
    expect(certificateTableEntries("VCEK", { leaf, crl })).toEqual([
      { guid: CERTIFICATE_TABLE_GUID.VCEK, bytes: leaf },
      { guid: CERTIFICATE_TABLE_GUID.CRL, bytes: crl },
    ]);
    expect(certificateTableEntries("VLEK", {})).toEqual([]);
  });
});
