import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Section } from "../../scripts/vectors/firmware.js";
import { toHex } from "../../src/bytes/codecs.js";
import {
  computeKernelHashes,
  computeLaunchDigest,
  computeMeasurements,
  computeOvmfDigest,
  digestFromSeed,
} from "../../src/measure/index.js";
import { kernelHashPage } from "../../src/measure/kernel-hashes.js";
import { PROFILES } from "../../src/measure/profiles.js";
import { vmsaPage } from "../../src/measure/vmsa.js";
import { nodeDigests } from "../../src/node/index.js";
import { randomFirmware } from "./images.js";
import { hashPage, type PlainGuest, plainDigest, saveArea } from "./second-opinion.js";

const digests = nodeDigests;
const HASHES_AT = 0x900000;

/** Sections of any number, order and size, none upon another, one of them for the kernel's hashes. */
const sectionLists = fc
  .uniqueArray(
    fc.tuple(
      fc.integer({ min: 0, max: 0xff }).map((slot) => slot * 8 * 4096),
      fc.integer({ min: 1, max: 5 }).map((pages) => pages * 4096),
      fc.constantFrom(1, 2, 3, 4),
    ),
    { maxLength: 8, selector: ([gpa]) => gpa },
  )
  .chain((sections) =>
    fc.integer({ min: 0, max: sections.length }).map((at): Section[] => {
      const list: Section[] = [...sections];
      list.splice(at, 0, [HASHES_AT, 4096, 0x10]);
      return list;
    }),
  );

const guests = fc.record({
  seed: fc.integer(),
  pages: fc.integer({ min: 1, max: 5 }),
  sections: sectionLists,
  resetVector: fc.integer({ min: 0, max: 0xffffffff }),
  tableAt: fc.integer({ min: 0, max: 4096 - 176 }),
  vmm: fc.constantFrom("qemu", "ec2", "gce"),
  signature: fc.integer({ min: 0, max: 0xffffffff }),
  features: fc.integer({ min: 0, max: 2 ** 20 }).map((bits) => 2 * bits + 1),
  vcpus: fc.integer({ min: 1, max: 12 }),
  boot: fc.option(
    fc.record({ kernel: fc.uint8Array(), initrd: fc.uint8Array(), append: fc.string({ unit: "binary" }) }),
  ),
});

type Guest = typeof guests extends fc.Arbitrary<infer Value> ? Value : never;

function imageOf({ seed, pages, sections, resetVector, tableAt }: Guest): Uint8Array {
  return randomFirmware(seed, pages, { sections, resetVector, hashTable: [HASHES_AT + tableAt, 0x400] });
}

function plain(guest: Guest): PlainGuest {
  const { vmm, signature, features, vcpus, boot } = guest;
  // The arbitrary names exactly these three.
  return { image: imageOf(guest), vmm: vmm as PlainGuest["vmm"], signature, features: BigInt(features), vcpus, boot };
}

describe("a second opinion", () => {
  it("agrees on whole launches", async () => {
    await fc.assert(
      fc.asyncProperty(guests, async (guest) => {
        const { image, vmm } = plain(guest);
        const { signature, features, vcpus, boot } = guest;
        const inputs = { firmware: image, vmm, vcpuType: signature, features, vcpus, ...(boot ?? {}) };
        expect(toHex(await computeLaunchDigest(inputs, { digests }))).toBe(plainDigest(plain(guest)));
      }),
      { numRuns: 150 },
    );
  });

  it("agrees on seeds and on lists", async () => {
    await fc.assert(
      fc.asyncProperty(guests, async (guest) => {
        const { image, vmm } = plain(guest);
        const { signature, features, boot } = guest;
        const kernelHashes = boot === null ? {} : { kernelHashes: await computeKernelHashes(boot, { digests }) };
        const machine = { vmm, vcpuType: signature, ...kernelHashes };
        const ovmf = await computeOvmfDigest(image, { digests });
        const counts = [1, 2, guest.vcpus];
        const rows = await computeMeasurements(
          { ...machine, firmware: ovmf },
          { vcpus: counts, features: [features], digests },
        );
        for (const [index, vcpus] of counts.entries()) {
          const expected = plainDigest(plain({ ...guest, vcpus }));
          expect(rows[index]?.measurement).toBe(expected);
          expect(toHex(digestFromSeed(ovmf, { ...machine, vcpus, features }, { digests }))).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("agrees on save areas, byte for byte", () => {
    fc.assert(
      fc.property(guests, fc.boolean(), (guest, first) => {
        const { vmm } = plain(guest);
        const { signature, features, resetVector } = guest;
        const state = { signature, features: BigInt(features), overrides: {}, resetVector };
        const page = vmsaPage(PROFILES[vmm], state, first ? "first" : "other");
        const expected = saveArea(plain(guest), first ? 0xfffffff0 : resetVector, first);
        expect(Buffer.compare(page ?? new Uint8Array(0), expected)).toBe(0);
      }),
    );
  });

  it("agrees on pages of hashes, byte for byte", async () => {
    await fc.assert(
      fc.asyncProperty(guests, async ({ boot, tableAt }) => {
        const parts = boot ?? { kernel: new Uint8Array(1), initrd: new Uint8Array(0), append: "" };
        const page = kernelHashPage(await computeKernelHashes(parts, { digests }), tableAt);
        expect(Buffer.compare(page, hashPage(parts, tableAt))).toBe(0);
      }),
    );
  });
});
