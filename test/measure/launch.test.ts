import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import type { SyncDigests } from "../../src/crypto/sync-digests.js";
import {
  computeKernelHashes,
  computeLaunchDigest,
  computeMeasurements,
  computeOvmfDigest,
  digestFromSeed,
  type KernelHashes,
  type LaunchInputs,
  type MeasureProgress,
  nobleDigests,
  type OvmfDigest,
  type SeedInputs,
  type VcpuType,
  vcpuSignature,
} from "../../src/measure/index.js";
import { LaunchChain } from "../../src/measure/pages.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith, numbersFrom, piecesOf, randomFirmware, readerOf, slowPieces } from "./images.js";

const digests = nodeDigests;
const ascii = (text: string) => new TextEncoder().encode(text);
const BASE: LaunchInputs = { firmware: firmwareWith(), vmm: "qemu", vcpuType: "EPYC-Milan", vcpus: 1 };
const BOOT = { kernel: ascii("kernel"), initrd: ascii("initrd"), append: "a=b" };
const VMMS = ["qemu", "ec2", "gce"] as const;

const digestOf = async (inputs: LaunchInputs) => toHex(await computeLaunchDigest(inputs, { digests }));
const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");
/** A caller without types. */
const loosely = (inputs: object): LaunchInputs => inputs as LaunchInputs;

describe("digestFromSeed", () => {
  it("equals the full computation for 1 to 64 vCPUs on random images", async () => {
    const cases = fc.record({
      seed: fc.integer(),
      pages: fc.integer({ min: 1, max: 6 }),
      vmm: fc.constantFrom(...VMMS),
      features: fc.constantFrom(0x1, 0x21, 0x201),
      booted: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, pages, vmm, features, booted }) => {
        const firmware = randomFirmware(seed, pages);
        const ovmf = await computeOvmfDigest(firmware, { digests });
        const machine = { vmm, features, vcpuType: "EPYC-Genoa" } as const;
        const kernelHashes = booted ? { kernelHashes: await computeKernelHashes(BOOT, { digests }) } : {};
        const one = toHex(digestFromSeed(ovmf, { ...machine, ...kernelHashes, vcpus: 1 }, { digests }));
        for (let vcpus = 1; vcpus <= 64; vcpus++) {
          const whole = await digestOf({ firmware, ...machine, ...(booted ? BOOT : {}), vcpus });
          expect(toHex(digestFromSeed(ovmf, { ...machine, ...kernelHashes, vcpus }, { digests }))).toBe(whole);
          const seedOfOne = { digest: one, vcpus: 1, resetVector: ovmf.resetVector };
          expect(toHex(digestFromSeed(seedOfOne, { ...machine, vcpus }, { digests }))).toBe(whole);
        }
      }),
      { numRuns: 6 },
    );
  });

  it("goes on from any count, with an OvmfDigest that was JSON in between, and by either digests", async () => {
    const ovmf: OvmfDigest = JSON.parse(JSON.stringify(await computeOvmfDigest(firmwareWith())));
    const machine: SeedInputs = { vmm: "ec2", vcpus: 9 };
    const whole = toHex(digestFromSeed(ovmf, machine));
    expect(whole).toBe(await digestOf({ ...BASE, vmm: "ec2", vcpus: 9 }));
    const five = toHex(digestFromSeed(ovmf, { ...machine, vcpus: 5 }, { digests }));
    const seed = { digest: five, vcpus: 5, resetVector: ovmf.resetVector };
    expect(toHex(digestFromSeed(seed, machine))).toBe(whole);
    expect(toHex(digestFromSeed({ ...seed, resetVector: null }, { ...machine, vcpus: 5 }))).toBe(five);
  });

  it("needs the reset vector for every vCPU but the first", async () => {
    const ovmf = await computeOvmfDigest(firmwareWith({ resetVector: null }), { digests });
    expect(digestFromSeed(ovmf, { vmm: "gce", vcpus: 1 })).toHaveLength(48);
    for (const seed of [ovmf, { digest: "ab".repeat(48), vcpus: 1, resetVector: null }]) {
      expect(() => digestFromSeed(seed, { vmm: "gce", vcpus: 2 })).toFailWith("ERR_UNSUPPORTED_FIRMWARE", {
        where: "vCPU 2",
      });
    }
  });

  const seed = { digest: "ab".repeat(48), vcpus: 4, resetVector: 0x80b004 };
  const ec2: SeedInputs = { vmm: "ec2", vcpus: 8 };
  it.each<[string, unknown, object, RegExp]>([
    ["fewer vCPUs than the seed's", seed, { vcpus: 3 }, /at least the seed's 4, found 3/],
    ["a seed without vCPUs", { ...seed, vcpus: 0 }, {}, /seed\.vcpus must be/],
    ["a short digest", { ...seed, digest: "ab" }, {}, /seed\.digest must be 96/],
    ["a digest in upper case", { ...seed, digest: "AB".repeat(48) }, {}, /seed\.digest must be/],
    ["bytes for a digest", { ...seed, digest: new Uint8Array(48) }, {}, /seed\.digest must be/],
    ["an address beyond 4 GiB", { ...seed, resetVector: 2 ** 32 }, {}, /seed\.resetVector must be/],
    ["no address at all", { digest: seed.digest, vcpus: 4 }, {}, /seed\.resetVector must be/],
    ["an unknown member", { ...seed, features: 1 }, {}, /seed has no option "features"/],
    ["nothing", null, {}, /seed must be an object/],
    ["kernel hashes beside a seed that holds them", seed, { kernelHashes: {} }, /part of a seed/],
    ["a firmware", seed, { firmware: firmwareWith() }, /inputs has no option "firmware"/],
  ])("refuses %s", (_, odd, change, message) => {
    const call = () => digestFromSeed(odd as typeof seed, { ...ec2, ...change });
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  it("refuses an OvmfDigest that was tampered with beyond its form", async () => {
    const good = await computeOvmfDigest(firmwareWith(), { digests });
    const section = good.sections[0];
    const strange: object[] = [
      { ...good, kind: "attestry-ovmf-digest-v1", digest: "00" },
      { ...good, sections: {} },
      { ...good, sections: [{ ...section, type: "other" }] },
      { ...good, sections: [{ ...section, gpa: 1 }] },
      { ...good, sections: [{ ...section, size: -4096 }] },
      { ...good, sections: [{ ...section, size: 2 ** 31 }] },
      { ...good, sections: [{ ...section, extra: 1 }] },
      { ...good, hashTable: {} },
      { ...good, hashTable: { gpa: 0, size: "1" } },
      { ...good, resetVector: undefined },
      { ...good, svsmEntry: 0.5 },
      { ...good, extra: 1 },
    ];
    for (const odd of strange) {
      expect(() => digestFromSeed(odd as OvmfDigest, ec2), JSON.stringify(odd).slice(-80)).toThrow(TypeError);
      await expect(computeLaunchDigest(loosely({ ...BASE, firmware: odd }))).rejects.toThrow(TypeError);
    }
    expect(digestFromSeed(good, ec2)).toHaveLength(48);
  });
});

describe("computeMeasurements", () => {
  it("is a row for each pair in the order given, each the digest of its guest", async () => {
    const vcpus = [4, 1, 64, 4];
    const features = [0x21, 0x1];
    const rows = await computeMeasurements(withoutCounts(BASE), { vcpus, features, digests });
    expect(rows.map((row) => [row.features, row.vcpus])).toEqual(
      features.flatMap((word) => vcpus.map((count) => [`0x${word.toString(16)}`, count])),
    );
    for (const row of rows) {
      expect(row.measurement).toBe(await digestOf({ ...BASE, vcpus: row.vcpus, features: Number(row.features) }));
    }
  });

  it("reads the images once, whatever is wanted", async () => {
    const reader = readerOf(randomFirmware(5, 4));
    const kernel = readerOf(ascii("kernel"));
    const inputs = { ...withoutCounts(BASE), ...BOOT, firmware: reader, kernel };
    const rows = await computeMeasurements(inputs, { vcpus: [1, 2, 3], features: [1, 0x21, 0x201], digests });
    expect(new Set(rows.map(({ measurement }) => measurement)).size).toBe(9);
    expect(reader.asked.filter(({ length }) => length >= 4096)).toHaveLength(1);
    expect(kernel.asked).toHaveLength(1);
  });

  it("takes SEV_FEATURES 1 where none are named", async () => {
    const rows = await computeMeasurements(withoutCounts(BASE), { vcpus: [1] });
    expect(rows).toEqual([{ vcpus: 1, features: "0x1", measurement: await digestOf(BASE) }]);
  });

  it("costs n small digests for n vCPUs", async () => {
    let count = 0;
    const counting: SyncDigests = {
      ...digests,
      sha384: (data) => {
        count++;
        return digests.sha384(data);
      },
    };
    const ovmf = await computeOvmfDigest(randomFirmware(6, 32), { digests: counting });
    expect(count).toBe(64);
    count = 0;
    const vcpus = Array.from({ length: 64 }, (_, index) => index + 1);
    await computeMeasurements({ firmware: ovmf, vmm: "ec2" }, { vcpus, digests: counting });
    // Five pages of sections, 64 save areas in the chain, two save areas themselves.
    expect(count).toBe(5 + 64 + 2);
  });

  it.each<[string, object, RegExp]>([
    ["no counts", { vcpus: [] }, /sets\.vcpus must be an array with at least one/],
    ["one count instead of a list", { vcpus: 1 }, /sets\.vcpus must be an array/],
    ["a count of zero", { vcpus: [1, 0] }, /sets\.vcpus\[1\]/],
    ["features without SNPActive", { vcpus: [1], features: [1, 0x20] }, /sets\.features\[1\]/],
    ["no features", { vcpus: [1], features: [] }, /sets\.features must be an array/],
    ["an unknown option", { vcpus: [1], cores: 1 }, /sets has no option "cores"/],
  ])("refuses %s", async (_, sets, message) => {
    const call = () => computeMeasurements(withoutCounts(BASE), sets as { vcpus: number[] });
    await expect(call()).rejects.toThrow(TypeError);
    await expect(call()).rejects.toThrow(message);
  });

  it("refuses counts among the inputs", async () => {
    await expect(computeMeasurements(BASE, { vcpus: [1] })).rejects.toThrow(/inputs has no option "vcpus"/);
  });
});

function withoutCounts({ vcpus: _, features: __, ...rest }: LaunchInputs) {
  return rest;
}

describe("the launch digest", () => {
  it("depends on every input that is measured", async () => {
    const digest = await digestOf({ ...BASE, ...BOOT });
    const changes: Partial<LaunchInputs>[] = [
      { firmware: firmwareWith({ resetVector: 0x80b004, fill: (offset) => (offset === 7 ? 1 : 0) }) },
      { vmm: "gce" },
      { vcpus: 2 },
      { features: 0x21 },
      { vcpuType: "EPYC-Genoa" },
      { kernel: ascii("kernel2") },
      { initrd: ascii("initrd2") },
      { append: "a=c" },
      { append: "a=b\n" },
      { vmsa: { mxcsr: 0 } },
      { vmsa: { gPat: 0n } },
      { vmsa: { x87Fcw: 0 } },
      { vmsa: { gpa: 0xffffffffff000 } },
    ];
    const others = await Promise.all(changes.map((change) => digestOf({ ...BASE, ...BOOT, ...change })));
    expect(new Set([digest, ...others]).size).toBe(changes.length + 1);
  });

  it("is the same for names of one CPU model, its numbers and its signature", async () => {
    const types: VcpuType[] = ["EPYC-Milan-v1", "EPYC-Milan-v2", { family: 25, model: 1, stepping: 1 }, 0xa00f11];
    for (const vcpuType of types) expect(await digestOf({ ...BASE, vcpuType })).toBe(await digestOf(BASE));
  });

  it.each(["ec2", "gce"] as const)("of %s does not depend on the CPU model", async (vmm) => {
    const { vcpuType: _, ...inputs } = { ...BASE, vmm };
    expect(await digestOf(inputs)).toBe(await digestOf({ ...inputs, vcpuType: "EPYC-Turin" }));
  });

  it("of EC2 has the CPUID pages behind all others, of GCE unmeasured memory", async () => {
    const sections = [
      [0x800000, 0x1000, 3],
      [0x801000, 0x2000, 1],
      [0x803000, 0x1000, 4],
      [0x804000, 0x1000, 3],
      [0x805000, 0x1000, 2],
    ] as const;
    const firmware = firmwareWith({ sections });
    const pages = { qemu: "CZZZCS", ec2: "ZZZSCC", gce: "CUUZCS" } as const;
    for (const vmm of VMMS) {
      const types = { C: "cpuid", Z: "zero", U: "unmeasured", S: "secrets" } as const;
      const gpas = vmm === "ec2" ? [1, 2, 3, 5, 0, 4] : [0, 1, 2, 3, 4, 5];
      const chain = new LaunchChain(digests);
      chain.addPage("normal", 0xfffff000, firmware);
      for (const [index, letter] of [...pages[vmm]].entries()) {
        chain.add(types[letter as keyof typeof types], 0x800000 + 0x1000 * (gpas[index] ?? 0));
      }
      const before = chain.hex();
      const ovmf = await computeOvmfDigest(firmware, { digests });
      const bare = { ...ovmf, digest: before, sections: [] };
      expect(await digestOf({ ...BASE, vmm, firmware: bare })).toBe(await digestOf({ ...BASE, vmm, firmware }));
    }
  });

  it("of a kernel without initrd and command line is that of nothing and of a NUL", async () => {
    const hashes = await computeKernelHashes({ kernel: BOOT.kernel }, { digests });
    expect(hashes).toEqual({ kernel: sha256("kernel"), initrd: sha256(""), append: sha256("\0") });
    const { kernel } = BOOT;
    expect(await digestOf({ ...BASE, kernel })).toBe(await digestOf({ ...BASE, kernelHashes: hashes }));
    expect(await digestOf({ ...BASE, kernel, initrd: new Uint8Array(0), append: "" })).toBe(
      await digestOf({ ...BASE, kernel }),
    );
  });

  it("hashes kernel and initrd from bytes, readers and streams alike, by either digests", async () => {
    const next = numbersFrom(77);
    const kernel = Uint8Array.from({ length: 40_000 }, () => next() & 0xff);
    const expected = { kernel: sha256(kernel), initrd: sha256(kernel.subarray(5)), append: sha256("é\0") };
    for (const engine of [nobleDigests, nodeDigests]) {
      for (const source of [kernel, readerOf(kernel), slowPieces(kernel, 999), piecesOf(kernel, 7777)]) {
        const parts = { kernel: source, initrd: kernel.subarray(5), append: "é" };
        expect(await computeKernelHashes(parts, { digests: engine })).toEqual(expected);
      }
    }
  });
});

describe("a kernel", () => {
  it.each<[string, Parameters<typeof firmwareWith>[0], string]>([
    ["without a section for its hashes", { sections: [[0x800000, 0x1000, 1]] }, "ERR_UNSUPPORTED_FIRMWARE"],
    ["without a hash table", { hashTable: null }, "ERR_UNSUPPORTED_FIRMWARE"],
    [
      "with two sections",
      {
        sections: [
          [0x804000, 4096, 16],
          [0x806000, 4096, 16],
        ],
      },
      "ERR_UNSUPPORTED_FIRMWARE",
    ],
    ["with a section of two pages", { sections: [[0x804000, 8192, 16]] }, "ERR_UNSUPPORTED_FIRMWARE"],
    ["with a table before its section", { hashTable: [0x803c00, 0x400] }, "ERR_MALFORMED_FIRMWARE"],
    ["with a table behind its section", { hashTable: [0x805000, 0x400] }, "ERR_MALFORMED_FIRMWARE"],
    ["with a table that ends behind it", { hashTable: [0x804f51, 0x400] }, "ERR_MALFORMED_FIRMWARE"],
    ["with a table too small", { hashTable: [0x804c00, 175] }, "ERR_MALFORMED_FIRMWARE"],
  ])("is refused by a firmware %s, which does without one", async (_, tables, code) => {
    const firmware = firmwareWith(tables);
    expect(await digestOf({ ...BASE, firmware })).toHaveLength(96);
    await expect(computeLaunchDigest({ ...BASE, ...BOOT, firmware })).toFailWith(code as "ERR_MALFORMED_FIRMWARE");
  });

  it("has its table at the last place where it fits", async () => {
    const firmware = firmwareWith({ hashTable: [0x804f50, 176] });
    expect(await digestOf({ ...BASE, ...BOOT, firmware })).not.toBe(await digestOf({ ...BASE, firmware }));
  });
});

describe("inputs that do not fit are refused, each by its name", () => {
  const hashes: KernelHashes = { kernel: "00".repeat(32), initrd: "00".repeat(32), append: "00".repeat(32) };
  it.each<[string, object, RegExp]>([
    ["no VMM", { vmm: undefined }, /vmm must be one of qemu, ec2, gce, svsm/],
    ["an unknown VMM", { vmm: "xen" }, /vmm must be one of/],
    ["no vCPU type", { vcpuType: undefined }, /vcpuType is needed for qemu/],
    ["an unknown vCPU type", { vcpuType: "Skylake" }, /vcpuType must be one of EPYC/],
    ["a vCPU type of the prototype's", { vcpuType: "toString" }, /vcpuType must be one of/],
    ["a family before 15", { vcpuType: { family: 14, model: 1, stepping: 0 } }, /vcpuType must be/],
    ["a model above 255", { vcpuType: { family: 25, model: 256, stepping: 0 } }, /vcpuType must be/],
    ["a stepping above 15", { vcpuType: { family: 25, model: 1, stepping: 16 } }, /vcpuType must be/],
    ["a signature above 32 bits", { vcpuType: 2 ** 32 }, /vcpuType must be/],
    ["a vCPU type of null", { vcpuType: null }, /vcpuType must be/],
    ["no vCPUs", { vcpus: 0 }, /vcpus must be a whole number of 1 to 4096/],
    ["too many vCPUs", { vcpus: 4097 }, /vcpus must be/],
    ["NaN vCPUs", { vcpus: Number.NaN }, /vcpus must be/],
    ["a text of vCPUs", { vcpus: "1" }, /vcpus must be/],
    ["features without SNPActive", { features: 0x20 }, /features must be SEV_FEATURES/],
    ["features as a bigint", { features: 1n }, /features must be/],
    ["features above 2^53", { features: 2 ** 53 + 1 }, /features must be/],
    ["an initrd without a kernel", { initrd: BOOT.initrd }, /initrd is measured with a kernel only/],
    ["a command line without a kernel", { append: "" }, /append is measured with a kernel only/],
    ["kernel and hashes", { kernel: BOOT.kernel, kernelHashes: hashes }, /kernelHashes stands for/],
    ["a short hash", { kernelHashes: { ...hashes, initrd: "00" } }, /kernelHashes\.initrd must be/],
    [
      "a missing hash",
      { kernelHashes: { kernel: hashes.kernel, append: hashes.append } },
      /kernelHashes\.initrd must be/,
    ],
    ["a command line of bytes", { ...BOOT, append: new Uint8Array(3) }, /append must be a string/],
    ["no firmware", { firmware: undefined }, /firmware must be a Uint8Array, a reader/],
    ["a firmware of text", { firmware: "OVMF.fd" }, /firmware must be/],
    ["a firmware of numbers", { firmware: [1, 2, 3] }, /a piece of firmware must be a Uint8Array, not number/],
    ["a firmware that is an empty object", { firmware: {} }, /firmware must be/],
    ["a firmware of words", { firmware: new Uint16Array(2048) }, /a piece of firmware must be/],
    ["a reader without a size", { firmware: { size: -1, read: () => new Uint8Array(0) } }, /firmware\.size must be/],
    ["a reader of text", { firmware: { size: 4096, read: () => "x" } }, /what firmware\.read answered must be/],
    [
      "a reader that is short",
      { firmware: { size: 4096, read: () => new Uint8Array(9) } },
      /asked for 4096 bytes and answered 9/,
    ],
    ["a kernel of text", { ...BOOT, kernel: "vmlinuz" }, /kernel must be a Uint8Array, a reader/],
    ["an unknown input", { cpus: 4 }, /inputs has no option "cpus"/],
    ["registers of another profile", { vmsa: { rdx: 1 } }, /vmsa has no option "rdx"; known are gpa, gPat/],
    ["an address that is no page's", { vmsa: { gpa: 0x1001 } }, /vmsa\.gpa must be the address of a page/],
    ["an address above 52 bits", { vmsa: { gpa: 2 ** 53 } }, /vmsa\.gpa must be/],
    ["a number for a bigint", { vmsa: { gPat: 1 } }, /vmsa\.gPat must be a bigint/],
    ["a bigint above 64 bits", { vmsa: { gPat: 2n ** 64n } }, /vmsa\.gPat must be/],
    ["MXCSR above 32 bits", { vmsa: { mxcsr: 2 ** 32 } }, /vmsa\.mxcsr must be/],
    ["FCW above 16 bits", { vmsa: { x87Fcw: 0x10000 } }, /vmsa\.x87Fcw must be/],
    ["half a register", { vmsa: { mxcsr: 0.5 } }, /vmsa\.mxcsr must be/],
  ])("%s", async (_, change, message) => {
    const call = () => computeLaunchDigest(loosely({ ...BASE, ...change }), { digests });
    await expect(call()).rejects.toThrow(TypeError);
    await expect(call()).rejects.toThrow(message);
  });

  it("registers that EC2 and GCE let be set", async () => {
    const rdx = await digestOf({ ...BASE, vmm: "ec2", vmsa: { rdx: 0 } });
    expect(rdx).not.toBe(await digestOf({ ...BASE, vmm: "ec2" }));
    expect(await digestOf({ ...BASE, vmm: "ec2", vmsa: { rdx: 0x600 } })).toBe(await digestOf({ ...BASE, vmm: "ec2" }));
    await expect(digestOf({ ...BASE, vmm: "gce", vmsa: { mxcsr: 1 } })).rejects.toThrow(/no option "mxcsr"/);
  });

  it("of computeKernelHashes and the options", async () => {
    const { kernel } = BOOT;
    await expect(computeKernelHashes({ kernel: undefined as unknown as Uint8Array })).rejects.toThrow(
      /kernel is needed/,
    );
    for (const options of [
      { digests: {} },
      { digests: null },
      { signal: 1 },
      { signal: {} },
      { onProgress: 1 },
      { x: 1 },
    ]) {
      await expect(computeKernelHashes({ kernel }, options as object)).rejects.toThrow(/^options/);
    }
  });
});

describe("vcpuSignature", () => {
  it.each<[VcpuType, number]>([
    ["EPYC", 0x800f12],
    ["EPYC-v4", 0x800f12],
    ["EPYC-IBPB", 0x800f12],
    ["EPYC-Rome-v3", 0x830f10],
    ["EPYC-Milan-v2", 0xa00f11],
    ["EPYC-Genoa-v1", 0xa10f10],
    ["EPYC-Turin", 0xb00f00],
    [{ family: 23, model: 1, stepping: 2 }, 0x800f12],
    [{ family: 23, model: 49, stepping: 0 }, 0x830f10],
    [{ family: 25, model: 17, stepping: 0 }, 0xa10f10],
    [{ family: 26, model: 0, stepping: 0 }, 0xb00f00],
    [{ family: 15, model: 0x6b, stepping: 2 }, 0x60fb2],
    [{ family: 270, model: 255, stepping: 15 }, 0x0fff0fff],
    [0xffffffff, 0xffffffff],
  ])("of %j is 0x%s", (type, signature) => expect(vcpuSignature(type)).toBe(signature));
});

describe("while images are read", () => {
  it("progress is told by part, up to the end", async () => {
    const told: MeasureProgress[] = [];
    const firmware = readerOf(randomFirmware(7, 10));
    const inputs = { ...BASE, ...BOOT, firmware, initrd: piecesOf(BOOT.initrd, 2) };
    await computeLaunchDigest(inputs, { digests, onProgress: (progress) => void told.push(progress) });
    expect(told.filter(({ part }) => part === "firmware").map(({ done }) => done)).toEqual([16384, 32768, 40960]);
    expect(told.filter(({ part }) => part === "kernel")).toEqual([{ part: "kernel", done: 6, total: 6 }]);
    expect(told.filter(({ part }) => part === "initrd").map(({ done, total }) => [done, total])).toEqual([
      [2, null],
      [4, null],
      [6, null],
    ]);
  });

  it("what onProgress returns is awaited", async () => {
    let waiting = 0;
    const onProgress = async () => {
      waiting++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      waiting--;
    };
    const firmware = { ...readerOf(randomFirmware(7, 10)) };
    const read = firmware.read.bind(firmware);
    firmware.read = (offset, length) => {
      expect(waiting).toBe(0);
      return read(offset, length);
    };
    await computeLaunchDigest({ ...BASE, firmware }, { digests, onProgress });
  });

  it("the signal is looked at before, between chunks, and at the kernel", async () => {
    const firmware = readerOf(randomFirmware(7, 64));
    const late = AbortSignal.abort(new Error("late"));
    await expect(computeLaunchDigest({ ...BASE, firmware }, { signal: late })).toFailWith("ERR_COLLATERAL_ABORTED", {
      reason: "Error: late",
    });
    expect(firmware.asked).toEqual([]);
    for (const part of ["firmware", "kernel"]) {
      const controller = new AbortController();
      const onProgress = (progress: MeasureProgress) => {
        if (progress.part === part) controller.abort("enough");
      };
      const ended = computeLaunchDigest(
        { ...BASE, ...BOOT, firmware },
        { digests, onProgress, signal: controller.signal },
      );
      await expect(ended).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "enough" });
    }
    // One chunk, and then all sixteen with the four reads of the tables.
    expect(firmware.asked).toHaveLength(1 + 16 + 4);
  });

  it("what the caller's reader, stream or callback throws comes out as it is", async () => {
    const fault = new Error("the disk is gone");
    const fail = () => {
      throw fault;
    };
    function* broken() {
      yield new Uint8Array(5);
      throw fault;
    }
    const reader = { size: 4096, read: fail };
    await expect(computeLaunchDigest({ ...BASE, firmware: reader })).rejects.toBe(fault);
    await expect(computeLaunchDigest({ ...BASE, firmware: broken() })).rejects.toBe(fault);
    await expect(computeLaunchDigest(BASE, { onProgress: fail })).rejects.toBe(fault);
  });

  it("digests of another length are refused", async () => {
    const short: SyncDigests = { ...digests, name: "short", sha384: (data) => digests.sha384(data).subarray(1) };
    await expect(computeLaunchDigest(BASE, { digests: short })).toFailWith("ERR_UNSUPPORTED_CRYPTO", {
      engine: "short",
      operation: "digest",
    });
  });
});

describe("the digests of node and noble", () => {
  it("agree on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(), (bytes, cut) => {
        expect(toHex(nodeDigests.sha384(bytes))).toBe(toHex(nobleDigests.sha384(bytes)));
        const [one, other] = [nodeDigests.sha256(), nobleDigests.sha256()];
        for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
          one.update(part);
          other.update(part);
        }
        const hash = toHex(one.digest());
        expect(hash).toBe(toHex(other.digest()));
        expect(hash).toBe(sha256(bytes));
      }),
    );
  });

  it("are frozen", () => {
    expect([nodeDigests, nobleDigests].every(Object.isFrozen)).toBe(true);
  });
});
