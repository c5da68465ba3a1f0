import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import type { SyncDigests } from "../../src/crypto/sync-digests.js";
import {
  computeLaunchDigest,
  computeMeasurements,
  computeOvmfDigest,
  digestFromSeed,
  type LaunchInputs,
  type VmmName,
} from "../../src/measure/index.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith, randomFirmware, svsmWith } from "./images.js";

const PAGE_INFO_BYTES = 0x70;
const KVM_GPA = "fffffffff000";
const TYPES: Readonly<Record<number, string>> = {
  1: "normal",
  2: "vmsa",
  3: "zero",
  4: "unmeasured",
  5: "secrets",
  6: "cpuid",
};

/** Digests that write down each PAGE_INFO: its type and address, and whether it follows from the one before. */
function recorder(): { digests: SyncDigests; steps: string[]; contents: string[] } {
  const steps: string[] = [];
  const contents: string[] = [];
  let last = "00".repeat(48);
  const sha384 = (data: Uint8Array): Uint8Array => {
    const digest = nodeDigests.sha384(data);
    if (data.length !== PAGE_INFO_BYTES) return digest;
    const view = new DataView(data.buffer, data.byteOffset, data.length);
    expect(toHex(data.subarray(0, 48))).toBe(last);
    expect(view.getUint16(0x60, true)).toBe(PAGE_INFO_BYTES);
    // IMI_PAGE, the reserved byte and the permissions of the lower VMPLs.
    expect(toHex(data.subarray(0x63, 0x68))).toBe("0000000000");
    steps.push(`${TYPES[view.getUint8(0x62)]} ${view.getBigUint64(0x68, true).toString(16)}`);
    contents.push(toHex(data.subarray(0x30, 0x60)));
    last = toHex(digest);
    return digest;
  };
  return { digests: { ...nodeDigests, sha384 }, steps, contents };
}

async function stepsOf(inputs: LaunchInputs) {
  const { digests, steps, contents } = recorder();
  await computeLaunchDigest(inputs, { digests });
  return { steps, contents };
}

/** All types, twice the one that EC2 moves, and none in the order of its address. */
const FIRMWARE = firmwareWith({
  size: 0x2000,
  sections: [
    [0x803000, 0x2000, 3],
    [0x80a000, 0x2000, 1],
    [0x806000, 0x1000, 2],
    [0x801000, 0x1000, 3],
    [0x804000 + 0x4000, 0x1000, 0x10],
    [0x807000, 0x1000, 4],
    [0x800000, 0x1000, 1],
  ],
  hashTable: [0x808c00, 0x400],
});
const IMAGE_STEPS = ["normal ffffe000", "normal fffff000"];
const VCPUS = [`vmsa ${KVM_GPA}`, `vmsa ${KVM_GPA}`];

const SECTION_STEPS: Readonly<Record<Exclude<VmmName, "svsm">, (hashes: string) => readonly string[]>> = {
  qemu: (hashes) => [
    "cpuid 803000",
    "cpuid 804000",
    "zero 80a000",
    "zero 80b000",
    "secrets 806000",
    "cpuid 801000",
    `${hashes} 808000`,
    "zero 807000",
    "zero 800000",
  ],
  ec2: (hashes) => [
    "zero 80a000",
    "zero 80b000",
    "secrets 806000",
    `${hashes} 808000`,
    "zero 807000",
    "zero 800000",
    "cpuid 803000",
    "cpuid 804000",
    "cpuid 801000",
  ],
  gce: (hashes) => [
    "cpuid 803000",
    "cpuid 804000",
    "unmeasured 80a000",
    "unmeasured 80b000",
    "secrets 806000",
    "cpuid 801000",
    `${hashes} 808000`,
    "zero 807000",
    "unmeasured 800000",
  ],
};

describe("the pages of a launch, one by one", () => {
  const guest = (vmm: VmmName): LaunchInputs => ({ firmware: FIRMWARE, vmm, vcpuType: "EPYC-Milan", vcpus: 2 });
  const kernel = new TextEncoder().encode("kernel");

  it.each(["qemu", "ec2", "gce"] as const)(
    "under %s are the image, the sections in its order, the vCPUs",
    async (vmm) => {
      const plain = await stepsOf(guest(vmm));
      expect(plain.steps).toEqual([...IMAGE_STEPS, ...SECTION_STEPS[vmm]("zero"), ...VCPUS]);
      const booted = await stepsOf({ ...guest(vmm), kernel });
      expect(booted.steps).toEqual([...IMAGE_STEPS, ...SECTION_STEPS[vmm]("normal"), ...VCPUS]);
    },
  );

  it.each(["qemu", "ec2", "gce"] as const)(
    "under %s have contents where their type has, and nowhere else",
    async (vmm) => {
      const { steps, contents } = await stepsOf({ ...guest(vmm), kernel });
      const none = "00".repeat(48);
      for (const [index, step] of steps.entries()) {
        const counted = step.startsWith("normal") || step.startsWith("vmsa");
        expect(contents[index] !== none).toBe(counted);
      }
      const page = (start: number) => toHex(nodeDigests.sha384(FIRMWARE.subarray(start, start + 4096)));
      expect(contents.slice(0, 2)).toEqual([page(0), page(4096)]);
    },
  );

  it("under an SVSM are the firmware, the SVSM below the variables, the SVSM's sections, the vCPUs", async () => {
    const svsm = { image: svsmWith(), varsSize: 0x3000 };
    const { steps } = await stepsOf({ ...guest("svsm"), svsm });
    expect(steps).toEqual([
      ...IMAGE_STEPS,
      "normal ffff9000",
      "normal ffffa000",
      "zero 900000",
      "secrets 901000",
      "cpuid 902000",
      ...VCPUS,
    ]);
  });

  it("are at another address where the save areas are put there, every one", async () => {
    const { steps } = await stepsOf({ ...guest("gce"), vcpus: 3, vmsa: { gpa: 0x000f_ffff_ffff_f000 } });
    expect(steps.slice(-3)).toEqual(Array(3).fill("vmsa ffffffffff000"));
    expect(steps.at(-4)).toBe("unmeasured 800000");
  });

  it("of a greater image begin lower, whatever it comes in", async () => {
    const bytes = randomFirmware(8, 5);
    const gpas = ["b", "c", "d", "e", "f"].map((digit) => `normal ffff${digit}000`);
    for (const firmware of [bytes, [bytes], [bytes.subarray(0, 5000), bytes.subarray(5000)]]) {
      const { steps } = await stepsOf({ ...guest("ec2"), firmware });
      expect(steps.slice(0, 5)).toEqual(gpas);
    }
  });
});

describe("save areas", () => {
  it.each([1, 2, 3, 64, 512])("of %i vCPUs: the first, and all others alike", async (vcpus) => {
    const { steps, contents } = await stepsOf({ firmware: FIRMWARE, vmm: "ec2", vcpus });
    const areas = contents.slice(-vcpus);
    expect(steps.slice(-vcpus)).toEqual(Array(vcpus).fill(`vmsa ${KVM_GPA}`));
    expect(new Set(areas.slice(1)).size).toBe(vcpus === 1 ? 0 : 1);
    expect(areas.slice(1)).not.toContain(areas[0]);
  });

  it("are hashed twice and not once for each vCPU", async () => {
    let pages = 0;
    const sha384 = (data: Uint8Array) => {
      if (data.length === 4096) pages++;
      return nodeDigests.sha384(data);
    };
    const ovmf = await computeOvmfDigest(FIRMWARE);
    const digest = digestFromSeed(ovmf, { vmm: "gce", vcpus: 4096 }, { digests: { ...nodeDigests, sha384 } });
    expect(digest).toHaveLength(48);
    expect(pages).toBe(2);
  });

  it("go on from a seed as they would have without", async () => {
    const ovmf = await computeOvmfDigest(FIRMWARE, { digests: nodeDigests });
    const inputs = { vmm: "ec2", features: 0x21 } as const;
    const at = (vcpus: number) => toHex(digestFromSeed(ovmf, { ...inputs, vcpus }, { digests: nodeDigests }));
    for (const [from, to] of [
      [1, 1],
      [1, 2],
      [2, 3],
      [63, 512],
      [511, 512],
      [4095, 4096],
    ] as const) {
      const seed = { digest: at(from), vcpus: from, resetVector: ovmf.resetVector };
      expect(toHex(digestFromSeed(seed, { ...inputs, vcpus: to }, { digests: nodeDigests }))).toBe(at(to));
    }
  });

  it.each([0, -1, 4097, 2 ** 31, 2 ** 32, 2 ** 53, 1.5, Number.NaN])(
    "of %s vCPUs are refused everywhere",
    async (vcpus) => {
      const ovmf = await computeOvmfDigest(FIRMWARE, { digests: nodeDigests });
      const guest = { firmware: ovmf, vmm: "ec2" } as const;
      expect(() => digestFromSeed(ovmf, { vmm: "ec2", vcpus })).toThrow(
        /inputs\.vcpus must be a whole number of 1 to 4096/,
      );
      await expect(computeLaunchDigest({ ...guest, vcpus })).rejects.toThrow(/vcpus must be/);
      await expect(computeMeasurements(guest, { vcpus: [1, vcpus] })).rejects.toThrow(/sets\.vcpus\[1\] must be/);
      const seed = { digest: ovmf.digest, vcpus, resetVector: 0 };
      expect(() => digestFromSeed(seed, { vmm: "ec2", vcpus: 4096 })).toThrow(/seed\.vcpus must be/);
    },
  );
});
