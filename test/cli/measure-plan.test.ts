import { describe, expect, it } from "vitest";
import { readArguments } from "../../src/cli/arguments.js";
import { GUEST_OPTIONS, type GuestPlan, readCounts, readGuestPlan } from "../../src/cli/measure-plan.js";
import { UsageError } from "../../src/cli/usage-error.js";

const planOf = (...args: string[]): GuestPlan => readGuestPlan(readArguments(args, GUEST_OPTIONS));
const BASE = ["--firmware", "OVMF.fd", "--vcpu-type", "EPYC-Genoa"];

describe("a plan", () => {
  it("has defaults for what is not said", () => {
    expect(planOf(...BASE)).toEqual({
      firmware: "OVMF.fd",
      kernel: undefined,
      initrd: undefined,
      append: undefined,
      svsm: undefined,
      machine: { vmm: "qemu", vcpuType: "EPYC-Genoa" },
      typeText: "EPYC-Genoa",
      vcpus: [1],
      features: [1],
    });
  });

  it("takes everything that is said", () => {
    const args = [
      "--kernel",
      "vmlinuz",
      "--initrd",
      "initrd",
      "--append",
      "",
      "--vcpus",
      "2,4",
      "--features",
      "0x21,513",
    ];
    expect(planOf(...BASE, ...args)).toMatchObject({
      kernel: "vmlinuz",
      initrd: "initrd",
      append: "",
      vcpus: [2, 4],
      features: [0x21, 0x201],
    });
  });

  it("takes a signature as it is", () => {
    const plan = planOf("--firmware", "f", "--vcpu-type", "0x00A10f11");
    expect(plan.machine).toEqual({ vmm: "qemu", vcpuType: 0xa10f11 });
    expect(plan.typeText).toBe("0x00A10f11");
  });

  it.each(["ec2", "gce"])("of %s needs no CPU model", (vmm) => {
    expect(planOf("--firmware", "f", "--vmm", vmm)).toMatchObject({ machine: { vmm }, typeText: null });
    expect(planOf("--firmware", "f", "--vmm", vmm).machine).not.toHaveProperty("vcpuType");
  });

  it("of an SVSM has its image and the size of the variables, in decimal or hex", () => {
    const args = [...BASE, "--vmm", "svsm", "--svsm", "svsm.bin", "--vars-size"];
    for (const size of ["540672", "0x84000"]) {
      expect(planOf(...args, size).svsm).toEqual({ path: "svsm.bin", varsSize: 540_672 });
    }
    expect(planOf(...args, "0").svsm).toEqual({ path: "svsm.bin", varsSize: 0 });
  });

  it("lets one file be stdin", () => {
    expect(planOf("--firmware", "-", "--vmm", "gce").firmware).toBe("-");
    expect(() => planOf("--firmware", "-", "--vmm", "gce", "--kernel", "-")).toThrow(UsageError);
  });
});

describe("readCounts", () => {
  it.each<[string, number[]]>([
    ["1", [1]],
    ["4096", [4096]],
    ["1,2,4", [1, 2, 4]],
    ["1-4", [1, 2, 3, 4]],
    ["7-7", [7]],
    ["2,4-6,1", [2, 4, 5, 6, 1]],
    ["3,3", [3, 3]],
    ["01", [1]],
  ])("%s", (text, expected) => expect(readCounts(text, "vcpus")).toEqual(expected));

  it.each(["", ",", "1,", "0", "0-2", "5-4", "4097", "1-4097", "-3", "1-2-3", "a", "1 ", "1.5", "0x4", "99999"])(
    "refuses %j",
    (text) => {
      expect(() => readCounts(text, "vcpus")).toThrow(UsageError);
      expect(() => readCounts(text, "vcpus")).toThrow(/--vcpus: expected counts of 1 to 4096/);
    },
  );
});

describe("numbers", () => {
  const features = (text: string) => planOf(...BASE, "--features", text).features;

  it.each<[string, number[]]>([
    ["1", [1]],
    ["0x1", [1]],
    ["0xFF", [255]],
    ["0x1fffffffffffff", [2 ** 53 - 1]],
  ])("%s is a word of features", (text, expected) => expect(features(text)).toEqual(expected));

  it.each(["", "0x", "1,", "1e1", "0b1", "0x20000000000001", "9999999999999999", " 1", "1\n", "\u001b[2J"])(
    "%j is none",
    (text) => {
      expect(() => features(text)).toThrow(UsageError);
      expect(() => features(text)).toThrow(/^--features: expected a whole number/);
      expect(() => features(text)).not.toThrow("\u001b");
    },
  );

  it.each(["0", "2", "0x20"])("%s lacks SNPActive", (text) => {
    expect(() => features(text)).toThrow(/SEV_FEATURES with bit 0 \(SNPActive\) set/);
  });
});
