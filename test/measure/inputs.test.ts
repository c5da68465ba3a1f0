import { describe, expect, it } from "vitest";
import {
  checkFeatures,
  checkVcpus,
  featuresOf,
  hashesOf,
  MACHINE_INPUTS,
  type Machine,
  readBoot,
  readMachine,
} from "../../src/measure/inputs.js";
import { readJob } from "../../src/measure/job.js";
import { PROFILES, type VmmName } from "../../src/measure/profiles.js";
import { readImageInputs } from "../../src/measure/subject.js";

const HASHES = { kernel: "11".repeat(32), initrd: "22".repeat(32), append: "33".repeat(32) };
const BYTES = Uint8Array.of(1, 2, 3);

function machine(vmm: unknown, vcpuType: unknown = "EPYC", vmsa: unknown = undefined): Machine {
  return readMachine({ vmm, vcpuType, vmsa });
}

const boot = (parts: object) =>
  readBoot({ kernel: undefined, initrd: undefined, append: undefined, kernelHashes: undefined, ...parts });

describe("checkVcpus", () => {
  it.each([1, 2, 64, 4096])("takes %i", (count) => expect(checkVcpus(count, "vcpus")).toBe(count));

  it.each([0, -1, 4097, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", 1n, null, undefined, [1]])(
    "refuses %s",
    (odd) => {
      expect(() => checkVcpus(odd, "sets.vcpus[3]")).toThrow(TypeError);
      expect(() => checkVcpus(odd, "sets.vcpus[3]")).toThrow(/^sets\.vcpus\[3\] must be a whole number of 1 to 4096/);
    },
  );
});

describe("checkFeatures", () => {
  it.each([0x1, 0x21, 0x201, 0xffffffff, 2 ** 53 - 1])("takes %i", (word) => {
    expect(checkFeatures(word, "features")).toBe(word);
    expect(featuresOf(word, "features")).toBe(word);
  });

  it.each([0, 2, 0x20, -1, 1.5, 2 ** 53 + 2, Number.NaN, "0x1", 1n, null])("refuses %s", (odd) => {
    expect(() => checkFeatures(odd, "features")).toThrow(TypeError);
    expect(() => featuresOf(odd, "features")).toThrow(/features must be SEV_FEATURES/);
  });

  it("takes 1 where nothing is said, and only where nothing is said", () => {
    expect(featuresOf(undefined, "features")).toBe(1);
    expect(() => featuresOf(null, "features")).toThrow(TypeError);
  });
});

describe("readMachine", () => {
  it.each<[VmmName, number | null]>([
    ["qemu", 0x800f12],
    ["ec2", 0x800f12],
    ["gce", 0x800f12],
    ["svsm", 0x800f12],
  ])("of %s knows its profile and the signature", (vmm, signature) => {
    expect(machine(vmm)).toEqual({ vmm, profile: PROFILES[vmm], signature, overrides: {} });
  });

  it.each(["qemu", "svsm"])("of %s needs a vCPU type", (vmm) => {
    expect(() => readMachine({ vmm, vcpuType: undefined, vmsa: undefined })).toThrow(`vcpuType is needed for ${vmm}`);
  });

  it.each(["ec2", "gce"])("of %s needs none, but takes no wrong one", (vmm) => {
    expect(readMachine({ vmm, vcpuType: undefined, vmsa: undefined }).signature).toBeNull();
    expect(() => machine(vmm, "Skylake")).toThrow(/vcpuType must be one of/);
  });

  it.each<[VmmName, string]>([
    ["qemu", "rdx"],
    ["svsm", "rdx"],
    ["ec2", "gPat"],
    ["gce", "mxcsr"],
    ["gce", "x87Fcw"],
    ["qemu", "cr0"],
    ["ec2", "__proto__x"],
  ])("of %s does not let %s be set", (vmm, name) => {
    expect(() => machine(vmm, "EPYC", { [name]: 1 })).toThrow(`vmsa has no option "${name}"`);
  });

  it("keeps the registers that are given, and no more", () => {
    expect(machine("qemu", "EPYC", { gpa: 0x1000, gPat: 1n, mxcsr: 0, x87Fcw: 0xffff }).overrides).toEqual({
      gpa: 0x1000,
      gPat: 1n,
      mxcsr: 0,
      x87Fcw: 0xffff,
    });
    expect(machine("ec2", "EPYC", { rdx: undefined }).overrides).toEqual({});
    expect(machine("ec2", "EPYC", {}).overrides).toEqual({});
  });

  it.each<[string, object]>([
    ["gpa", { gpa: 4095 }],
    ["gpa", { gpa: -4096 }],
    ["gpa", { gpa: 2 ** 53 }],
    ["gpa", { gpa: "0x1000" }],
    ["gPat", { gPat: 7 }],
    ["gPat", { gPat: -1n }],
    ["gPat", { gPat: 2n ** 64n }],
    ["mxcsr", { mxcsr: 2 ** 32 }],
    ["mxcsr", { mxcsr: -1 }],
    ["mxcsr", { mxcsr: Number.NaN }],
    ["x87Fcw", { x87Fcw: 65_536 }],
    ["x87Fcw", { x87Fcw: null }],
  ])("refuses a wrong %s", (name, vmsa) => {
    expect(() => machine("qemu", "EPYC", vmsa)).toThrow(TypeError);
    expect(() => machine("qemu", "EPYC", vmsa)).toThrow(new RegExp(`^vmsa\\.${name} must be `));
  });

  it("names what it reads", () => expect(MACHINE_INPUTS).toEqual(["vmm", "vcpuType", "vmsa"]));
});

describe("readBoot", () => {
  it("of nothing is nothing", () => expect(boot({})).toBeNull());

  it("of a kernel has an empty command line where none is given", () => {
    expect(boot({ kernel: BYTES })).toEqual({
      kind: "parts",
      parts: { kernel: BYTES, initrd: undefined, append: "" },
    });
    expect(boot({ kernel: BYTES, initrd: BYTES, append: "x" })).toEqual({
      kind: "parts",
      parts: { kernel: BYTES, initrd: BYTES, append: "x" },
    });
  });

  it("of hashes are those", () => expect(boot({ kernelHashes: HASHES })).toEqual({ kind: "hashes", hashes: HASHES }));

  it.each<[string, object, RegExp]>([
    ["an initrd alone", { initrd: BYTES }, /^initrd is measured with a kernel only/],
    ["a command line alone", { append: "x" }, /^append is measured with a kernel only/],
    ["a kernel beside hashes", { kernel: BYTES, kernelHashes: HASHES }, /^kernelHashes stands for/],
    ["an initrd beside hashes", { initrd: BYTES, kernelHashes: HASHES }, /^kernelHashes stands for/],
    ["a command line beside hashes", { append: "", kernelHashes: HASHES }, /^kernelHashes stands for/],
    ["a command line of null", { kernel: BYTES, append: null }, /^append must be a string/],
    ["hashes in upper case", { kernelHashes: { ...HASHES, kernel: "AA".repeat(32) } }, /^kernelHashes\.kernel must be/],
    ["hashes of SHA-384", { kernelHashes: { ...HASHES, append: "aa".repeat(48) } }, /^kernelHashes\.append must be/],
    ["hashes of bytes", { kernelHashes: { ...HASHES, initrd: new Uint8Array(32) } }, /^kernelHashes\.initrd must be/],
    ["hashes of null", { kernelHashes: null }, /^kernelHashes must be an object/],
    ["more hashes than three", { kernelHashes: { ...HASHES, dtb: "" } }, /kernelHashes has no option "dtb"/],
  ])("refuses %s", (_, parts, message) => {
    expect(() => boot(parts)).toThrow(TypeError);
    expect(() => boot(parts)).toThrow(message);
  });

  it("is hashed once, or is hashed already", async () => {
    const job = readJob({});
    expect(await hashesOf(null, job)).toBeNull();
    expect(await hashesOf(boot({ kernelHashes: HASHES }), job)).toEqual(HASHES);
    expect(await hashesOf(boot({ kernel: BYTES }), job)).toMatchObject({
      kernel: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });
});

describe("readImageInputs", () => {
  const ovmf = { kind: "attestry-ovmf-digest-v1" };
  const svsm = { image: BYTES, varsSize: 0 };
  const read = (inputs: object) => readImageInputs({ vmm: "qemu", vcpuType: "EPYC", firmware: BYTES, ...inputs });

  it("takes the images as they are", () => {
    expect(read({})).toEqual({ machine: machine("qemu"), boot: null, firmware: BYTES, svsm: undefined });
    expect(read({ vmm: "svsm", svsm })).toMatchObject({ svsm, firmware: BYTES });
  });

  it.each<[string, object, RegExp]>([
    ["an SVSM under QEMU alone", { svsm }, /^vmm qemu has no place for svsm/],
    ["an SVSM on EC2", { vmm: "ec2", svsm }, /^vmm ec2 has no place for svsm/],
    ["no SVSM where one is said", { vmm: "svsm" }, /^vmm svsm needs svsm/],
    ["an SVSM beside an OvmfDigest", { vmm: "svsm", svsm, firmware: ovmf }, /^svsm is part of an OvmfDigest already/],
  ])("refuses %s", (_, inputs, message) => {
    expect(() => read(inputs)).toThrow(TypeError);
    expect(() => read(inputs)).toThrow(message);
  });
});
