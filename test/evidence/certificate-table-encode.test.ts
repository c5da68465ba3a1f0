import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/bytes/codecs.js";
import { parseCertificateTable } from "../../src/evidence/certificate-table.js";
import { encodeCertificateTable } from "../../src/evidence/certificate-table-encode.js";
import type { EvidenceCertificates } from "../../src/evidence/evidence.js";
import { certificateTableEntries, encodeCertificateTable as forgeTable } from "../../src/testing/index.js";

const der = (...bytes: number[]) => Uint8Array.of(0x30, bytes.length, ...bytes);
const ALL = { leaf: der(1), intermediate: der(2, 2), root: der(3, 3, 3), crl: der() };
const VCEK = { signingKey: "VCEK" } as const;
const VLEK = { signingKey: "VLEK" } as const;

const part = fc.option(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => concatBytes(Uint8Array.of(0x30), bytes)),
  { nil: undefined },
);

describe("encodeCertificateTable", () => {
  it("writes rows in the order leaf, ASK, ARK, CRL, a row of zeros, and the contents", () => {
    const rows = [
      "63da758de6644564adc5f4b93be8accd 78000000 03000000",
      "4ab7b379bbac4fe4a02f05aef327c782 7b000000 04000000",
      "c0b406a4a803495297433fb6014cd0ae 7f000000 05000000",
      "92f81bc358114d3d97ffd19f88dc67ea 84000000 02000000",
      "00".repeat(24),
      "300101 30020202 3003030303 3000",
    ];
    expect(toHex(encodeCertificateTable(ALL, VCEK))).toBe(rows.join("").replaceAll(" ", ""));
  });

  it("gives a VLEK its own name", () => {
    const table = encodeCertificateTable({ leaf: ALL.leaf }, VLEK);
    expect(toHex(table.subarray(0, 16))).toBe("a8074bc2a25a483eaae639c045a0b8a1");
    expect(parseCertificateTable(table).entries.map(({ kind }) => kind)).toEqual(["VLEK"]);
  });

  it("of nothing is a row of zeros", () => expect(encodeCertificateTable({}, VCEK)).toEqual(new Uint8Array(24)));

  it("leaves out what is undefined, as EvidenceCertificates may say it", () => {
    const certificates = { leaf: ALL.leaf, crl: undefined } as unknown as EvidenceCertificates;
    expect(parseCertificateTable(encodeCertificateTable(certificates, VCEK)).certificates).toEqual({ leaf: ALL.leaf });
  });

  it("writes what parseCertificateTable reads, byte for byte as the forge does", () => {
    fc.assert(
      fc.property(
        fc.record({ leaf: part, intermediate: part, root: part, crl: part }),
        fc.constantFrom("VCEK" as const, "VLEK" as const),
        (parts, signingKey) => {
          const present = Object.fromEntries(Object.entries(parts).filter(([, bytes]) => bytes !== undefined));
          const table = encodeCertificateTable(present, { signingKey });
          expect(parseCertificateTable(table).certificates).toEqual(present);
          expect(table).toEqual(forgeTable(certificateTableEntries(signingKey, present)));
        },
      ),
    );
  });

  it("takes views, and what is done to them later reaches nothing", () => {
    const buffer = concatBytes(Uint8Array.of(9, 9), ALL.leaf, Uint8Array.of(9));
    const table = encodeCertificateTable({ leaf: buffer.subarray(2, 5) }, VCEK);
    const before = table.slice();
    buffer.fill(0);
    expect(table).toEqual(before);
    expect(parseCertificateTable(table).certificates.leaf).toEqual(ALL.leaf);
  });

  it("takes 65,000 bytes a certificate and not one more, so that all four can be read back", () => {
    const most = new Uint8Array(65_000).fill(0x30);
    const table = encodeCertificateTable({ leaf: most, intermediate: most, root: most, crl: most }, VCEK);
    expect(parseCertificateTable(table).certificates.crl).toEqual(most);
    const more = new Uint8Array(65_001).fill(0x30);
    for (const role of ["leaf", "intermediate", "root", "crl"] as const) {
      const what = `certificates.${role}`;
      expect(() => encodeCertificateTable({ [role]: more }, VCEK)).toFailWith("ERR_MALFORMED_LENGTH", { what });
    }
  });

  it.each<[string, unknown, unknown]>([
    ["no certificates", undefined, VCEK],
    ["a certificate that is no bytes", { leaf: "30" }, VCEK],
    ["null for a certificate", { leaf: null }, VCEK],
    ["an unknown certificate", { ask: ALL.leaf }, VCEK],
    ["no options", ALL, undefined],
    ["no signing key", ALL, {}],
    ["another signing key", ALL, { signingKey: "ASK" }],
    ["an unknown option", ALL, { ...VCEK, order: [] }],
  ])("%s is a TypeError", (_, certificates, options) => {
    // What a caller without types can do.
    const call = encodeCertificateTable as (...args: unknown[]) => unknown;
    expect(() => call(certificates, options)).toThrow(TypeError);
  });
});
