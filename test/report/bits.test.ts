import { describe, expect, it } from "vitest";
import { type BitRow, bitsOf, isFlag } from "../../src/bytes/bits.js";
import { decodeGuestPolicy, GUEST_POLICY_BITS } from "../../src/report/guest-policy.js";
import { decodeKeyInfo, KEY_INFO_BITS } from "../../src/report/key-info.js";
import { decodePlatformInfo, PLATFORM_INFO_BITS } from "../../src/report/platform-info.js";

/** AMD's name of a row, from its text. */
const nameOf = (row: BitRow) => row.doc.split(": ")[0];
const placesOf = (rows: readonly BitRow[]) =>
  rows.map((row) => {
    const { low, high } = bitsOf(row);
    return `${nameOf(row)} ${low === high ? low : `${high}:${low}`}`;
  });

describe("the tables", () => {
  it("put POLICY's bits where AMD does", () => {
    expect(placesOf(GUEST_POLICY_BITS.rows)).toEqual([
      "ABI_MINOR 7:0",
      "ABI_MAJOR 15:8",
      "SMT 16",
      "RSVD_ONE 17",
      "MIGRATE_MA 18",
      "DEBUG 19",
      "SINGLE_SOCKET 20",
      "CXL_ALLOW 21",
      "MEM_AES_256_XTS 22",
      "RAPL_DIS 23",
      "CIPHERTEXT_HIDING_DRAM 24",
      "PAGE_SWAP_DISABLE 25",
    ]);
  });

  it("put PLATFORM_INFO's bits where AMD does, 6 left open", () => {
    expect(placesOf(PLATFORM_INFO_BITS.rows)).toEqual([
      "SMT_EN 0",
      "TSME_EN 1",
      "ECC_EN 2",
      "RAPL_DIS 3",
      "CIPHERTEXT_HIDING_DRAM_EN 4",
      "ALIAS_CHECK_COMPLETE 5",
      "TIO_EN 7",
    ]);
  });

  it("put KEY_INFO's bits where AMD does", () => {
    expect(placesOf(KEY_INFO_BITS.rows)).toEqual(["AUTHOR_KEY_EN 0", "MASK_CHIP_KEY 1", "SIGNING_KEY 4:2"]);
  });

  it("name each field as AMD does, in camelCase", () => {
    const rows = [...PLATFORM_INFO_BITS.rows, ...KEY_INFO_BITS.rows, ...GUEST_POLICY_BITS.rows];
    const camel = (name: string) =>
      name.toLowerCase().replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    // Bit 17 has no name of AMD's.
    for (const row of rows.filter(({ name }) => name !== "reservedOne"))
      expect(row.name).toBe(camel(String(nameOf(row))));
  });
});

/** Names of the fields that one bit sets, or its mask where no field knows it. */
function effectOf(decoded: object): string[] {
  return Object.entries(decoded).flatMap(([name, value]) => (name !== "raw" && value ? [name] : []));
}

const everyBit = (width: number) => Array.from({ length: width }, (_, bit) => bit);

const fieldAt = (rows: readonly BitRow[], bit: number) =>
  rows.find((row) => bitsOf(row).low <= bit && bit <= bitsOf(row).high);

describe.each([
  ["POLICY", GUEST_POLICY_BITS.rows, decodeGuestPolicy],
  ["PLATFORM_INFO", PLATFORM_INFO_BITS.rows, decodePlatformInfo],
] as const)("%s", (_, rows, decode) => {
  it.each(everyBit(64))("bit %i sets one field or is unknown", (bit) => {
    const raw = 1n << BigInt(bit);
    const decoded = decode(raw);
    const field = fieldAt(rows, bit);
    expect(effectOf(decoded)).toEqual([field?.name ?? "unknownBits"]);
    expect(decoded.unknownBits).toBe(field === undefined ? raw : 0n);
    expect(decoded.raw).toBe(raw);
  });

  it("has no field set at zero, and all at once", () => {
    expect(effectOf(decode(0n))).toEqual([]);
    expect(effectOf(decode(2n ** 64n - 1n))).toEqual([...rows.map((row) => row.name), "unknownBits"]);
  });
});

describe("KEY_INFO", () => {
  it.each(everyBit(32))("bit %i sets one field or is unknown", (bit) => {
    const raw = 2 ** bit;
    const decoded = decodeKeyInfo(raw);
    const field = fieldAt(KEY_INFO_BITS.rows, bit);
    expect(effectOf(decoded)).toEqual([field?.name ?? "unknownBits"]);
    expect(decoded.unknownBits).toBe(field === undefined ? raw : 0);
    expect(decoded.raw).toBe(raw);
  });

  it.each([0, 1, 2, 6, 7])("reads SIGNING_KEY %i", (signingKey) => {
    expect(decodeKeyInfo(signingKey << 2)).toMatchObject({ signingKey, unknownBits: 0 });
    expect(decodeKeyInfo(((signingKey << 2) | 0xffff_ffe3) >>> 0)).toMatchObject({
      signingKey,
      authorKeyEn: true,
      maskChipKey: true,
      unknownBits: 0xffff_ffe0,
    });
  });
});

describe("words that real reports carry", () => {
  it("0x30000: SMT permitted", () => {
    expect(effectOf(decodeGuestPolicy(0x30000n))).toEqual(["smt", "reservedOne"]);
  });

  it("0x2030000: bit 25 is known", () => {
    expect(effectOf(decodeGuestPolicy(0x2030000n))).toEqual(["smt", "reservedOne", "pageSwapDisable"]);
  });

  it("0x3001f: ABI 0.31", () => {
    expect(decodeGuestPolicy(0x3001fn)).toMatchObject({ abiMajor: 0, abiMinor: 31 });
  });

  it("0x65: bit 6 is unknown, not refused", () => {
    expect(decodePlatformInfo(0x65n)).toMatchObject({
      smtEn: true,
      tsmeEn: false,
      eccEn: true,
      aliasCheckComplete: true,
      tioEn: false,
      unknownBits: 0x40n,
    });
  });

  it("flags are flags and numbers are numbers", () => {
    expect(GUEST_POLICY_BITS.rows.filter((row) => !isFlag(row)).map((row) => row.name)).toEqual([
      "abiMinor",
      "abiMajor",
    ]);
  });
});
