import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { DerCursor } from "../../src/der/cursor.js";
import { der } from "../../src/testing/index.js";
import { readName } from "../../src/x509/name.js";
import { hex } from "../support/hex.js";

const { ia5String, integer, objectIdentifier, printableString, sequence, set, tlv, utf8String } = der;

const CN = "2.5.4.3";
const O = "2.5.4.10";
const OU = "2.5.4.11";

const attribute = (oid: string, value: Uint8Array, ...more: Uint8Array[]) =>
  sequence(objectIdentifier(oid), value, ...more);
const rdn = (oid: string, text: string) => set(attribute(oid, utf8String(text)));

function read(bytes: Uint8Array) {
  const cursor = DerCursor.over(bytes, "thing");
  const name = readName(cursor);
  cursor.finish();
  return name;
}

describe("readName", () => {
  it("reads common name and organization, and keeps the DER", () => {
    const bytes = sequence(rdn(OU, "Engineering"), rdn(O, "Advanced Micro Devices"), rdn(CN, "SEV-VCEK"));
    expect(read(bytes)).toEqual({ der: bytes, commonName: "SEV-VCEK", organization: "Advanced Micro Devices" });
  });

  it.each([
    ["UTF8String", utf8String("ARK-Milan")],
    ["PrintableString", printableString("ARK-Milan")],
    ["IA5String", ia5String("ARK-Milan")],
  ])("reads a %s", (_, value) => {
    expect(read(sequence(set(attribute(CN, value)))).commonName).toBe("ARK-Milan");
  });

  it("is not confused by the order of attributes", () => {
    const name = read(sequence(rdn(CN, "first"), rdn(OU, "middle"), rdn(O, "last")));
    expect(name).toMatchObject({ commonName: "first", organization: "last" });
  });

  it("compares names by their DER alone: another string type is another name", () => {
    const [utf8, printable] = [utf8String("A"), printableString("A")].map((text) =>
      read(sequence(set(attribute(CN, text)))),
    );
    expect(utf8?.commonName).toBe(printable?.commonName);
    expect(utf8?.der).not.toEqual(printable?.der);
  });

  it.each([
    ["none at all", sequence()],
    ["none of that kind", sequence(rdn(OU, "Engineering"))],
    // Which of two would count is a matter of taste, and attackers know tastes.
    ["two of a kind", sequence(rdn(CN, "SEV-VCEK"), rdn(CN, "evil"), rdn(O, "a"), rdn(O, "b"))],
    ["twice the same", sequence(rdn(CN, "SEV-VCEK"), rdn(CN, "SEV-VCEK"))],
    ["three of a kind", sequence(rdn(CN, "a"), rdn(CN, "b"), rdn(CN, "c"))],
    ["an OID that only begins like it", sequence(rdn("2.5.4.3.1", "SEV-VCEK"), rdn("2.5.4.100", "AMD"))],
  ])("is null where the name has %s", (_, bytes) => {
    expect(read(bytes)).toEqual({ der: bytes, commonName: null, organization: null });
  });

  it("keeps text as it is: spaces, case, NUL and marks", () => {
    for (const text of ["", " SEV-VCEK", "SEV-VCEK ", "sev-vcek", "SEV-VCEK\0", "\ufeffSEV-VCEK", "SEV\u2010VCEK"]) {
      expect(read(sequence(rdn(CN, text))).commonName).toBe(text);
    }
  });

  const sound = sequence(rdn(CN, "a"));
  it.each([
    [
      "two attributes in one RDN",
      sequence(set(attribute(CN, utf8String("a")), attribute(O, utf8String("b")))),
      /left over/,
    ],
    ["an empty RDN", sequence(set()), /too early/],
    ["an RDN that is a SEQUENCE", sequence(sequence(attribute(CN, utf8String("a")))), /expected tag 0x31/],
    ["an attribute without value", sequence(set(sequence(objectIdentifier(CN)))), /expected a UTF8String/],
    ["an attribute without type", sequence(set(sequence(utf8String("a")))), /expected tag 0x06/],
    ["an attribute with two values", sequence(set(attribute(CN, utf8String("a"), utf8String("b")))), /left over/],
    ["an empty attribute", sequence(set(sequence())), /too early/],
    ["an attribute that is a number", sequence(set(attribute(OU, integer(1)))), /expected a UTF8String/],
    ["a BMPString", sequence(set(attribute(CN, tlv(0x1e, hex("0041"))))), /expected a UTF8String/],
    ["a TeletexString", sequence(set(attribute(CN, tlv(0x14, hex("41"))))), /expected a UTF8String/],
    ["text of an unread attribute that is no UTF-8", sequence(set(attribute(OU, tlv(0x0c, hex("ff"))))), /not UTF-8/],
    [
      "a country with an underscore",
      sequence(set(attribute("2.5.4.6", printableString("U_")))),
      /not a PrintableString/,
    ],
    ["a SET for the whole", set(rdn(CN, "a")), /expected tag 0x30/],
    ["something behind an RDN", sequence(rdn(CN, "a"), hex("05 00")), /expected tag 0x31/],
    ["something in the SET", sequence(set(attribute(CN, utf8String("a")), hex("05 00"))), /left over/],
  ])("%s", (_, broken, reason) => {
    expect(read(sound).commonName).toBe("a");
    expect(() => read(broken)).toFailWith("ERR_MALFORMED_DER", {
      what: "thing",
      reason: expect.stringMatching(reason),
    });
  });

  it("reads a name among other things and no further", () => {
    const cursor = DerCursor.over(concatBytes(sequence(rdn(CN, "a")), sequence(rdn(CN, "b"))), "thing");
    expect(readName(cursor).commonName).toBe("a");
    expect(readName(cursor).commonName).toBe("b");
    cursor.finish();
  });
});
