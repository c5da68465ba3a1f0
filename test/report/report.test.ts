import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Layout } from "../../src/bytes/layout.js";
import { encodeLayout } from "../../src/bytes/layout-encode.js";
import { isAttestationError } from "../../src/errors.js";
import { decodeGuestPolicy } from "../../src/report/guest-policy.js";
import { decodeKeyInfo } from "../../src/report/key-info.js";
import { REPORT_LAYOUTS } from "../../src/report/layouts.js";
import { decodePlatformInfo } from "../../src/report/platform-info.js";
import { type AttestationReport, parseReport } from "../../src/report/report.js";
import { fieldOf, KEPT, littleEndian, patched, patternReport, REFUSED, VERSIONS, type Version } from "./pattern.js";

const BYTE_FIELDS = [
  "familyId",
  "imageId",
  "currentTcb",
  "reportData",
  "measurement",
  "hostData",
  "idKeyDigest",
  "authorKeyDigest",
  "reportId",
  "reportIdMa",
  "reportedTcb",
  "chipId",
  "committedTcb",
  "launchTcb",
] as const satisfies readonly (keyof AttestationReport)[];

const NUMBER_FIELDS = ["version", "guestSvn", "vmpl", "signatureAlgo"] as const;

describe.each([...VERSIONS])("version %i", (version) => {
  const bytes = patternReport(version);
  const report = parseReport(bytes);
  const number = (name: string) => littleEndian(fieldOf(bytes, name));

  it.each(BYTE_FIELDS)("%s is a copy of its bytes", (name) => {
    expect(report[name]).toEqual(fieldOf(bytes, name));
    expect(report[name].buffer.byteLength).toBe(report[name].length);
  });

  it.each(NUMBER_FIELDS)("%s is little-endian", (name) => expect(BigInt(report[name])).toBe(number(name)));

  it("decodes the words of bits", () => {
    expect(report.policy).toEqual(decodeGuestPolicy(number("policy")));
    expect(report.platformInfo).toEqual(decodePlatformInfo(number("platformInfo")));
    expect(report.keyInfo).toEqual(decodeKeyInfo(Number(number("keyInfo"))));
  });

  it("puts the firmware versions together", () => {
    const [build, minor, major] = bytes.subarray(0x1e8);
    expect(report.currentFirmware).toEqual({ major, minor, build });
    const [committedBuild, committedMinor, committedMajor] = bytes.subarray(0x1ec);
    expect(report.committedFirmware).toEqual({
      major: committedMajor,
      minor: committedMinor,
      build: committedBuild,
    });
  });

  it("turns r and s round", () => {
    expect(report.signature).toEqual({
      r: fieldOf(bytes, "signatureR").reverse(),
      s: fieldOf(bytes, "signatureS").reverse(),
    });
  });

  it("has a CPUID from version 3 on", () => {
    const [family, model, stepping] = bytes.subarray(0x188);
    expect(report.cpuid).toEqual(version < 3 ? null : { family, model, stepping });
  });

  it("has mitigation vectors from version 5 on", () => {
    expect(report.launchMitVector).toBe(version < 5 ? null : number("launchMitVector"));
    expect(report.currentMitVector).toBe(version < 5 ? null : number("currentMitVector"));
  });

  it("reports no reserved bytes when all are zero", () => expect(report.reserved).toEqual([]));

  it("is frozen, and new at each call", () => {
    expect(Object.isFrozen(report)).toBe(true);
    expect(parseReport(bytes)).toEqual(report);
    expect(parseReport(bytes).measurement).not.toBe(report.measurement);
  });

  it("can be all zeros but for its version", () => {
    const zeros = patched(new Uint8Array(1184), 0, [version]);
    expect(parseReport(zeros)).toMatchObject({ version, vmpl: 0, signatureAlgo: 0, reserved: [] });
  });

  it("reports several reserved ranges in order", () => {
    const all = KEPT[version].reduce((sum, [offset, size]) => patched(sum, offset + size - 1, [1]), bytes);
    expect(parseReport(all).reserved.map(({ offset, bytes: { length } }) => [offset, length])).toEqual(KEPT[version]);
  });
});

describe("length", () => {
  const bytes = patternReport(3);

  it.each([[0], [1], [4], [672], [1183], [1185], [1200], [5280], [16384]])("%i is refused", (length) => {
    const other = new Uint8Array(length);
    other.set(bytes.subarray(0, length));
    expect(() => parseReport(other)).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "report",
      expected: 1184,
      actual: length,
    });
  });

  it("is judged before the version and the reserved bytes", () => {
    expect(() => parseReport(new Uint8Array(1183).fill(0xff))).toFailWith("ERR_MALFORMED_LENGTH");
  });
});

describe("version", () => {
  const bytes = patternReport(3);

  it.each([
    ["0", 0, [0, 0, 0, 0]],
    ["1", 1, [1, 0, 0, 0]],
    ["6", 6, [6, 0, 0, 0]],
    ["99", 99, [99, 0, 0, 0]],
    ["3 with its third byte set", 0x10003, [3, 0, 1, 0]],
    ["3 in big-endian", 0x3000000, [0, 0, 0, 3]],
    ["all ones", 0xffffffff, [0xff, 0xff, 0xff, 0xff]],
  ])("%s is refused", (_, version, replacement) => {
    expect(() => parseReport(patched(bytes, 0, replacement))).toFailWith("ERR_UNSUPPORTED_REPORT_VERSION", {
      version,
      supported: [2, 3, 4, 5],
    });
  });

  it("is judged before the reserved bytes", () => {
    const both = patched(patched(bytes, 0, [6]), 0x4c, [1]);
    expect(() => parseReport(both)).toFailWith("ERR_UNSUPPORTED_REPORT_VERSION");
    expect(() => parseReport(patched(both, 0, [5]))).toFailWith("ERR_MALFORMED_RESERVED", { offset: 0x4c });
  });

  it("4 reads the bytes that a 3 has in the same way", () => {
    expect(parseReport(patched(bytes, 0, [4]))).toEqual({ ...parseReport(bytes), version: 4 });
  });

  it.each([2, 3, 4] as const)("%i gives the mitigation vectors of a 5 no meaning", (version) => {
    const five = patternReport(5);
    expect(parseReport(five).launchMitVector).toBe(littleEndian(fieldOf(five, "launchMitVector")));
    const older = patched(patternReport(version), 0x1f8, [...five.subarray(0x1f8, 0x208)]);
    const report = parseReport(older);
    expect([report.launchMitVector, report.currentMitVector]).toEqual([null, null]);
    expect(report.reserved).toEqual([{ offset: 0x1f8, bytes: older.slice(0x1f8, 0x2a0) }]);
  });

  it("2 gives the CPUID of a 3 no meaning", () => {
    const older = patched(patternReport(2), 0x188, [0x19, 0x01, 0x01]);
    const report = parseReport(older);
    expect(report.cpuid).toBeNull();
    expect(report.reserved).toEqual([{ offset: 0x188, bytes: older.slice(0x188, 0x1a0) }]);
  });
});

describe("the argument", () => {
  const bytes = patternReport(5);

  it("is copied: later changes change nothing", () => {
    const mine = bytes.slice();
    const report = parseReport(mine);
    mine.fill(0);
    expect(report).toEqual(parseReport(bytes));
  });

  it("is not changed", () => {
    const mine = bytes.slice();
    parseReport(mine);
    expect(mine).toEqual(bytes);
  });

  it("may be a view, a Buffer, or shared memory", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(1300), 100, 1184);
    shared.set(bytes);
    const padded = new Uint8Array(1300).fill(0xee);
    padded.set(bytes, 33);
    const expected = parseReport(bytes);
    expect(parseReport(shared)).toEqual(expected);
    expect(parseReport(padded.subarray(33, 33 + 1184))).toEqual(expected);
    const fromBuffer = parseReport(Buffer.from(bytes));
    expect(fromBuffer).toEqual(expected);
    expect(Buffer.isBuffer(fromBuffer.measurement)).toBe(false);
  });

  // The casts stand for a caller without types.
  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a hex string", "03000000"],
    ["an ArrayBuffer", bytes.buffer],
    ["an array", [...bytes]],
    ["a DataView", new DataView(bytes.buffer)],
    ["an Int8Array", new Int8Array(1184)],
  ])("may not be %s", (_, value) => {
    const parse = () => parseReport(value as unknown as Uint8Array);
    expect(parse).toThrow(TypeError);
    expect(parse).toThrow(/^bytes must be a Uint8Array, not /);
  });
});

describe("what parsing leaves to others", () => {
  const unjudged: [string, [number, number[]], object][] = [
    ["SIGNATURE_ALGO 0", [0x034, [0, 0, 0, 0]], { signatureAlgo: 0 }],
    ["SIGNATURE_ALGO 2", [0x034, [2, 0, 0, 0]], { signatureAlgo: 2 }],
    ["VMPL 4", [0x030, [4, 0, 0, 0]], { vmpl: 4 }],
    ["VMPL of the host", [0x030, [255, 255, 255, 255]], { vmpl: 0xffffffff }],
    ["POLICY bit 17 clear", [0x008, [0, 0, 0, 0, 0, 0, 0, 0]], { policy: { raw: 0n, reservedOne: false } }],
    ["unknown POLICY bits", [0x008, [0, 0, 2, 0, 0, 0, 0, 128]], { policy: { unknownBits: 1n << 63n } }],
    ["unknown PLATFORM_INFO bits", [0x040, [64, 0, 0, 0, 0, 0, 0, 0]], { platformInfo: { unknownBits: 64n } }],
    ["a masked chip key", [0x048, [2, 0, 0, 0]], { keyInfo: { maskChipKey: true } }],
    ["SIGNING_KEY none", [0x048, [0x1c, 0, 0, 0]], { keyInfo: { signingKey: 7, unknownBits: 0 } }],
    ["unknown KEY_INFO bits", [0x048, [0xe0, 255, 255, 255]], { keyInfo: { signingKey: 0, unknownBits: 0xffffffe0 } }],
    ["r of zero", [0x2a0, Array(48).fill(0)], { signature: { r: new Uint8Array(48) } }],
    ["s above n", [0x2e8, Array(48).fill(255)], { signature: { s: new Uint8Array(48).fill(255) } }],
  ];
  it.each(unjudged)("%s parses", (_, [offset, replacement], expected) => {
    expect(parseReport(patched(patternReport(5), offset, replacement))).toMatchObject(expected);
  });
});

/** Any report that parses: random bytes with a known version and zeros where they must be. */
const anyReport = fc
  .record({
    version: fc.constantFrom<Version>(...VERSIONS),
    bytes: fc.uint8Array({ minLength: 1184, maxLength: 1184, size: "max" }),
    keepReserved: fc.boolean(),
  })
  .map(({ version, bytes, keepReserved }) => {
    const zeroed = keepReserved ? REFUSED : [...REFUSED, ...KEPT[version]];
    for (const [offset, size] of zeroed) bytes.fill(0, offset, offset + size);
    bytes.set([version, 0, 0, 0]);
    return { version, bytes };
  });

describe("any bytes", () => {
  it("throw nothing but an AttestationError", () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 1400, size: "max" }),
      fc.uint8Array({ minLength: 1184, maxLength: 1184, size: "max" }),
      anyReport.map(({ bytes }) => bytes),
    );
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        try {
          expect(parseReport(bytes).version).toBe(bytes[0]);
        } catch (error) {
          if (!isAttestationError(error)) throw error;
        }
      }),
    );
  });

  it("of any type throw nothing but an AttestationError or a TypeError", () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withDate: true, withMap: true }), (value) => {
        const outcome = () => parseReport(value as Uint8Array);
        try {
          outcome();
        } catch (error) {
          if (!isAttestationError(error)) expect(error).toBeInstanceOf(TypeError);
        }
      }),
    );
  });

  it("come back from the tables as they went in", () => {
    fc.assert(
      fc.property(anyReport, ({ version, bytes }) => {
        const layout: Layout = REPORT_LAYOUTS[version];
        const { values, reserved } = layout.parse(bytes);
        expect(encodeLayout(layout, values, reserved)).toEqual(bytes);
      }),
    );
  });

  it("parse alike as a view of a larger buffer", () => {
    fc.assert(
      fc.property(anyReport, fc.nat(100), fc.nat(100), ({ bytes }, before, after) => {
        const larger = new Uint8Array(before + bytes.length + after).fill(0xa5);
        larger.set(bytes, before);
        expect(parseReport(larger.subarray(before, before + bytes.length))).toEqual(parseReport(bytes));
      }),
    );
  });
});
