import { describe, expect, it } from "vitest";
import { AMD_EXTENSION, KEY_ALGORITHM, NAME_ATTRIBUTE, X509_EXTENSION } from "../../src/amd/oids.js";
import { concatBytes } from "../../src/bytes/codecs.js";
import { DerCursor } from "../../src/der/cursor.js";
import { readOid } from "../../src/der/values.js";
import { objectIdentifier } from "../../src/testing/der.js";
import { hex } from "../support/hex.js";

const read = (bytes: Uint8Array) => readOid(DerCursor.over(bytes, "thing"));

describe("readOid", () => {
  it.each([
    ["0.0", "06 01 00"],
    ["0.39", "06 01 27"],
    ["1.0", "06 01 28"],
    ["1.39", "06 01 4f"],
    ["2.0", "06 01 50"],
    ["2.5.4.3", "06 03 550403"],
    ["2.39", "06 01 77"],
    ["2.40", "06 01 78"],
    ["2.47", "06 01 7f"],
    ["2.48", "06 02 8100"],
    ["2.999", "06 02 8837"],
    ["1.2.840.113549.1.1.10", "06 09 2a864886f70d01010a"],
    ["1.3.132.0.34", "06 05 2b81040022"],
    ["1.3.6.1.4.1.3704.1.3.9", "06 0a 2b060104019c78010309"],
    ["1.2.127", "06 02 2a7f"],
    ["1.2.128", "06 03 2a8100"],
    ["1.2.16383", "06 03 2aff7f"],
    ["1.2.16384", "06 04 2a818000"],
    ["1.2.4294967296", "06 06 2a9080808000"],
    ["1.2.9007199254740991", "06 09 2a8fffffffffffff7f"],
  ])("%s", (dotted, bytes) => {
    expect(read(hex(bytes))).toBe(dotted);
    expect(objectIdentifier(dotted)).toEqual(hex(bytes));
  });

  it.each([
    ["no arc at all", "06 01 2a", "06 00", /impossible length/],
    ["an arc whose first byte adds nothing", "06 02 2a01", "06 03 2a8001", /cut or not minimal/],
    ["the first arc written longer than it is", "06 02 5504", "06 03 805504", /cut or not minimal/],
    ["two bytes that add nothing", "06 02 2a01", "06 04 2a808001", /cut or not minimal/],
    ["the last arc without its end", "06 03 2a8101", "06 02 2a81", /cut or not minimal/],
    ["only an arc without end", "06 01 01", "06 01 81", /cut or not minimal/],
    [
      "one above 2^53, where a number loses its low bits",
      "06 09 2a8fffffffffffff7f",
      "06 09 2a9080808080808001",
      /53 bits/,
    ],
    ["2^53 itself", "06 09 2a8fffffffffffff7f", "06 09 2a9080808080808000", /53 bits/],
    ["a first arc of 2^53", "06 08 8fffffffffffff7f", "06 08 9080808080808000", /53 bits/],
    ["a UUID as an arc", "06 02 6901", "06 14 6983ffffffffffffffffffffffffffffffffff7f", /53 bits/],
    ["80 alone: both faults at once", "06 01 00", "06 01 80", /cut or not minimal/],
    ["a RELATIVE-OID in its place", "06 01 2a", "0d 01 2a", /expected tag 0x06/],
  ])("%s", (...[, sound, broken, reason]) => {
    expect(() => read(hex(sound))).not.toThrow();
    expect(() => read(hex(broken))).toFailWith("ERR_MALFORMED_DER", {
      offset: 0,
      reason: expect.stringMatching(reason),
    });
  });

  it("80 inside an arc is a digit like any other", () => {
    expect(read(hex("06 04 2a818000"))).toBe("1.2.16384");
    expect(() => read(hex("06 04 2a808100"))).toFailWith("ERR_MALFORMED_DER");
  });

  it("goes up to 64 bytes: longer ones cost more and name nothing", () => {
    const ofLength = (length: number) => concatBytes(Uint8Array.of(0x06, length), new Uint8Array(length).fill(0x01));
    expect(read(ofLength(64))).toBe(`0.1${".1".repeat(63)}`);
    expect(() => read(ofLength(65))).toFailWith("ERR_MALFORMED_DER", { reason: "an OID of an impossible length" });
  });

  it("reads back every OID that the project names", () => {
    const named = [AMD_EXTENSION, X509_EXTENSION, NAME_ATTRIBUTE, KEY_ALGORITHM].flatMap((list) => Object.values(list));
    expect(new Set(named).size).toBe(named.length);
    for (const dotted of named) expect(read(objectIdentifier(dotted))).toBe(dotted);
  });

  it("gives every first byte its own pair of arcs", () => {
    const pairs = Array.from({ length: 128 }, (_, byte) => read(Uint8Array.of(0x06, 1, byte)));
    expect(new Set(pairs).size).toBe(128);
    for (const [byte, pair] of pairs.entries()) {
      const [root, second] = pair.split(".").map(Number);
      expect(Number(root) * 40 + Number(second)).toBe(byte);
      expect(Number(root)).toBe(Math.min(2, Math.floor(byte / 40)));
    }
  });
});
