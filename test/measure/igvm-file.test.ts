import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { crc32 } from "../../src/measure/crc32.js";
import { type IgvmFile, readIgvmHeaders } from "../../src/measure/igvm-file.js";
import {
  FIXED_HEADER,
  PAGE_DATA,
  PARAMETER_AREA,
  PARAMETER_INSERT,
  SUPPORTED_PLATFORM,
  VARIABLE_HEADER,
  VP_CONTEXT,
} from "../../src/measure/igvm-layouts.js";
import { IGVM_TYPES, sectionOfType } from "../../src/measure/igvm-types.js";
import {
  dataAt,
  guestPolicy,
  header,
  igvmFile,
  packed,
  pageData,
  parameterArea,
  parameterInsert,
  platform,
  TDX,
  vpContext,
} from "./igvm-files.js";

const fileOf = (bytes: Uint8Array): IgvmFile => ({
  size: bytes.length,
  read: (offset, length) => bytes.subarray(offset, offset + length),
});

const namesOf = async (bytes: Uint8Array) => (await readIgvmHeaders(fileOf(bytes))).map(({ type }) => type.name);

/** The content of a header that a helper of the tests made. */
const content = (bytes: Uint8Array, length: number) => bytes.slice(8, 8 + length);

describe("the structures", () => {
  it("the fixed header", () => {
    const bytes = igvmFile([platform()], new Uint8Array(5));
    expect(FIXED_HEADER.parse(bytes.slice(0, 24)).values).toEqual({
      magic: 0x4d564749,
      version: 1,
      headerOffset: 24,
      headerSize: 24,
      fileSize: 53,
      checksum: expect.any(Number),
    });
    expect(String.fromCharCode(...bytes.subarray(0, 4))).toBe("IGVM");
  });

  it("a variable header", () => {
    const { values } = VARIABLE_HEADER.parse(platform().slice(0, 8));
    expect(values).toEqual({ type: 1, length: 16 });
  });

  it("a platform", () => {
    expect(SUPPORTED_PLATFORM.parse(content(platform(TDX, 3, 7), 16)).values).toEqual({
      mask: TDX,
      highestVtl: 0,
      platform: 3,
      version: 7,
      sharedGpaBoundary: 0n,
    });
  });

  it("page data", () => {
    const bytes = pageData({ gpa: 0x12345000, mask: 6, fileOffset: 99, flags: 5, dataType: 3 });
    expect(PAGE_DATA.parse(content(bytes, 24)).values).toEqual({
      gpa: 0x12345000n,
      mask: 6,
      fileOffset: 99,
      flags: 5,
      dataType: 3,
    });
  });

  it("a parameter area, and its insertion", () => {
    expect(PARAMETER_AREA.parse(content(parameterArea(0x3000, 9), 16)).values).toEqual({
      bytes: 0x3000n,
      index: 9,
      fileOffset: 0,
    });
    expect(PARAMETER_INSERT.parse(content(parameterInsert(0x7000, 9, 4), 16)).values).toEqual({
      gpa: 0x7000n,
      mask: 4,
      index: 9,
    });
  });

  it("a save area's place", () => {
    const bytes = vpContext(0xfffffffff000, 77, { mask: 2, vpIndex: 3 });
    expect(VP_CONTEXT.parse(content(bytes, 20)).values).toEqual({
      gpa: 0xfffffffff000n,
      mask: 2,
      fileOffset: 77,
      vpIndex: 3,
    });
    expect(bytes).toHaveLength(32);
  });
});

describe("the types", () => {
  it.each([
    [0x1, 0],
    [0x100, 0],
    [0x101, 1],
    [0x200, 1],
    [0x301, 2],
    [0x313, 2],
    [0x400, 2],
  ])("0x%s is of section %i", (type, section) => expect(sectionOfType(type)).toBe(section));

  it("are named once each", () => {
    const names = [...IGVM_TYPES.values()].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[A-Z_]+$/.test(name))).toBe(true);
  });

  it("have a length where they are read", () => {
    for (const { effect, length, name } of IGVM_TYPES.values()) {
      expect(length === null, name).toBe(effect === "nothing");
    }
  });
});

describe("readIgvmHeaders", () => {
  it("answers the headers in order, with their content and place", async () => {
    const heads = [platform(), guestPolicy(), parameterArea(0x1000, 5), pageData({ gpa: 0x9000 })];
    const headers = await readIgvmHeaders(fileOf(igvmFile(heads)));
    expect(headers.map(({ type, offset }) => [type.name, offset])).toEqual([
      ["SUPPORTED_PLATFORM", 24],
      ["GUEST_POLICY", 48],
      ["PARAMETER_AREA", 72],
      ["PAGE_DATA", 96],
    ]);
    expect(toHex(headers[2]?.content ?? new Uint8Array(0))).toBe("00100000000000000500000000000000");
  });

  it("of a file without any answers none", async () => {
    expect(await namesOf(igvmFile([]))).toEqual([]);
  });

  it("reads the headers and nothing behind them", async () => {
    const heads = [platform(), pageData({ gpa: 0 })];
    const bytes = igvmFile(heads, new Uint8Array(100_000));
    const asked: number[] = [];
    const file = fileOf(bytes);
    await readIgvmHeaders({
      ...file,
      read: (offset, length) => {
        asked.push(offset + length);
        return file.read(offset, length);
      },
    });
    expect(Math.max(...asked)).toBe(dataAt(heads));
  });

  it("passes over the padding between headers, and what may be passed over", async () => {
    const odd = header(0x8000_0777, Uint8Array.of(1, 2, 3));
    expect(odd).toHaveLength(16);
    expect(await namesOf(igvmFile([platform(), odd, pageData({ gpa: 0 })]))).toEqual([
      "SUPPORTED_PLATFORM",
      "PAGE_DATA",
    ]);
  });

  it("lets headers that may be passed over stand anywhere", async () => {
    const odd = header(0x8000_0055, new Uint8Array(0));
    expect(await namesOf(igvmFile([odd, platform(), pageData({ gpa: 0 }), odd]))).toHaveLength(2);
  });

  it.each<[string, Uint8Array, number]>([
    ["the second header", igvmFile([platform(), header(0x302, new Uint8Array(23))]), 48],
    ["a header out of order", igvmFile([platform(), pageData({ gpa: 0 }), guestPolicy()]), 24 + 24 + 32],
    ["padding", igvmFile([platform(), packed([4, 0x30b], [4, 1], [8, 0x100])]), 48],
    ["the checksum", igvmFile([platform()], undefined, { checksumOff: 5 }), 20],
  ])("names the place of a fault: %s", async (_, bytes, offset) => {
    await expect(readIgvmHeaders(fileOf(bytes))).toFailWith("ERR_MALFORMED_IGVM", { offset });
  });

  it.each([1, 2, 3, 4, 5, 6, 7])("wants zeros in %i bytes of padding", async (padding) => {
    const bytes = header(0x30b, new Uint8Array(16 - padding));
    expect(await namesOf(igvmFile([platform(), bytes]))).toHaveLength(2);
    bytes[bytes.length - 1] = 1;
    await expect(readIgvmHeaders(fileOf(igvmFile([platform(), bytes])))).toFailWith("ERR_MALFORMED_IGVM");
  });

  it("notices any flipped bit of its headers", async () => {
    const bytes = igvmFile([platform(), guestPolicy(), pageData({ gpa: 0x5000 })], new Uint8Array(8));
    const end = dataAt([platform(), guestPolicy(), pageData({ gpa: 0x5000 })]);
    for (let bit = 0; bit < 8 * end; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = Number(flipped[bit >> 3]) ^ (1 << (bit & 7));
      await expect(readIgvmHeaders(fileOf(flipped))).rejects.toThrow(/IGVM file/);
    }
  });
});

describe("CRC-32", () => {
  it.each([
    ["", 0],
    ["a", 0xe8b7be43],
    ["abc", 0x352441c2],
    ["123456789", 0xcbf43926],
  ])("of %j is as published", (text, expected) => {
    expect(crc32(new TextEncoder().encode(text))).toBe(expected);
  });
});
