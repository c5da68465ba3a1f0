import { createPublicKey, verify } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRODUCT_LINES } from "../../src/amd/product-lines.js";
import { decodeTcb, encodeTcb, tcbComponents } from "../../src/amd/tcb.js";
import { isZero, toHex } from "../../src/bytes/codecs.js";
import { isField, type LayoutRow } from "../../src/bytes/layout.js";
import { REPORT_LAYOUTS, REPORT_VERSIONS } from "../../src/report/layouts.js";
import { parseReport } from "../../src/report/report.js";
import { type Chip, createForge, type ForgedReport, p384Spki, type ReportOptions } from "../../src/testing/index.js";

const forge = await createForge({ seed: "report" });
const signingKeys = ["VCEK", "VLEK"] as const;
const chips = PRODUCT_LINES.flatMap((productLine) => signingKeys.map((signingKey) => ({ productLine, signingKey })));
const kinds = chips.flatMap((chip) => REPORT_VERSIONS.map((version) => ({ ...chip, version })));

/** As node:crypto sees it: r and s turned big-endian, over the first 0x2A0 bytes. */
function isSignedBy({ bytes }: ForgedReport, chip: Pick<Chip, "key">): boolean {
  const half = (start: number) => bytes.slice(start, start + 48).reverse();
  const signature = Buffer.concat([half(0x2a0), half(0x2e8)]);
  const key = createPublicKey({ key: Buffer.from(p384Spki(chip.key.point)), format: "der", type: "spki" });
  return verify("SHA-384", bytes.subarray(0, 0x2a0), { key, dsaEncoding: "ieee-p1363" }, signature);
}

describe("a forged report", () => {
  it.each(kinds)("of $productLine, $signingKey, version $version parses and is signed by its chip", (kind) => {
    const { version, ...choice } = kind;
    const forged = forge.report(kind);
    const report = parseReport(forged.bytes);
    const chip = forge.chip(choice);
    expect(forged.bytes).toHaveLength(1184);
    expect(report.version).toBe(version);
    expect(report.reserved).toEqual([]);
    expect(isSignedBy(forged, chip)).toBe(true);
    expect(isSignedBy(forged, forge.chip({ ...choice, chip: "another" }))).toBe(false);
    expect(decodeTcb(kind.productLine, report.reportedTcb)).toEqual(chip.tcb);
  });

  it.each(chips)("of $productLine, $signingKey has what firmware writes where nothing is asked for", (choice) => {
    const report = parseReport(forge.report(choice).bytes);
    const tcbs = [report.currentTcb, report.reportedTcb, report.committedTcb, report.launchTcb].map(toHex);
    expect(new Set(tcbs).size).toBe(1);
    expect(report.policy.raw).toBe(0x30000n);
    expect(report.vmpl).toBe(0);
    expect(report.signatureAlgo).toBe(1);
    expect(report.keyInfo.raw).toBe(choice.signingKey === "VLEK" ? 4 : 0);
    expect(toHex(report.reportIdMa)).toBe("ff".repeat(32));
    expect(report.currentFirmware).toEqual(report.committedFirmware);
    expect([report.familyId, report.imageId, report.idKeyDigest, report.authorKeyDigest].every(isZero)).toBe(true);
    expect(isZero(report.measurement) || isZero(report.reportId)).toBe(false);
  });

  it.each([
    ["Milan", 64],
    ["Genoa", 64],
    ["Turin", 8],
  ] as const)("of %s has an id of %i bytes and zeros after it", (productLine, length) => {
    const { chipId } = parseReport(forge.report({ productLine }).bytes);
    expect(chipId.subarray(0, length)).toEqual(forge.chip({ productLine }).hwId);
    expect(isZero(chipId.subarray(0, length))).toBe(false);
    expect(isZero(chipId.subarray(length))).toBe(true);
    expect(isZero(parseReport(forge.report({ productLine, signingKey: "VLEK" }).bytes).chipId)).toBe(true);
  });

  it("is of version 5 unless asked", () => expect(parseReport(forge.report().bytes).version).toBe(5));

  it("is the same each time, in an array of its own", () => {
    const first = forge.report();
    forge.report().bytes.fill(0);
    expect(forge.report()).toEqual(first);
  });
});

/** A value that no field has by default. */
function valueFor(row: LayoutRow & { type: string }): number | bigint | Uint8Array {
  if (row.type === "bytes") return new Uint8Array(row.size).fill(0x5a);
  if (row.type === "u64") return 0x5a5a5a5a5a5a5a5an;
  return row.size === 1 ? 0x5a : 0x5a5a5a5a;
}

const fields = REPORT_VERSIONS.flatMap((version) => {
  const rows: readonly LayoutRow[] = REPORT_LAYOUTS[version].rows;
  return rows.filter(isField).flatMap((row) => (row.name === "version" ? [] : [{ version, row, name: row.name }]));
});

describe("every field of every version", () => {
  it.each(fields)("$version: $name is written at its place and nowhere else", ({ version, row, name }) => {
    const options: ReportOptions = { version, [name]: valueFor(row), signWith: forge.chip().key };
    const [changed, plain] = [forge.report(options).bytes, forge.report({ version }).bytes];
    const written = changed.subarray(row.offset, row.offset + row.size);
    expect(written).toEqual(new Uint8Array(row.size).fill(0x5a));
    const different = [...changed.keys()].filter((index) => changed[index] !== plain[index] && index < 0x2a0);
    expect(different.every((index) => index >= row.offset && index < row.offset + row.size)).toBe(true);
    expect(isSignedBy({ bytes: changed, values: {} }, forge.chip())).toBe(
      name !== "signatureR" && name !== "signatureS",
    );
  });

  it("round-trips through the parser", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const arbitrary = fc.record({
      reportData: bytes(64),
      measurement: bytes(48),
      hostData: bytes(32),
      guestSvn: fc.integer({ min: 0, max: 0xffffffff }),
      vmpl: fc.integer({ min: 0, max: 3 }),
      policy: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    });
    fc.assert(
      fc.property(arbitrary, (given) => {
        const report = parseReport(forge.report(given).bytes);
        expect({ ...report, policy: report.policy.raw }).toMatchObject(given);
      }),
      { numRuns: 20 },
    );
  });
});

describe("TCBs", () => {
  const names = ["currentTcb", "reportedTcb", "committedTcb", "launchTcb"] as const;

  it.each(names)("%s takes single components over the chip's", (name) => {
    for (const productLine of PRODUCT_LINES) {
      for (const component of tcbComponents(productLine)) {
        const report = parseReport(forge.report({ productLine, [name]: { [component]: 99 } }).bytes);
        const { tcb } = forge.chip({ productLine });
        expect(decodeTcb(productLine, report[name])).toEqual({ ...tcb, [component]: 99 });
        for (const other of names.filter((each) => each !== name)) {
          expect(decodeTcb(productLine, report[other])).toEqual(tcb);
        }
      }
    }
  });

  it.each(names)("%s takes the 8 bytes", (name) => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect(parseReport(forge.report({ [name]: bytes }).bytes)[name]).toEqual(bytes);
  });

  it("follow the chip's", () => {
    const { reportedTcb } = parseReport(forge.report({ tcb: { microcode: 7 } }).bytes);
    expect(reportedTcb).toEqual(encodeTcb("Milan", { ...forge.chip().tcb, microcode: 7 }));
  });
});

const oldest = REPORT_LAYOUTS[2];

describe("versions that nobody knows", () => {
  it.each([
    [0, 2],
    [1, 2],
    [6, 5],
    [99, 5],
    [0xffffffff, 5],
  ] as const)("%i is written like %i", (version, like) => {
    const [forged, known] = [forge.report({ version }), forge.report({ version: like })];
    expect(new DataView(forged.bytes.buffer).getUint32(0, true)).toBe(version);
    expect(forged.bytes.subarray(4, 0x2a0)).toEqual(known.bytes.subarray(4, 0x2a0));
    expect(isSignedBy(forged, forge.chip())).toBe(true);
  });
});

describe("patches", () => {
  const patch = [{ offset: 0x208, bytes: Uint8Array.of(1, 2, 3) }];

  it("before signing are signed", () => {
    const forged = forge.report({ patch });
    expect([...forged.bytes.subarray(0x208, 0x20b)]).toEqual([1, 2, 3]);
    expect(isSignedBy(forged, forge.chip())).toBe(true);
  });

  it("after signing are not", () => {
    const forged = forge.report({ patchSigned: patch });
    expect([...forged.bytes.subarray(0x208, 0x20b)]).toEqual([1, 2, 3]);
    expect(isSignedBy(forged, forge.chip())).toBe(false);
  });

  it.each([
    [-1, 1],
    [1184, 1],
    [1183, 2],
  ])("at %i of %i bytes is the caller's mistake", (offset, length) => {
    const outside = [{ offset, bytes: new Uint8Array(length) }];
    expect(() => forge.report({ patch: outside })).toThrow(TypeError);
    expect(() => forge.report({ patchSigned: outside })).toThrow(TypeError);
  });
});

describe("signatures", () => {
  const half = (bytes: Uint8Array, start: number) => toHex(bytes.subarray(start, start + 48));
  const plain = forge.report().bytes;

  it("none is zeros", () => {
    const forged = forge.report({ signature: "none" });
    expect(isZero(forged.bytes.subarray(0x2a0))).toBe(true);
    expect(forged.bytes.subarray(0, 0x2a0)).toEqual(plain.subarray(0, 0x2a0));
  });

  it("twin verifies, and differs in s alone", () => {
    const forged = forge.report({ signature: "twin" });
    expect(half(forged.bytes, 0x2a0)).toBe(half(plain, 0x2a0));
    expect(half(forged.bytes, 0x2e8)).not.toBe(half(plain, 0x2e8));
    expect(isSignedBy(forged, forge.chip())).toBe(true);
  });

  it("sign is the default", () => expect(forge.report({ signature: "sign" }).bytes).toEqual(plain));

  it("of another key are that key's", () => {
    const key = forge.foreignLeafKey();
    const forged = forge.report({ signWith: key });
    expect(isSignedBy(forged, { key })).toBe(true);
    expect(isSignedBy(forged, forge.chip())).toBe(false);
  });

  it("can be written by hand with the exposed key", () => {
    const { key } = forge.chip();
    const unsigned = forge.report({ signature: "none" }).bytes;
    const signature = key.sign(unsigned.subarray(0, 0x2a0));
    unsigned.set(signature.slice(0, 48).reverse(), 0x2a0);
    unsigned.set(signature.slice(48).reverse(), 0x2e8);
    expect(unsigned).toEqual(plain);
  });
});

describe("a field that cannot be written is the caller's mistake", () => {
  it.each<[string, object]>([
    ["unknown", { mesurement: new Uint8Array(48) }],
    ["of a later version: CPUID in 2", { version: 2, cpuidFamId: 1 }],
    ["of a later version: vectors in 4", { version: 4, launchMitVector: 1n }],
    ["too short", { reportData: new Uint8Array(63) }],
    ["too great", { vmpl: 2 ** 32 }],
    ["a number for 64 bits", { policy: 1 }],
    ["a component of another line", { reportedTcb: { fmc: 1 } }],
    ["a component above a byte", { reportedTcb: { snp: 256 } }],
    ["a signature of 47 bytes", { signatureR: new Uint8Array(47) }],
  ])("%s", (_, options) => expect(() => forge.report(options)).toThrow(TypeError));

  it("and the values that were written are told", () => {
    const { values } = forge.report({ vmpl: 2, version: 2 });
    expect(values.vmpl).toBe(2);
    expect(Object.keys(values).sort()).toEqual(
      (oldest.rows as readonly LayoutRow[])
        .filter(isField)
        .map(({ name }) => name)
        .sort(),
    );
  });
});
