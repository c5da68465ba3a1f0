import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { certificatesFrom, chooseLeaf, exactReport, oneDer, withTable } from "../../src/evidence/parts.js";
import { CERTIFICATE_TABLE_GUID, encodeCertificateTable } from "../../src/testing/index.js";
import { padded, patchedWord, pem, utf8 } from "./support/bytes.js";

const report = new Uint8Array(1184);
const signedBy = (key: number) => patchedWord(report, 0x48, key << 2);
const der = (...bytes: number[]) => Uint8Array.of(0x30, bytes.length, ...bytes);
const [vcek, vlek] = [der(1), der(2)];

describe("the leaf of a container that has room for two", () => {
  it.each([
    ["none", 0, undefined, undefined, undefined],
    ["a VCEK, and KEY_INFO says VCEK", 0, vcek, undefined, vcek],
    ["a VCEK, and KEY_INFO says VLEK", 1, vcek, undefined, vcek],
    ["a VLEK, and KEY_INFO says VCEK", 0, undefined, vlek, vlek],
    ["a VLEK, and KEY_INFO says none", 7, undefined, vlek, vlek],
    ["both, and KEY_INFO says VCEK", 0, vcek, vlek, vcek],
    ["both, and KEY_INFO says VLEK", 1, vcek, vlek, vlek],
    ["both, and KEY_INFO says 2", 2, vcek, vlek, undefined],
    ["both, and KEY_INFO says none", 7, vcek, vlek, undefined],
  ])("with %s", (_, key, first, second, wanted) => {
    expect(chooseLeaf(signedBy(key), { VCEK: first, VLEK: second })).toBe(wanted);
  });

  it("hangs on no other bit of KEY_INFO", () => {
    const others = patchedWord(report, 0x48, 0xffff_ffff & ~0b11100);
    expect(chooseLeaf(others, { VCEK: vcek, VLEK: vlek })).toBe(vcek);
  });

  it("is the same in a table", () => {
    const entry = (kind: "VCEK" | "VLEK", bytes: Uint8Array) => ({ guid: CERTIFICATE_TABLE_GUID[kind], bytes });
    const table = encodeCertificateTable([entry("VLEK", vlek), entry("VCEK", vcek)]);
    for (const [key, leaf] of [
      [0, vcek],
      [1, vlek],
      [7, undefined],
    ] as const) {
      const { evidence, entries } = withTable(signedBy(key), table);
      expect(evidence.certificates?.leaf).toEqual(leaf);
      expect(entries).toHaveLength(2);
    }
  });

  it("is read through a view of a report", () => {
    const larger = concatBytes(new Uint8Array(7), signedBy(1));
    expect(chooseLeaf(larger.subarray(7), { VCEK: vcek, VLEK: vlek })).toBe(vlek);
  });
});

describe("certificates by role", () => {
  it("leave out what is not there", () => {
    const none = { leaf: undefined, intermediate: undefined, root: undefined, crl: undefined };
    expect(Object.keys(certificatesFrom(none))).toEqual([]);
    expect(certificatesFrom({ ...none, root: vcek })).toEqual({ root: vcek });
    const all = { leaf: der(1), intermediate: der(2), root: der(3), crl: der(4) };
    expect(certificatesFrom(all)).toEqual(all);
  });
});

describe("a report of the right length", () => {
  it("is copied", () => {
    const copy = exactReport("thing", report);
    expect(copy).toEqual(report);
    expect(copy).not.toBe(report);
  });

  it.each([0, 1, 1183, 1185, 1216, 4000])("has not %i bytes", (length) => {
    const detail = { what: "thing", expected: 1184, actual: length };
    expect(() => exactReport("thing", new Uint8Array(length))).toFailWith("ERR_MALFORMED_LENGTH", detail);
  });
});

describe("one certificate", () => {
  it.each([
    ["DER", vcek],
    ["PEM", pem(vcek)],
    ["PEM of another label", pem(vcek, "X509 CRL")],
    ["PEM with Windows' line breaks", utf8(new TextDecoder().decode(pem(vcek)).replaceAll("\n", "\r\n"))],
  ])("may be %s", (_, bytes) => expect(oneDer("thing", "field", bytes)).toEqual(vcek));

  it("is copied", () => expect(oneDer("thing", "field", vcek)).not.toBe(vcek));

  it.each([
    ["nothing", new Uint8Array(0), "ERR_MALFORMED_CONTAINER"],
    ["zeros", new Uint8Array(8), "ERR_MALFORMED_CONTAINER"],
    ["a SET", Uint8Array.of(0x31, 0), "ERR_MALFORMED_CONTAINER"],
    ["bare base64", utf8("MAEB"), "ERR_MALFORMED_CONTAINER"],
    ["a hyphen", utf8("-"), "ERR_MALFORMED_CONTAINER"],
    ["two hyphens", utf8("--"), "ERR_MALFORMED_ENCODING"],
    ["PEM with text before it", concatBytes(utf8("-- "), pem(vcek)), "ERR_MALFORMED_ENCODING"],
    ["two PEM blocks", concatBytes(pem(vcek), pem(vlek)), "ERR_MALFORMED_CONTAINER"],
    ["PEM with zeros behind it", padded(pem(vcek), 200), "ERR_MALFORMED_ENCODING"],
  ] as const)("is not %s", (_, bytes, code) => {
    const detail = code === "ERR_MALFORMED_CONTAINER" ? { container: "thing", where: "field" } : {};
    expect(() => oneDer("thing", "field", bytes)).toFailWith(code, detail);
  });
});
