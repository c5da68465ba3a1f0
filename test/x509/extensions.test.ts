import { describe, expect, it } from "vitest";
import { DerCursor } from "../../src/der/cursor.js";
import { readByteInteger } from "../../src/der/values.js";
import { der } from "../../src/testing/index.js";
import { readExtension, readExtensions } from "../../src/x509/extensions.js";
import { hex } from "../support/hex.js";

const { bitString, boolean, integer, nil, objectIdentifier, octetString, sequence, set } = der;

function read(bytes: Uint8Array) {
  const cursor = DerCursor.over(bytes, "thing");
  const extensions = readExtensions(cursor);
  cursor.finish();
  return extensions;
}

const value = octetString(hex("05 00"));
const empty = octetString(hex(""));
const item = (oid: string, ...rest: Uint8Array[]) => sequence(objectIdentifier(oid), ...(rest.length ? rest : [value]));
const list = (count: number) => sequence(...Array.from({ length: count }, (_, index) => item(`1.2.${index}`)));

describe("readExtensions", () => {
  it("reads each as it is written, in order", () => {
    const bytes = sequence(
      item("2.5.29.19", boolean(true), octetString(hex("30 00"))),
      item("1.2.3", octetString(hex(""))),
    );
    expect(read(bytes)).toEqual([
      { oid: "2.5.29.19", critical: true, value: hex("30 00") },
      { oid: "1.2.3", critical: false, value: hex("") },
    ]);
  });

  it("does not look into a value", () => {
    for (const content of ["", "00", "30 80", "ff ff ff ff"]) {
      expect(read(sequence(item("1.2.3", octetString(hex(content)))))[0]?.value).toEqual(hex(content));
    }
  });

  it.each([
    ["a list without one", sequence(item("1.2.3")), sequence(), /without one/],
    ["the same twice", sequence(item("1.2.3"), item("1.2.4")), sequence(item("1.2.3"), item("1.2.3")), /1\.2\.3 twice/],
    [
      "the same twice, apart from one another and with other values",
      sequence(item("1.2.3"), item("1.2.4"), item("1.2.5", empty)),
      sequence(item("1.2.3"), item("1.2.4"), item("1.2.3", empty)),
      /1\.2\.3 twice/,
    ],
    [
      "the same twice, once critical",
      sequence(item("1.2.3"), item("1.2.4", boolean(true), value)),
      sequence(item("1.2.3"), item("1.2.3", boolean(true), value)),
      /1\.2\.3 twice/,
    ],
    [
      "critical FALSE spelled out, which DER leaves out",
      sequence(item("1.2.3", value)),
      sequence(item("1.2.3", boolean(false), value)),
      /default, spelled out/,
    ],
    [
      "critical by 01, which BER takes for true",
      sequence(item("1.2.3", boolean(true), value)),
      sequence(item("1.2.3", hex("01 01 01"), value)),
      /neither 00 nor FF/,
    ],
    [
      "critical twice",
      sequence(item("1.2.3", boolean(true), value)),
      sequence(item("1.2.3", boolean(true), boolean(true), value)),
      /expected tag 0x04, found 0x01/,
    ],
    [
      "critical behind the value",
      sequence(item("1.2.3", boolean(true), value)),
      sequence(item("1.2.3", value, boolean(true))),
      /left over/,
    ],
    ["no value", sequence(item("1.2.3")), sequence(sequence(objectIdentifier("1.2.3"))), /too early/],
    ["two values", sequence(item("1.2.3")), sequence(item("1.2.3", value, value)), /left over/],
    ["a value without its OCTET STRING", sequence(item("1.2.3")), sequence(item("1.2.3", nil())), /expected tag 0x04/],
    [
      "a value in a BIT STRING",
      sequence(item("1.2.3")),
      sequence(item("1.2.3", bitString(hex("0500")))),
      /expected tag 0x04/,
    ],
    ["no OID", sequence(item("1.2.3")), sequence(sequence(value)), /expected tag 0x06/],
    ["an empty extension", sequence(item("1.2.3")), sequence(sequence()), /too early/],
    ["an extension that is a SET", sequence(item("1.2.3")), sequence(set(objectIdentifier("1.2.3"), value)), /0x31/],
    ["a SET of extensions", sequence(item("1.2.3")), set(item("1.2.3")), /expected tag 0x30, found 0x31/],
    ["33 extensions, where no profile has more than 11", list(32), list(33), /more than 32/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(sound)).not.toThrow();
    expect(() => read(broken)).toFailWith("ERR_MALFORMED_DER", { reason: expect.stringMatching(reason) });
  });

  it("takes OIDs that differ in one arc for two", () => {
    expect(read(sequence(item("1.2.3"), item("1.2.3.0"), item("1.2.3.1"), item("1.2"))).map(({ oid }) => oid)).toEqual([
      "1.2.3",
      "1.2.3.0",
      "1.2.3.1",
      "1.2",
    ]);
  });
});

describe("readExtension", () => {
  const extension = (content: string) => ({ oid: "1.2.3", critical: false, value: hex(content) });

  it("is null for an extension that is not there", () => {
    expect(readExtension(undefined, "the leaf", readByteInteger)).toBeNull();
  });

  it("reads the DER in the value", () => {
    expect(readExtension(extension("02 02 00d9"), "the leaf", readByteInteger)).toBe(217);
  });

  it.each([
    ["nothing in the value", "", /too early/],
    ["another type", "04 01 05", /expected tag 0x02/],
    ["something behind it", "02 01 05 00", /^1 bytes left over$/],
    ["a second one behind it", "02 01 05 02 01 05", /^3 bytes left over$/],
    ["a value that is cut", "02 02 05", /reaches beyond/],
  ])("%s", (_, content, reason) => {
    expect(() => readExtension(extension(content), "the leaf", readByteInteger)).toFailWith("ERR_MALFORMED_DER", {
      what: "the leaf: extension 1.2.3",
      reason: expect.stringMatching(reason),
    });
  });

  it("names an integer that is no byte", () => {
    const wide = { oid: "1.2.3", critical: false, value: integer(256) };
    expect(() => readExtension(wide, "the leaf", readByteInteger)).toFailWith("ERR_MALFORMED_DER");
  });
});
