import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Section } from "../../scripts/vectors/firmware.js";
import { toHex } from "../../src/bytes/codecs.js";
import { isAttestationError } from "../../src/errors.js";
import {
  computeLaunchDigest,
  computeOvmfDigest,
  type ImageSource,
  type LaunchInputs,
} from "../../src/measure/index.js";
import { LaunchChain } from "../../src/measure/pages.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith, piecesOf, randomFirmware, readerOf, slowPieces, svsmWith } from "./images.js";

const digests = nodeDigests;
const FOUR_GIB = 2 ** 32;
const TABLE_END = 4096 - 0x20;
const METADATA = 0xa00;

const read = (firmware: ImageSource) => computeOvmfDigest(firmware, { digests });

/** The synthetic image with some bytes changed. */
function patched(offset: number, bytes: readonly number[], image = firmwareWith()): Uint8Array {
  const copy = image.slice();
  copy.set(bytes, offset);
  return copy;
}

const u32 = (value: number) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];

describe("computeOvmfDigest", () => {
  it("says what the tables say", async () => {
    expect(await read(firmwareWith())).toEqual({
      kind: "attestry-ovmf-digest-v1",
      digest: expect.stringMatching(/^[0-9a-f]{96}$/),
      sections: [
        { type: "secMem", gpa: 0x800000, size: 0x2000 },
        { type: "secrets", gpa: 0x802000, size: 0x1000 },
        { type: "cpuid", gpa: 0x803000, size: 0x1000 },
        { type: "kernelHashes", gpa: 0x804000, size: 0x1000 },
      ],
      resetVector: 0x0080b004,
      hashTable: { gpa: 0x804c00, size: 0x400 },
      svsmEntry: null,
    });
  });

  it("leaves out what the image leaves out, and passes over an SVSM's entry where there is no SVSM", async () => {
    const image = firmwareWith({ sections: [], resetVector: null, hashTable: null, svsmEntry: 5 });
    expect(await read(image)).toMatchObject({ sections: [], resetVector: null, hashTable: null, svsmEntry: null });
  });

  it("passes over entries of the footer that it does not know", async () => {
    const known = firmwareWith();
    // The entry of the hash table under another GUID.
    const at = TABLE_END - 18 - 22 - 16;
    expect((await read(patched(at, [0xff], known))).hashTable).toBeNull();
    expect((await read(known)).hashTable).not.toBeNull();
  });

  it("keeps the sections in the order of the image, sorted or not, with all types", async () => {
    const sections: Section[] = [
      [0x900000, 0x1000, 4],
      [0x800000, 0x1000, 0x10],
      [0x810000, 0x1000, 3],
      [0x805000, 0x1000, 2],
      [0x801000, 0x1000, 1],
    ];
    const { sections: found } = await read(firmwareWith({ sections }));
    expect(found.map(({ type }) => type)).toEqual(["svsmCaa", "kernelHashes", "cpuid", "secrets", "secMem"]);
  });

  it("chains the pages from the lowest address up to 4 GiB", async () => {
    const image = randomFirmware(1, 5);
    const chain = new LaunchChain(digests);
    for (const [index, page] of [...piecesOf(image, 4096)].entries()) {
      chain.addPage("normal", FOUR_GIB - image.length + index * 4096, page);
    }
    expect((await read(image)).digest).toBe(chain.hex());
  });

  it("reads bytes, views, readers and streams of any pieces alike", async () => {
    const image = randomFirmware(2, 9);
    const larger = new Uint8Array(image.length + 64).fill(0xee);
    larger.set(image, 33);
    const whole = await read(image);
    const sources: ImageSource[] = [
      larger.subarray(33, 33 + image.length),
      Buffer.from(image),
      readerOf(image),
      { size: image.length, read: (offset, length) => image.slice(offset, offset + length) },
      [image],
      [image.subarray(0, 4096), new Uint8Array(0), image.subarray(4096)],
      ...[1000, 4096, 4097, 16384, 65536].flatMap((size) => [piecesOf(image, size), slowPieces(image, size)]),
    ];
    for (const source of sources) expect(await read(source)).toEqual(whole);
  });

  it("asks a reader for a few pages at a time", async () => {
    const reader = readerOf(randomFirmware(3, 64));
    await read(reader);
    expect(Math.max(...reader.asked.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
    const image = reader.asked.filter(({ length }) => length === 16_384).map(({ offset }) => offset);
    expect(image).toEqual(Array.from({ length: 16 }, (_, index) => index * 16_384));
  });

  it("takes from a stream no more than it needs to hold", async () => {
    let given = 0;
    const image = randomFirmware(4, 32);
    function* pieces() {
      const buffer = new Uint8Array(4096);
      // The same memory each time: whoever keeps a piece sees it change.
      for (const piece of piecesOf(image, 4096)) {
        buffer.set(piece);
        given++;
        yield buffer;
        buffer.fill(0xdd);
      }
    }
    expect(await read(pieces())).toEqual(await read(image));
    expect(given).toBe(32);
  });
});

describe("an image is malformed", () => {
  const footerLength = TABLE_END - 18;
  const image = firmwareWith();
  const reset = TABLE_END - 18 - 22;
  it.each<[string, Uint8Array, object]>([
    ["without a byte", new Uint8Array(0), { offset: null }],
    ["of half a page", image.subarray(2048), { offset: null }],
    ["of a page and a byte", Uint8Array.of(0, ...image), { offset: null }],
    ["with a footer table shorter than itself", patched(footerLength, [17, 0]), { offset: footerLength }],
    ["with a footer table longer than the image", patched(footerLength, [0xe1, 0x0f]), { offset: footerLength }],
    ["with bytes before the first entry", patched(footerLength, [0x59, 0]), {}],
    ["with an entry of length 17", patched(reset + 4, [17, 0]), { offset: reset + 4 }],
    ["with an entry that is longer than the table", patched(reset + 4, [0xff, 0]), { offset: reset + 4 }],
    ["with metadata before its start", patched(0xf88, u32(4097)), { offset: null }],
    ["with metadata of no length", patched(0xf88, u32(0)), { offset: null }],
    ["with metadata that only begin before its end", patched(0xf88, u32(15)), { offset: null }],
    ["with metadata where there are none", patched(0xf88, u32(16)), { offset: 4080 }],
    ["with metadata of another length than their count", patched(METADATA + 4, u32(65)), { offset: METADATA }],
    ["with too many sections", patched(METADATA + 12, u32(257)), { offset: METADATA }],
    ["with a section at no page's address", patched(METADATA + 16, u32(0x800010)), { offset: METADATA + 16 }],
    ["with a section of half a page", patched(METADATA + 32, u32(0x800)), { offset: METADATA + 28 }],
    ["with a section of nothing", patched(METADATA + 32, u32(0)), { offset: METADATA + 28 }],
  ])("%s", async (_, bytes, detail) => {
    await expect(read(bytes)).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "firmware", ...detail });
    await expect(read(readerOf(bytes))).toFailWith("ERR_MALFORMED_FIRMWARE");
    await expect(read(slowPieces(bytes, 999))).toFailWith("ERR_MALFORMED_FIRMWARE");
  });

  it("with metadata that go beyond its end", async () => {
    const bytes = patched(4096 - 0x20 - 88 - 40, [...u32(0x56455341), ...u32(16 + 12 * 20), ...u32(1), ...u32(20)]);
    const offset = 4096 - (4096 - 0x20 - 88 - 40);
    await expect(read(patched(0xf88, u32(offset), bytes))).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "firmware" });
  });

  it("with an entry that stands there twice", async () => {
    // The hash table's data are eight bytes; under the GUID of the reset vector they are of another length too.
    const table = image.slice(0xf88, 0xfe0);
    const entry = table.subarray(22 + 26, 22 + 26 + 22);
    const twice = Uint8Array.of(...table.subarray(0, 70), ...entry, ...table.subarray(70));
    twice.set([twice.length, 0], twice.length - 18);
    const bytes = patched(0xfe0 - twice.length, [...twice]);
    await expect(read(bytes)).toFailWith("ERR_MALFORMED_FIRMWARE", {
      reason: "entry 00f771de-1a7e-4fcb-890e-68c77e2fb44e stands there twice",
    });
  });

  it("with an entry of another length than its kind has", async () => {
    const table = image.slice(0xf88, 0xfe0);
    const data = [1, 2, 3, 4, 5];
    const odd = Uint8Array.of(...table.subarray(0, 48), ...data, 23, 0, ...table.subarray(54));
    odd.set([odd.length, 0], odd.length - 18);
    await expect(read(patched(0xfe0 - odd.length, [...odd]))).toFailWith("ERR_MALFORMED_FIRMWARE", {
      reason: "entry 00f771de-1a7e-4fcb-890e-68c77e2fb44e has 5 bytes of data, expected 4",
    });
  });

  it("above 64 MiB, and a stream is left as soon as it is", async () => {
    let given = 0;
    const piece = new Uint8Array(1024 * 1024);
    function* endless() {
      for (; given < 1000; given++) yield piece;
    }
    await expect(read(endless())).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "firmware" });
    expect(given).toBeLessThan(70);
    const reader = { size: 2 ** 40, read: () => Promise.reject(new Error("nobody may read this")) };
    await expect(read(reader)).toFailWith("ERR_MALFORMED_FIRMWARE");
  });
});

describe("an image is not supported", () => {
  const image = firmwareWith();
  it.each<[string, Uint8Array, object]>([
    ["without a footer table", new Uint8Array(4096), { where: "footer table" }],
    ["with another GUID at its end", patched(TABLE_END - 1, [0]), { where: "footer table" }],
    ["without SEV metadata", patched(0xf88 + 6, [0]), { where: "footer table" }],
    [
      "with metadata of version 2",
      patched(METADATA + 8, u32(2)),
      { where: "SEV metadata", found: "version 2, expected 1" },
    ],
    ["with a section of unknown type", patched(METADATA + 24, u32(5)), { found: "a section of unknown type 5" }],
    ["with a section of type 0", patched(METADATA + 24, u32(0)), { where: "SEV metadata" }],
    [
      "with more than 64 MiB of sections",
      patched(METADATA + 20, u32(0x4000000), image),
      { found: "16387 pages to measure, more than 16384" },
    ],
  ])("%s", async (_, bytes, detail) => {
    await expect(read(bytes)).toFailWith("ERR_UNSUPPORTED_FIRMWARE", { what: "firmware", ...detail });
    await expect(read(slowPieces(bytes, 4096))).toFailWith("ERR_UNSUPPORTED_FIRMWARE");
  });

  it("as a stream, where its tables begin further from the end than is kept; bytes are", async () => {
    const bytes = randomFirmware(8, 8);
    // The metadata in the first page instead of the last.
    bytes.set(bytes.slice(7 * 4096 + METADATA, 7 * 4096 + METADATA + 64), 0x100);
    bytes.set(u32(8 * 4096 - 0x100), 7 * 4096 + 0xf88);
    expect((await read(bytes)).sections).toHaveLength(4);
    expect((await read(readerOf(bytes))).sections).toHaveLength(4);
    await expect(read(slowPieces(bytes, 4096))).toFailWith("ERR_UNSUPPORTED_FIRMWARE", { where: "a stream" });
  });
});

describe("any bytes give a digest or one of our errors", () => {
  const base: LaunchInputs = { firmware: new Uint8Array(0), vmm: "qemu", vcpuType: "EPYC", vcpus: 2 };
  async function settles(firmware: Uint8Array): Promise<boolean> {
    try {
      return (await computeLaunchDigest({ ...base, firmware }, { digests })).length === 48;
    } catch (error) {
      return isAttestationError(error);
    }
  }

  it("random ones", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 64 }), async (pages, tail) => {
        const bytes = new Uint8Array(pages * 4096);
        bytes.set(tail.subarray(0, bytes.length), Math.max(0, bytes.length - 0x20 - tail.length));
        expect(await settles(bytes)).toBe(true);
      }),
    );
  });

  it("the synthetic image with any bytes of its tables changed", async () => {
    const places = fc.oneof(fc.integer({ min: METADATA, max: METADATA + 63 }), fc.integer({ min: 0xf88, max: 0xfdf }));
    const changes = fc.array(fc.tuple(places, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 6 });
    let digested = 0;
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = list.reduce((image, [at, value]) => patched(at, [value], image), firmwareWith());
        expect(await settles(bytes)).toBe(true);
        if (
          await read(bytes).then(
            () => true,
            () => false,
          )
        )
          digested++;
      }),
      { numRuns: 500 },
    );
    expect(digested).toBeGreaterThan(10);
  });
});

describe("an SVSM", () => {
  const firmware = randomFirmware(11, 3);
  const image = svsmWith();
  const inputs: LaunchInputs = {
    firmware,
    svsm: { image, varsSize: 0x4000 },
    vmm: "svsm",
    vcpuType: "EPYC-v4",
    vcpus: 2,
  };
  const svsmGpa = FOUR_GIB - firmware.length - 0x4000 - image.length;

  it("comes behind the firmware's pages, below the variables, with its own metadata", async () => {
    const ovmf = await computeOvmfDigest(firmware, { svsm: { image, varsSize: 0x4000 }, digests });
    const chain = new LaunchChain(digests);
    for (const [index, page] of [...piecesOf(firmware, 4096)].entries()) {
      chain.addPage("normal", FOUR_GIB - firmware.length + index * 4096, page);
    }
    for (const [index, page] of [...piecesOf(image, 4096)].entries())
      chain.addPage("normal", svsmGpa + index * 4096, page);
    expect(ovmf).toMatchObject({ digest: chain.hex(), svsmEntry: svsmGpa + 0x200, resetVector: null, hashTable: null });
    expect(ovmf.sections.map(({ gpa }) => gpa)).toEqual([0x900000, 0x901000, 0x902000]);
    chain.add("zero", 0x900000);
    chain.add("secrets", 0x901000);
    chain.add("cpuid", 0x902000);
    const page = flatSaveArea(svsmGpa + 0x200, 0x00800f12);
    for (let vcpu = 0; vcpu < 2; vcpu++) chain.addPage("vmsa", 0xfffffffff000, page);
    expect(toHex(await computeLaunchDigest(inputs, { digests }))).toBe(chain.hex());
    expect(toHex(await computeLaunchDigest({ ...without(inputs), firmware: ovmf }, { digests }))).toBe(chain.hex());
  });

  it("must have an entry point, and within itself", async () => {
    const none = { image: svsmWith({ svsmEntry: null }), varsSize: 0 };
    const outside = { image: svsmWith({ svsmEntry: 0x2000 }), varsSize: 0 };
    await expect(computeOvmfDigest(firmware, { svsm: none })).toFailWith("ERR_UNSUPPORTED_FIRMWARE", { what: "svsm" });
    await expect(computeOvmfDigest(firmware, { svsm: outside })).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "svsm" });
  });

  it("must fit below the firmware, and be an image", async () => {
    const far = { image, varsSize: FOUR_GIB - firmware.length };
    await expect(computeOvmfDigest(firmware, { svsm: far })).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "svsm" });
    const half = { image: image.subarray(1), varsSize: 0 };
    await expect(computeOvmfDigest(firmware, { svsm: half })).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "svsm" });
  });

  it.each([[-4096], [0.5], [100], ["0"], [undefined]])("wants varsSize in whole pages, not %s", async (varsSize) => {
    const svsm = { image, varsSize } as { image: Uint8Array; varsSize: number };
    await expect(computeOvmfDigest(firmware, { svsm })).rejects.toThrow(/svsm\.varsSize/);
  });

  it("needs its profile, and the profile needs it", async () => {
    await expect(computeLaunchDigest({ ...inputs, vmm: "qemu" })).rejects.toThrow(/vmm qemu has no place for svsm/);
    await expect(computeLaunchDigest(without(inputs))).rejects.toThrow(/vmm svsm needs svsm/);
    const plain = await read(firmware);
    const ovmf = await computeOvmfDigest(firmware, { svsm: { image, varsSize: 0 }, digests });
    await expect(computeLaunchDigest({ ...without(inputs), firmware: plain })).rejects.toThrow(/needs svsm/);
    await expect(computeLaunchDigest({ ...without(inputs), vmm: "qemu", firmware: ovmf })).rejects.toThrow(/no place/);
    await expect(computeLaunchDigest({ ...inputs, firmware: ovmf })).rejects.toThrow(/part of an OvmfDigest already/);
  });
});

function without({ svsm: _, ...rest }: LaunchInputs): LaunchInputs {
  return rest;
}

/** A save area in protected mode, written from the offsets of AMD's table and from nothing of ours. */
function flatSaveArea(entry: number, signature: number): Uint8Array {
  const page = new Uint8Array(4096);
  const view = new DataView(page.buffer);
  const segment = (at: number, selector: number, attributes: number, limit: number) => {
    view.setUint16(at, selector, true);
    view.setUint16(at + 2, attributes, true);
    view.setUint32(at + 4, limit, true);
  };
  for (const at of [0x00, 0x20, 0x30, 0x40]) segment(at, 0x10, 0xc93, 0xffffffff);
  segment(0x10, 8, 0xc9b, 0xffffffff);
  segment(0x50, 0, 0x93, 0xffff);
  segment(0x60, 0, 0, 0xffff);
  segment(0x70, 0, 0x82, 0xffff);
  segment(0x80, 0, 0, 0xffff);
  segment(0x90, 0, 0x8b, 0xffff);
  const words: [number, bigint][] = [
    [0xd0, 0x1000n],
    [0x148, 0x40n],
    [0x158, 0x11n],
    [0x160, 0x400n],
    [0x168, 0xffff0ff0n],
    [0x170, 2n],
    [0x178, BigInt(entry)],
    [0x268, 0x7040600070406n],
    [0x310, BigInt(signature)],
    [0x3b0, 1n],
    [0x3e8, 1n],
  ];
  for (const [at, value] of words) view.setBigUint64(at, value, true);
  view.setUint32(0x408, 0x1f80, true);
  return page;
}
