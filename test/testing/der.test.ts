import { fromBER, GeneralizedTime, Integer, ObjectIdentifier, UTCTime } from "asn1js";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes/codecs.js";
import { DerCursor } from "../../src/der/cursor.js";
import { readBigInteger, readOid } from "../../src/der/values.js";
import { der } from "../../src/testing/index.js";

const bytes = (length: number) => new Uint8Array(length).fill(0xab);

describe("tlv", () => {
  it.each([
    [0, "0400"],
    [1, "0401"],
    [127, "047f"],
    [128, "048180"],
    [255, "0481ff"],
    [256, "04820100"],
    [65535, "0482ffff"],
    [65536, "0483010000"],
  ])("writes the shortest length for %i bytes", (length, head) => {
    const written = der.octetString(bytes(length));
    expect(toHex(written.subarray(0, head.length / 2))).toBe(head);
    expect(written).toHaveLength(head.length / 2 + length);
    expect(fromBER(written).offset).toBe(written.length);
    expect(der.contentOf(written)).toEqual(bytes(length));
  });

  it("joins its contents", () => {
    expect(toHex(der.tlv(0xa5, fromHex("01"), fromHex("0203")))).toBe("a503010203");
  });
});

describe("contentOf", () => {
  it.each([
    ["", "no bytes"],
    ["30", "a tag alone"],
    ["3002ff", "content that is cut"],
    ["3001ff00", "a byte behind the value"],
    ["308103ffff", "content that is cut, long form"],
  ])("refuses %s: %s", (hex) => {
    expect(() => der.contentOf(fromHex(hex))).toThrow(TypeError);
  });
});

describe("integer", () => {
  it.each([
    [0, "020100"],
    [1, "020101"],
    [127, "02017f"],
    [128, "02020080"],
    [217, "020200d9"],
    [256, "02020100"],
    [0x010000, "0203010000"],
    [-1, "0201ff"],
    [-128, "020180"],
    [-129, "0202ff7f"],
    [2n ** 64n, "0209010000000000000000"],
  ])("writes %s as %s", (value, hex) => {
    expect(toHex(der.integer(value))).toBe(hex);
  });

  it.each([0n, 1n, 127n, 128n, 255n, 256n, 0x20001n, 2n ** 127n, 2n ** 128n - 1n])(
    "writes %s as others read it",
    (value) => {
      const { result } = fromBER(der.integer(value));
      expect(result instanceof Integer && result.toBigInt()).toBe(value);
      expect(readBigInteger(DerCursor.over(der.integer(value), "test"), 20)).toBe(value);
    },
  );
});

describe("objectIdentifier", () => {
  it.each([
    ["1.3.6.1.4.1.3704.1.3.8", "060a2b060104019c78010308"],
    ["2.5.29.19", "0603551d13"],
    ["1.2.840.113549.1.1.10", "06092a864886f70d01010a"],
    ["2.16.840.1.101.3.4.2.2", "0609608648016503040202"],
    ["0.9", "060109"],
    ["2.999", "06028837"],
  ])("writes %s as %s, and both readers read it", (dotted, hex) => {
    const written = der.objectIdentifier(dotted);
    expect(toHex(written)).toBe(hex);
    expect(readOid(DerCursor.over(written, "test"))).toBe(dotted);
    const { result } = fromBER(written);
    expect(result instanceof ObjectIdentifier && result.valueBlock.toString()).toBe(dotted);
  });
});

describe("the other values", () => {
  it.each([
    [der.boolean(true), "0101ff"],
    [der.boolean(false), "010100"],
    [der.nil(), "0500"],
    [der.bitString(Uint8Array.of(0x06), 1), "03020106"],
    [der.bitString(new Uint8Array()), "030100"],
    [der.utf8String("é"), "0c02c3a9"],
    [der.printableString("US"), "13025553"],
    [der.ia5String("Turin"), "1605547572696e"],
    [der.sequence(), "3000"],
    [der.sequence(der.nil(), der.boolean(true)), "300505000101ff"],
    [der.set(der.nil()), "31020500"],
    [der.explicit(3, der.nil()), "a3020500"],
  ])("%# writes %s", (written, hex) => {
    expect(toHex(written)).toBe(hex);
  });

  const time = new Date("2026-06-01T12:34:56.789Z");
  it.each([
    [der.utcTime(time), UTCTime],
    [der.generalizedTime(time), GeneralizedTime],
  ])("writes times to the second: %#", (written, type) => {
    const { result } = fromBER(written);
    expect(result).toBeInstanceOf(type);
    expect(result instanceof type && result.toDate().toISOString()).toBe("2026-06-01T12:34:56.000Z");
  });
});
