import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import {
  computeKernelHashes,
  computeLaunchDigest,
  computeMeasurements,
  computeOvmfDigest,
  digestFromSeed,
  explainMismatch,
  type FirmwareSection,
  type LaunchInputs,
  type MismatchCause,
  type MismatchChange,
  type VmmName,
} from "../../src/measure/index.js";
import { readMachine } from "../../src/measure/inputs.js";
import { digestsAt } from "../../src/measure/vcpu-chain.js";
import { nodeDigests } from "../../src/node/index.js";
import { firmwareWith, randomFirmware, readerOf, svsmWith } from "./images.js";

const digests = nodeDigests;
const ascii = (text: string) => new TextEncoder().encode(text);
const BASE: LaunchInputs = { firmware: firmwareWith(), vmm: "qemu", vcpuType: "EPYC-Milan", vcpus: 2 };
const IMAGE = { firmware: firmwareWith(), vmm: "qemu", vcpuType: "EPYC-Milan" } as const;
const measured = async (inputs: LaunchInputs) => toHex(await computeLaunchDigest(inputs, { digests }));

describe("lists with holes", () => {
  it.each<[string, number[]]>([
    ["nothing but holes", new Array(2)],
    ["a hole", Object.assign(new Array(3), { 0: 1, 2: 3 })],
    ["a hole at the end", Object.assign(new Array(2), { 0: 1 })],
  ])("of vCPU counts or features: %s is refused", async (_, list) => {
    await expect(computeMeasurements(IMAGE, { vcpus: list, digests })).rejects.toThrow(/sets\.vcpus\[\d\] must be/);
    const features = list;
    await expect(computeMeasurements(IMAGE, { vcpus: [1], features, digests })).rejects.toThrow(/sets\.features\[\d\]/);
  });

  it("of sections in what was JSON are refused", async () => {
    const ovmf = await computeOvmfDigest(IMAGE.firmware, { digests });
    const [section] = ovmf.sections;
    const sections = Object.assign(new Array<FirmwareSection>(3), { 0: section, 2: section });
    const inputs = { vmm: "qemu", vcpuType: "EPYC", vcpus: 1 } as const;
    expect(() => digestFromSeed({ ...ovmf, sections }, inputs, { digests })).toThrow(/seed\.sections\[1\] must be/);
  });

  it("without any, however long, are answered", () => {
    const machine = readMachine({ vmm: "ec2", vcpuType: undefined, vmsa: undefined });
    const start = { digest: new Uint8Array(48), vcpus: 0, resetVector: 0 };
    const vcpus = Array.from({ length: 200_000 }, (_, index) => 1 + (index % 2));
    const found = digestsAt(start, { machine, features: 1, vcpus }, digests);
    expect([...found.keys()]).toEqual([1, 2]);
  });
});

describe("a command line", () => {
  const boot = (append: string): LaunchInputs => ({ ...BASE, kernel: ascii("k"), append });

  it.each(["\ud800", "a\udfff", "\udc00\ud800"])("with half of a surrogate pair (%j) is refused", async (append) => {
    await expect(measured(boot(append))).rejects.toThrow(/append must be text that UTF-8 can hold/);
    await expect(computeKernelHashes({ kernel: ascii("k"), append })).rejects.toThrow(TypeError);
  });

  it.each(["\u{1f600}", "\ufffd", "\u00fc"])("with other characters (%j) is measured in UTF-8", async (append) => {
    const { append: hash } = await computeKernelHashes({ kernel: ascii("k"), append }, { digests });
    const own = digests.sha256();
    own.update(Buffer.from(`${append}\0`, "utf8"));
    expect(hash).toBe(toHex(own.digest()));
  });
});

describe("the address of the save areas", () => {
  it.each([2 ** 52, 2 ** 52 + 4096, -4096, 1, 4095.5, Number.NaN])("is not %s", async (gpa) => {
    await expect(measured({ ...BASE, vmsa: { gpa } })).rejects.toThrow(/vmsa\.gpa must be the address of a page/);
  });

  it.each([0, 4096, 2 ** 32, 2 ** 52 - 4096])("may be %s, and is measured", async (gpa) => {
    expect(await measured({ ...BASE, vmsa: { gpa } })).not.toBe(await measured(BASE));
  });
});

describe("a signal that fired before", () => {
  const options = { digests, signal: AbortSignal.abort("late") };

  it("ends the work where no image is left to read", async () => {
    const ovmf = await computeOvmfDigest(IMAGE.firmware, { digests });
    const kernelHashes = await computeKernelHashes({ kernel: ascii("k") }, { digests });
    const inputs = { ...IMAGE, firmware: ovmf, kernelHashes };
    const calls = [
      computeLaunchDigest({ ...inputs, vcpus: 1 }, options),
      computeMeasurements(inputs, { ...options, vcpus: [1] }),
      explainMismatch(new Uint8Array(48), { ...inputs, vcpus: 1 }, options),
    ];
    for (const call of calls) await expect(call).toFailWith("ERR_COLLATERAL_ABORTED", { reason: "late" });
    expect(await computeMeasurements(inputs, { digests, vcpus: [1] })).toHaveLength(1);
  });
});

describe("sections", () => {
  type Sections = [number, number, number][];
  const settle = (sections: Sections, size = 0x2000) =>
    computeOvmfDigest(firmwareWith({ sections, size }), { digests });

  it.each<[string, Sections]>([
    [
      "twice the same",
      [
        [0x800000, 0x1000, 1],
        [0x800000, 0x1000, 1],
      ],
    ],
    [
      "the second's last page",
      [
        [0x801000, 0x1000, 1],
        [0x800000, 0x2000, 2],
      ],
    ],
    [
      "one within another",
      [
        [0x800000, 0x5000, 1],
        [0x802000, 0x1000, 3],
      ],
    ],
    ["the image's first page", [[0xffff_e000, 0x1000, 1]]],
    ["the image's last page", [[0xffff_f000, 0x1000, 1]]],
    ["up to and into the image", [[0xffff_d000, 0x2000, 1]]],
    ["around the end of 32 bits", [[0xffff_f000, 0x2000, 1]]],
    [
      "everything",
      [
        [0x1000, 0x3ff_f000, 1],
        [0x3ff_f000, 0x1000, 2],
      ],
    ],
  ])("that give memory twice are malformed: %s", async (_, sections) => {
    await expect(settle(sections)).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "firmware" });
  });

  it.each<[string, Sections]>([
    [
      "side by side, in any order",
      [
        [0x801000, 0x1000, 1],
        [0x800000, 0x1000, 2],
        [0x802000, 0x1000, 1],
      ],
    ],
    ["from zero", [[0, 0x1000, 1]]],
    ["up to the image", [[0xffff_d000, 0x1000, 1]]],
  ])("that do not are measured: %s", async (_, sections) => {
    const { sections: found } = await settle(sections);
    expect(found.map(({ gpa }) => gpa)).toEqual(sections.map(([gpa]) => gpa));
  });

  it("of an SVSM are held against the SVSM's own place", async () => {
    const withSections = (sections: Sections) =>
      computeOvmfDigest(firmwareWith(), { digests, svsm: { image: svsmWith({ sections }), varsSize: 0x1000 } });
    // 4 KiB of firmware, as much of variables, and 8 KiB of SVSM: from 4 GiB - 16 KiB on.
    await expect(withSections([[0xffff_c000, 0x1000, 1]])).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "svsm" });
    await expect(withSections([[0xffff_f000, 0x2000, 1]])).toFailWith("ERR_MALFORMED_FIRMWARE", { what: "svsm" });
    expect((await withSections([[0xffff_b000, 0x1000, 1]])).sections).toHaveLength(1);
  });
});

describe("a reader that lies", () => {
  const honest = randomFirmware(3, 8);

  it.each<[string, (bytes: Uint8Array) => unknown]>([
    ["a byte less", (bytes) => bytes.subarray(1)],
    ["a byte more", (bytes) => new Uint8Array(bytes.length + 1)],
    ["nothing", () => new Uint8Array(0)],
    ["undefined", () => undefined],
    ["text", () => "bytes"],
    ["an array", (bytes) => [...bytes]],
  ])("and answers %s is a TypeError at every read", async (_, lie) => {
    const reads = readerOf(honest);
    await computeOvmfDigest(reads, { digests });
    for (let turn = 0; turn < reads.asked.length; turn++) {
      let reading = 0;
      const read = (offset: number, length: number) => {
        const bytes = honest.slice(offset, offset + length);
        return (reading++ === turn ? lie(bytes) : bytes) as Uint8Array;
      };
      await expect(computeOvmfDigest({ size: honest.length, read }, { digests })).rejects.toThrow(TypeError);
    }
  });

  it.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 53, "4096", null])(
    "of size %s is refused",
    async (size) => {
      const reader = { size: size as number, read: () => new Uint8Array(0) };
      await expect(computeOvmfDigest(reader, { digests })).rejects.toThrow(/firmware\.size must be/);
    },
  );

  it("of a size beyond every image is refused before it is read", async () => {
    const read = () => {
      throw new Error("read");
    };
    for (const size of [2 ** 26 + 4096, 2 ** 40, 2 ** 53 - 4096]) {
      await expect(computeOvmfDigest({ size, read }, { digests })).toFailWith("ERR_MALFORMED_FIRMWARE");
    }
  });
});

describe("a seed that was tampered with", () => {
  const inputs = { vmm: "qemu", vcpuType: "EPYC-Milan", vcpus: 2 } as const;
  const seedOf = async () => JSON.parse(JSON.stringify(await computeOvmfDigest(IMAGE.firmware, { digests })));

  it("not at all: gives the digest of the image", async () => {
    expect(toHex(digestFromSeed(await seedOf(), inputs, { digests }))).toBe(await measured(BASE));
  });

  it.each<[string, Record<string, unknown>]>([
    ["another kind", { kind: "attestry-ovmf-digest-v2" }],
    ["a digest in capitals", { digest: "AB".repeat(48) }],
    ["a short digest", { digest: "ab".repeat(47) }],
    ["a digest of zeros", { digest: "00".repeat(48) }],
    ["an unknown member", { vcpus: 1 }],
    ["a type from the prototype", { sections: [{ type: "toString", gpa: 0, size: 4096 }] }],
    ["half a page", { sections: [{ type: "secMem", gpa: 0, size: 2048 }] }],
    ["an address of half a page", { sections: [{ type: "secMem", gpa: 2048, size: 4096 }] }],
    ["an address of 2^32", { sections: [{ type: "secMem", gpa: 2 ** 32, size: 4096 }] }],
    ["more than 64 MiB", { sections: [{ type: "secMem", gpa: 0, size: 2 ** 26 + 4096 }] }],
    ["sections that are no list", { sections: { length: 1 } }],
    ["a reset vector of 2^32", { resetVector: 2 ** 32 }],
    ["a reset vector of text", { resetVector: "0" }],
    ["no reset vector's member", { resetVector: undefined }],
    ["half a hash table", { hashTable: { gpa: 0 } }],
    ["an entry of -1", { svsmEntry: -1 }],
  ])("%s is a TypeError", async (_, change) => {
    const seed = { ...(await seedOf()), ...change };
    expect(() => digestFromSeed(seed, inputs, { digests })).toThrow(TypeError);
    await expect(computeLaunchDigest({ ...inputs, firmware: seed }, { digests })).rejects.toThrow(TypeError);
  });

  it("into a vCPU seed of zeros is a TypeError, and of anything else is not", () => {
    const seed = { digest: "00".repeat(48), vcpus: 1, resetVector: 0x80b004 };
    expect(() => digestFromSeed(seed, inputs, { digests })).toThrow(/seed\.digest must be 96 .* not all zero/);
    expect(digestFromSeed({ ...seed, digest: `${"00".repeat(47)}01` }, inputs, { digests })).toHaveLength(48);
  });

  it("so that APs have nowhere to begin is an error, and not another digest", async () => {
    const seed = { ...(await seedOf()), resetVector: null };
    expect(() => digestFromSeed(seed, inputs, { digests })).toThrow(/does not say where it begins/);
    expect(toHex(digestFromSeed(seed, { ...inputs, vcpus: 1 }, { digests }))).toBe(
      await measured({ ...BASE, vcpus: 1 }),
    );
  });
});

const hexNumbers = (text: string) =>
  [...text.matchAll(/(\w+) (0x[0-9a-f]+)/g)].map(([, name, hex]) => [name, Number(hex)]);

describe("digests that are none", () => {
  const sha256 = (answer: unknown) => () => ({ update: () => undefined, digest: () => answer as Uint8Array });

  it.each<[string, unknown]>([
    ["text", "x".repeat(48)],
    ["numbers", new Array(48).fill(1)],
    ["other words", new Uint16Array(48)],
    ["a promise", Promise.resolve(new Uint8Array(48))],
    ["nothing", undefined],
    ["a byte less", new Uint8Array(47)],
    ["a byte more", new Uint8Array(49)],
  ])("of a page (%s) give no launch digest", async (_, answer) => {
    const bad = { ...digests, name: "bad", sha384: () => answer as Uint8Array };
    const wanted = { engine: "bad", operation: "digest" };
    await expect(computeLaunchDigest(BASE, { digests: bad })).toFailWith("ERR_UNSUPPORTED_CRYPTO", wanted);
  });

  it.each<[string, unknown]>([
    ["text", "x".repeat(32)],
    ["nothing", undefined],
    ["a byte less", new Uint8Array(31)],
    ["a byte more", new Uint8Array(33)],
    ["SHA-512", new Uint8Array(64)],
  ])("of a kernel (%s) give no hashes and no launch digest", async (_, answer) => {
    const bad = { ...digests, name: "bad", sha256: sha256(answer) };
    const wanted = { engine: "bad", operation: "digest" };
    const kernel = ascii("k");
    await expect(computeKernelHashes({ kernel }, { digests: bad })).toFailWith("ERR_UNSUPPORTED_CRYPTO", wanted);
    await expect(computeLaunchDigest({ ...BASE, kernel }, { digests: bad })).toFailWith(
      "ERR_UNSUPPORTED_CRYPTO",
      wanted,
    );
  });

  it("but right ones do, from one buffer that is used again and again, and from a Buffer", async () => {
    const buffer = new Uint8Array(48);
    const again = (data: Uint8Array) => {
      buffer.set(digests.sha384(data));
      return buffer;
    };
    for (const sha384 of [again, (data: Uint8Array) => Buffer.from(digests.sha384(data))]) {
      expect(toHex(await computeLaunchDigest(BASE, { digests: { ...digests, sha384 } }))).toBe(await measured(BASE));
    }
  });
});

describe("bytes that shrink while they are read", () => {
  it("are refused, and not measured as far as they are left", async () => {
    const size = 512 * 1024;
    const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [size, { maxByteLength: size }]);
    const kernel = new Uint8Array(buffer);
    expect((await computeKernelHashes({ kernel }, { digests })).kernel).toMatch(/^[0-9a-f]{64}$/);
    const onProgress = () => {
      Reflect.apply(Reflect.get(buffer, "resize"), buffer, [4096]);
    };
    await expect(computeKernelHashes({ kernel }, { digests, onProgress })).rejects.toThrow(TypeError);
  });
});

/** What makes each change, from what an explanation prints. */
const APPLY: Partial<Record<MismatchCause, (found: string) => Partial<LaunchInputs>>> = {
  vmm: (found) => ({ vmm: found as VmmName }),
  vcpus: (found) => ({ vcpus: Number(found) }),
  features: (found) => ({ features: Number(found) }),
  vcpuType: (found) => ({ vcpuType: Number(/0x[0-9a-f]+/.exec(found)?.[0]) }),
  vmsa: (found) => ({ vmsa: Object.fromEntries(hexNumbers(found)) }),
};

/** The inputs with the changes of an explanation. */
function applied(inputs: LaunchInputs, changes: readonly MismatchChange[]): LaunchInputs {
  const made = changes.map(({ cause, measured: found }) => APPLY[cause]?.(found) ?? {});
  const { kernel, ...rest } = Object.assign({ ...inputs }, ...made) as LaunchInputs;
  const measures = kernel !== undefined && changes.every(({ cause }) => cause !== "kernel");
  return measures ? { ...rest, kernel } : rest;
}

describe("every explanation", () => {
  const vmm = fc.constantFrom("qemu", "ec2", "gce");
  const vmsa = fc.constantFrom(undefined, { mxcsr: 5 }, { gpa: 0x000f_ffff_ffff_f000 });
  const guest = fc.record({
    vmm: vmm as fc.Arbitrary<VmmName>,
    vcpuType: fc.constantFrom("EPYC-Rome", "EPYC-Genoa", undefined),
    vcpus: fc.integer({ min: 1, max: 4 }),
    features: fc.constantFrom(0x1, 0x21),
    kernel: fc.constantFrom(undefined, ascii("kernel")),
    vmsa,
  });

  it("reproduces the digest when its changes are made, and computes no other than it says", async () => {
    let explained = 0;
    await fc.assert(
      fc.asyncProperty(guest, guest, async (given, launched) => {
        const inputs = (row: typeof given): LaunchInputs => {
          const kept = Object.entries(row).filter(([, value]) => value !== undefined);
          return {
            firmware: IMAGE.firmware,
            ...(Object.fromEntries(kept) as unknown as Omit<LaunchInputs, "firmware">),
          };
        };
        const [from, to] = [inputs(given), inputs(launched)];
        for (const side of [from, to]) {
          if (side.vmm === "qemu") side.vcpuType ??= "EPYC-Rome";
          if (side.vmm === "gce" && side.vmsa?.mxcsr !== undefined) delete side.vmsa;
        }
        const actual = await computeLaunchDigest(to, { digests });
        const found = await explainMismatch(actual, from, { digests, maxVcpus: 4 });
        if (found.outcome === "unexplained") return;
        explained++;
        expect(await measured(applied(from, found.changes))).toBe(toHex(actual));
      }),
      { numRuns: 150, seed: 5 },
    );
    expect(explained).toBeGreaterThan(40);
  });

  it("names the registers that do not go to another VMM, and the model that another VMM needs", async () => {
    const { firmware } = IMAGE;
    const ec2 = await computeLaunchDigest({ firmware, vmm: "ec2", vcpus: 2 }, { digests });
    const other = await explainMismatch(ec2, { ...BASE, vmsa: { mxcsr: 5 } }, { digests });
    expect(other.changes.map(({ cause }) => cause)).toEqual(["vmm", "vmsa"]);
    const plain = await explainMismatch(ec2, BASE, { digests });
    expect(plain.changes.map(({ cause }) => cause)).toEqual(["vmm"]);
  });
});
