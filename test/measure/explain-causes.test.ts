import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  bootVariants,
  featureVariants,
  type MismatchChange,
  machineVariants,
} from "../../src/measure/explain-causes.js";
import { readMachine } from "../../src/measure/inputs.js";
import type { KernelHashes } from "../../src/measure/kernel-hashes.js";
import type { VmmName } from "../../src/measure/profiles.js";
import { nodeDigests } from "../../src/node/index.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const HASHES: KernelHashes = { kernel: sha256("k"), initrd: sha256("i"), append: sha256("quiet\0") };
const causes = (changes: readonly MismatchChange[]) => changes.map(({ cause }) => cause).join("+");

function machine(vmm: VmmName, more: { vcpuType?: unknown; vmsa?: unknown } = {}) {
  return readMachine({ vmm, vcpuType: "EPYC-Milan", vmsa: undefined, ...more });
}

describe("featureVariants", () => {
  it.each<[number, number[]]>([
    [0x1, [0x1, 0x21, 0x201]],
    [0x21, [0x21, 0x1, 0x201]],
    [0x201, [0x201, 0x1, 0x21]],
    [0x5, [0x5, 0x1, 0x21, 0x201]],
  ])("of 0x%s are the given word and the usual ones", (given, expected) => {
    const variants = featureVariants(given);
    expect(variants.map(({ value }) => value)).toEqual(expected);
    expect(variants.map(({ changes }) => causes(changes))).toEqual(["", ...expected.slice(1).map(() => "features")]);
    for (const { value, changes } of variants.slice(1)) {
      expect(changes).toEqual([
        {
          cause: "features",
          given: `0x${given.toString(16)}`,
          measured: `0x${value.toString(16)}`,
          advice: expect.any(String),
        },
      ]);
    }
  });
});

describe("machineVariants", () => {
  it("begin with the machine as it is", () => {
    for (const vmm of ["qemu", "ec2", "gce", "svsm"] as const) {
      const given = machine(vmm);
      expect(machineVariants(given)[0]).toEqual({ value: given, changes: [] });
    }
  });

  it("of QEMU are every model, EC2 and GCE with what is known to differ there", () => {
    const variants = machineVariants(machine("qemu"));
    expect(variants.map(({ value, changes }) => `${value.vmm} ${causes(changes)}`)).toEqual([
      "qemu ",
      "qemu vcpuType",
      "qemu vcpuType",
      "qemu vcpuType",
      "qemu vcpuType",
      "ec2 vmm",
      "ec2 vmm+vmsa",
      "gce vmm",
      "gce vmm+vmsa",
    ]);
  });

  it("of EC2 are not split by models, but QEMU's are", () => {
    const variants = machineVariants(machine("ec2"));
    const count = (vmm: VmmName) => variants.filter(({ value }) => value.vmm === vmm).length;
    expect([count("ec2"), count("qemu"), count("gce"), count("svsm")]).toEqual([2, 5, 2, 0]);
  });

  it("without a model name that of QEMU's launch as a change", () => {
    const variants = machineVariants(machine("gce", { vcpuType: undefined }));
    const ofQemu = variants.filter(({ value }) => value.vmm === "qemu");
    expect(ofQemu.map(({ changes }) => causes(changes))).toEqual(Array(5).fill("vmm+vcpuType"));
    expect(ofQemu.map(({ changes }) => changes[1]?.given)).toEqual(Array(5).fill("none"));
    expect(new Set(ofQemu.map(({ value }) => value.signature)).size).toBe(5);
  });

  it("of a model without a name are the five that have one, and itself", () => {
    const variants = machineVariants(machine("svsm", { vcpuType: 0x1234 }));
    expect(variants).toHaveLength(2 * 6);
    expect(variants.map(({ value }) => value.vmm)).toEqual(Array(12).fill("svsm"));
  });

  it("with registers of the caller's are also those of the profile", () => {
    const variants = machineVariants(machine("ec2", { vmsa: { rdx: 5 } })).filter(({ value }) => value.vmm === "ec2");
    expect(variants.map(({ value }) => value.overrides)).toEqual([{ rdx: 5 }, {}, { rdx: 0 }]);
    expect(variants.map(({ changes }) => changes[0]?.measured)).toEqual([
      undefined,
      "the profile's registers",
      "rdx 0x0",
    ]);
  });

  it("do not try what is given already", () => {
    const variants = machineVariants(machine("ec2", { vmsa: { rdx: 0 } })).filter(({ value }) => value.vmm === "ec2");
    expect(variants.map(({ value }) => value.overrides)).toEqual([{ rdx: 0 }, {}]);
  });

  it("do not carry the caller's registers to another VMM, and say so", () => {
    const variants = machineVariants(machine("qemu", { vmsa: { mxcsr: 0 } })).filter(
      ({ value }) => value.vmm === "ec2",
    );
    expect(variants.map(({ value }) => value.overrides)).toEqual([{}, { rdx: 0 }]);
    expect(variants.map(({ changes }) => changes.map(({ cause, measured }) => `${cause}: ${measured}`))).toEqual([
      ["vmm: ec2", "vmsa: the profile's registers"],
      ["vmm: ec2", "vmsa: rdx 0x0"],
    ]);
    expect(variants.map(({ changes }) => changes[1]?.given)).toEqual(["mxcsr 0x0", "mxcsr 0x0"]);
  });

  it("that agree with the caller's registers by chance name the VMM alone", () => {
    const gpa = 0x000f_ffff_ffff_f000;
    const variants = machineVariants(machine("ec2", { vmsa: { gpa } })).filter(({ value }) => value.vmm === "gce");
    expect(variants.map(({ value, changes }) => [value.overrides, causes(changes)])).toEqual([
      [{}, "vmm+vmsa"],
      [{ gpa }, "vmm"],
    ]);
  });
});

describe("bootVariants", () => {
  const parts = (append: string) => ({ kind: "parts", parts: { kernel: "k", initrd: "i", append } }) as const;
  const variantsOf = (append: string) =>
    bootVariants({ boot: parts(append), hashes: { ...HASHES, append: sha256(`${append}\0`) } }, nodeDigests);

  it("without a kernel are nothing to try", () => {
    expect(bootVariants({ boot: null, hashes: null }, nodeDigests)).toEqual([{ value: null, changes: [] }]);
  });

  it("with one are: as given, not measured, no initrd, other ends of the command line", () => {
    const variants = variantsOf("quiet");
    expect(variants.map(({ changes }) => causes(changes))).toEqual([
      "",
      "kernel",
      "initrd",
      "append",
      "append",
      "append",
    ]);
    expect(variants.map(({ value }) => value?.append)).toEqual([
      sha256("quiet\0"),
      undefined,
      sha256("quiet\0"),
      sha256("quiet\n\0"),
      sha256("quiet\0\0"),
      sha256("\0"),
    ]);
    expect(variants[2]?.value).toEqual({ ...HASHES, initrd: sha256("") });
  });

  it.each<[string, string[]]>([
    ["quiet\n", ["quiet\n\n", "quiet\n\0", "quiet", ""]],
    ["quiet\0", ["quiet\0\n", "quiet\0\0", "quiet", ""]],
    ["", ["\n", "\0"]],
  ])("of the command line %j are others with more or less at the end", (append, expected) => {
    const found = variantsOf(append).filter(({ changes }) => causes(changes) === "append");
    expect(found.map(({ value }) => value?.append)).toEqual(expected.map((text) => sha256(`${text}\0`)));
    expect(found[0]?.changes[0]?.given).toBe(JSON.stringify(append));
  });

  it("without an initrd do not try to leave it out", () => {
    const hashes = { ...HASHES, initrd: sha256("") };
    const variants = bootVariants({ boot: parts("x"), hashes }, nodeDigests);
    expect(variants.some(({ changes }) => causes(changes) === "initrd")).toBe(false);
  });

  it("of hashes alone know nothing of the command line", () => {
    const variants = bootVariants({ boot: { kind: "hashes", hashes: HASHES }, hashes: HASHES }, nodeDigests);
    expect(variants.map(({ changes }) => causes(changes))).toEqual(["", "kernel", "initrd"]);
  });
});
