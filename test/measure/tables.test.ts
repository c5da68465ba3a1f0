import { describe, expect, it } from "vitest";
import type { Section } from "../../scripts/vectors/firmware.js";
import { toHex } from "../../src/bytes/codecs.js";
import { type Footer, readFooter, type Window } from "../../src/measure/footer.js";
import { guidBytes, guidText } from "../../src/measure/guid.js";
import {
  HASH_TABLE_BYTES,
  type KernelHashes,
  kernelHashPage,
  kernelHashTable,
} from "../../src/measure/kernel-hashes.js";
import { pagesIn, readMetadata } from "../../src/measure/metadata.js";
import { LaunchChain, PAGE_BYTES } from "../../src/measure/pages.js";
import { PROFILES, type VmmName } from "../../src/measure/profiles.js";
import { addSections } from "../../src/measure/sections.js";
import {
  isVcpuModel,
  knownSignatures,
  modelOfSignature,
  VCPU_MODELS,
  vcpuSignature,
} from "../../src/measure/vcpu-types.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith } from "./images.js";

const windowOf = (image: Uint8Array): Window => ({
  what: "firmware",
  size: image.length,
  read: (offset, length) => image.subarray(offset, offset + length),
});

const footerOf = (tables: Parameters<typeof firmwareWith>[0]) => readFooter(windowOf(firmwareWith(tables)));

describe("GUIDs as EFI stores them", () => {
  it.each([
    ["96b582de-1fb2-45f7-baea-a366c55a082d", "de82b596b21ff745baeaa366c55a082d"],
    ["00f771de-1a7e-4fcb-890e-68c77e2fb44e", "de71f7007e1acb4f890e68c77e2fb44e"],
    ["7255371f-3a3b-4b04-927b-1da6efa8d454", "1f3755723b3a044b927b1da6efa8d454"],
    ["dc886566-984a-4798-a75e-5585a7bf67cc", "666588dc4a989847a75e5585a7bf67cc"],
    ["9438d606-4f22-4cc9-b479-a793d411fd21", "06d63894224fc94cb479a793d411fd21"],
  ])("%s has its first three groups backwards", (text, hex) => {
    expect(toHex(guidBytes(text))).toBe(hex);
    expect(guidText(guidBytes(text))).toBe(text);
  });
});

describe("the footer table", () => {
  const NONE: Footer = { resetVector: null, hashTable: null, metadataOffset: 0x600, svsmEntry: null };

  it.each<[string, Parameters<typeof firmwareWith>[0], Footer]>([
    ["no entries but the metadata's", { resetVector: null, hashTable: null }, NONE],
    ["a reset vector", { resetVector: 0xfffffff0, hashTable: null }, { ...NONE, resetVector: 0xfffffff0 }],
    [
      "a hash table",
      { resetVector: null, hashTable: [0, 0xffffffff] },
      { ...NONE, hashTable: { gpa: 0, size: 0xffffffff } },
    ],
    ["an SVSM's entry", { resetVector: null, hashTable: null, svsmEntry: 16 }, { ...NONE, svsmEntry: 16 }],
  ])("with %s", async (_, tables, expected) => {
    expect(await footerOf(tables)).toEqual(expected);
  });

  it("that is nothing but itself says nothing", async () => {
    const image = firmwareWith();
    image.set([18, 0], 0xfe0 - 18);
    const blank = { resetVector: null, hashTable: null, metadataOffset: null, svsmEntry: null };
    expect(await readFooter(windowOf(image))).toEqual(blank);
  });

  it("is read from no more than itself", async () => {
    const asked: [number, number][] = [];
    const image = firmwareWith({ size: 0x8000 });
    const window = windowOf(image);
    await readFooter({
      ...window,
      read: (offset, length) => {
        asked.push([offset, length]);
        return window.read(offset, length);
      },
    });
    expect(asked).toEqual([
      [0x8000 - 0x20 - 18, 18],
      [0x8000 - 0x20 - 88, 70],
    ]);
  });
});

describe("SEV metadata", () => {
  const read = (sections: readonly Section[]) => readMetadata(windowOf(firmwareWith({ sections })), 0x600);

  it("without sections are none", async () => {
    expect(await read([])).toEqual([]);
  });

  it.each([
    [1, "secMem"],
    [2, "secrets"],
    [3, "cpuid"],
    [4, "svsmCaa"],
    [0x10, "kernelHashes"],
  ])("name type %i %s", async (number, type) => {
    expect(await read([[0xfffff000, 0x1000, number]])).toEqual([{ type, gpa: 0xfffff000, size: 0x1000 }]);
  });

  it.each([0, 5, 6, 0x0f, 0x11, 0xffffffff])("of type %i are not supported", async (number) => {
    await expect(read([[0x800000, 0x1000, number]])).toFailWith("ERR_UNSUPPORTED_FIRMWARE");
  });

  it("may have 64 MiB in all, and not a page more", async () => {
    const most = await read([
      [0, 0x3fff000, 1],
      [0x4000000, 0x1000, 1],
    ]);
    expect(pagesIn(most)).toBe(16_384);
    await expect(
      read([
        [0, 0x4000000, 1],
        [0x4000000, 0x1000, 1],
      ]),
    ).toFailWith("ERR_UNSUPPORTED_FIRMWARE", { where: "SEV metadata" });
  });

  it("may be many, and not too many", async () => {
    const many = (count: number) => {
      const sections = Array.from({ length: count }, (_, index): Section => [index * 4096, 4096, 1]);
      return readMetadata(windowOf(firmwareWith({ size: 0x1000, sections: sections.slice(0, 100) })), 0x600);
    };
    expect(await many(100)).toHaveLength(100);
    const image = firmwareWith();
    new DataView(image.buffer).setUint32(0xa0c, 257, true);
    await expect(readMetadata(windowOf(image), 0x600)).toFailWith("ERR_MALFORMED_FIRMWARE");
  });
});

describe("the table of a kernel's hashes", () => {
  const hashes: KernelHashes = { kernel: "11".repeat(32), initrd: "22".repeat(32), append: "33".repeat(32) };

  it("has its entries in QEMU's order, and zeros behind them", () => {
    const table = kernelHashTable(hashes);
    expect(table).toHaveLength(HASH_TABLE_BYTES);
    const hex = toHex(table);
    expect(hex.slice(36, 68)).toBe("d82dd09720bd944caa78e7714d36ab2a");
    expect(hex.indexOf("33".repeat(32))).toBe(2 * (18 + 18));
    expect(hex.indexOf("22".repeat(32))).toBe(2 * (18 + 50 + 18));
    expect(hex.indexOf("11".repeat(32))).toBe(2 * (18 + 100 + 18));
    expect(hex.slice(2 * 168)).toBe("00".repeat(8));
    expect(hex.slice(32, 36)).toBe("a800");
    for (const entry of [0, 1, 2])
      expect(hex.slice(2 * (18 + 50 * entry + 16), 2 * (18 + 50 * entry + 18))).toBe("3200");
  });

  it.each([0, 0xc00, 4096 - 176])("stands at %i of an empty page", (offset) => {
    const page = kernelHashPage(hashes, offset);
    expect(page).toHaveLength(PAGE_BYTES);
    expect(page.slice(offset, offset + 176)).toEqual(kernelHashTable(hashes));
    const rest = page.slice();
    rest.fill(0, offset, offset + 176);
    expect(rest.every((byte) => byte === 0)).toBe(true);
  });
});

describe("addSections", () => {
  const tables = {
    sections: [
      { type: "cpuid", gpa: 0x1000, size: 0x1000 },
      { type: "secMem", gpa: 0x2000, size: 0x2000 },
      { type: "kernelHashes", gpa: 0x4000, size: 0x1000 },
      { type: "svsmCaa", gpa: 0x5000, size: 0x1000 },
      { type: "secrets", gpa: 0x6000, size: 0x1000 },
    ],
    hashTable: { gpa: 0x4c00, size: 0x400 },
  } as const;
  const hashes: KernelHashes = { kernel: "11".repeat(32), initrd: "22".repeat(32), append: "33".repeat(32) };

  function digestOf(vmm: VmmName, given: KernelHashes | null): string {
    const chain = new LaunchChain(nodeDigests);
    addSections(chain, tables, { profile: PROFILES[vmm], hashes: given });
    return chain.hex();
  }

  function expected(order: string, secMem: "zero" | "unmeasured", page: Uint8Array | null): string {
    const chain = new LaunchChain(nodeDigests);
    const steps: Readonly<Record<string, () => void>> = {
      c: () => chain.add("cpuid", 0x1000),
      m: () => {
        chain.add(secMem, 0x2000);
        chain.add(secMem, 0x3000);
      },
      k: () => (page === null ? chain.add("zero", 0x4000) : chain.addPage("normal", 0x4000, page)),
      a: () => chain.add("zero", 0x5000),
      s: () => chain.add("secrets", 0x6000),
    };
    for (const letter of order) steps[letter]?.();
    return chain.hex();
  }

  it.each<[VmmName, string, "zero" | "unmeasured"]>([
    ["qemu", "cmkas", "zero"],
    ["ec2", "mkasc", "zero"],
    ["gce", "cmkas", "unmeasured"],
    ["svsm", "cmkas", "zero"],
  ])("under %s takes them as %s, memory as %s pages", (vmm, order, secMem) => {
    expect(digestOf(vmm, null)).toBe(expected(order, secMem, null));
    expect(digestOf(vmm, hashes)).toBe(expected(order, secMem, kernelHashPage(hashes, 0xc00)));
  });
});

describe("vCPU types", () => {
  it("are known by QEMU's names alone", () => {
    expect(VCPU_MODELS).toHaveLength(16);
    expect(VCPU_MODELS.every(isVcpuModel)).toBe(true);
    for (const odd of ["epyc-milan", "EPYC-Milan-v9", "", "constructor", undefined, 1, null]) {
      expect(isVcpuModel(odd)).toBe(false);
    }
    expect(Object.isFrozen(VCPU_MODELS)).toBe(true);
  });

  it("are five signatures, each with the shortest of its names", () => {
    const names = knownSignatures().map(modelOfSignature);
    expect(names).toEqual(["EPYC", "EPYC-Rome", "EPYC-Milan", "EPYC-Genoa", "EPYC-Turin"]);
    expect(modelOfSignature(0)).toBeNull();
    for (const model of VCPU_MODELS) expect(model.startsWith(modelOfSignature(vcpuSignature(model)) ?? "?")).toBe(true);
  });
});
