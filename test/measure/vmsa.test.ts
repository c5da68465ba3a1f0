import { describe, expect, it } from "vitest";
import { isField, type LayoutRow } from "../../src/bytes/layout.js";
import {
  isVmmName,
  KVM_VMSA_GPA,
  PROFILES,
  VMM_NAMES,
  type VmmName,
  type VmsaOverrides,
} from "../../src/measure/profiles.js";
import { type VcpuState, vmsaGpa, vmsaPage } from "../../src/measure/vmsa.js";
import { VMSA, VMSA_BYTES, type VmsaValues } from "../../src/measure/vmsa-layout.js";

const STATE: VcpuState = { signature: 0x00a00f11, features: 0x21n, overrides: {}, resetVector: 0x1234_b004 };

function registers(vmm: VmmName, role: "first" | "other", state: Partial<VcpuState> = {}): VmsaValues {
  const page = vmsaPage(PROFILES[vmm], { ...STATE, ...state }, role);
  if (page === null) throw new Error("no save area");
  return VMSA.parse(page).values;
}

/** Offset and size of each register that a launch can set, as AMD's table has them. */
const OFFSETS: readonly (readonly [name: keyof VmsaValues, offset: number, size: number])[] = [
  ["esSelector", 0x000, 2],
  ["esAttributes", 0x002, 2],
  ["esLimit", 0x004, 4],
  ["esBase", 0x008, 8],
  ["csSelector", 0x010, 2],
  ["csBase", 0x018, 8],
  ["ssSelector", 0x020, 2],
  ["dsSelector", 0x030, 2],
  ["fsSelector", 0x040, 2],
  ["gsSelector", 0x050, 2],
  ["gdtrLimit", 0x064, 4],
  ["ldtrAttributes", 0x072, 2],
  ["idtrLimit", 0x084, 4],
  ["trAttributes", 0x092, 2],
  ["trBase", 0x098, 8],
  ["vmpl", 0x0ca, 1],
  ["cpl", 0x0cb, 1],
  ["efer", 0x0d0, 8],
  ["xss", 0x140, 8],
  ["cr4", 0x148, 8],
  ["cr3", 0x150, 8],
  ["cr0", 0x158, 8],
  ["dr7", 0x160, 8],
  ["dr6", 0x168, 8],
  ["rflags", 0x170, 8],
  ["rip", 0x178, 8],
  ["rsp", 0x1d8, 8],
  ["rax", 0x1f8, 8],
  ["gPat", 0x268, 8],
  ["rcx", 0x308, 8],
  ["rdx", 0x310, 8],
  ["rbx", 0x318, 8],
  ["rbp", 0x328, 8],
  ["rsi", 0x330, 8],
  ["rdi", 0x338, 8],
  ["sevFeatures", 0x3b0, 8],
  ["vintrCtrl", 0x3b8, 8],
  ["virtualTom", 0x3c8, 8],
  ["xcr0", 0x3e8, 8],
  ["x87Dp", 0x400, 8],
  ["mxcsr", 0x408, 4],
  ["x87Ftw", 0x40c, 2],
  ["x87Fsw", 0x40e, 2],
  ["x87Fcw", 0x410, 2],
];

describe("the table of the save area", () => {
  it.each(OFFSETS)("has %s at 0x%s, %i bytes", (name, offset, size) => {
    const rows: readonly LayoutRow[] = VMSA.rows;
    const row = rows.filter(isField).find((candidate) => candidate.name === name);
    expect(row).toMatchObject({ offset, size });
  });

  it("is a page, with registers up to 0x670", () => {
    expect(VMSA.size).toBe(4096);
    expect(VMSA_BYTES).toBe(0x670);
    const last = VMSA.rows.at(-1);
    expect(last).toMatchObject({ reserved: "keep", offset: VMSA_BYTES });
  });
});

type Expected = Partial<VmsaValues>;

/** What the profiles differ in, and by which kind of vCPU. */
const EXPECTED: readonly (readonly [VmmName, "first" | "other", Expected])[] = [
  ["qemu", "first", { csAttributes: 0x9b, csBase: 0xffff0000n, rip: 0xfff0n, rdx: 0xa00f11n }],
  ["qemu", "other", { csAttributes: 0x9b, csBase: 0x12340000n, rip: 0xb004n, rdx: 0xa00f11n }],
  ["ec2", "first", { csAttributes: 0x9a, csBase: 0xffff0000n, rip: 0xfff0n, rdx: 0x600n }],
  ["ec2", "other", { csAttributes: 0x9b, csBase: 0x12340000n, rip: 0xb004n, rdx: 0x600n }],
  ["gce", "first", { csAttributes: 0x9b, csBase: 0xffff0000n, rip: 0xfff0n, rdx: 0x600n }],
  ["gce", "other", { csAttributes: 0x9b, csBase: 0x12340000n, rip: 0xb004n, rdx: 0x600n }],
  ["svsm", "first", { csAttributes: 0xc9b, csBase: 0n, rip: 0x1234b004n, rdx: 0xa00f11n }],
  ["svsm", "other", { csAttributes: 0xc9b, csBase: 0n, rip: 0x1234b004n, rdx: 0xa00f11n }],
];

const OF_VMM: Readonly<Record<VmmName, Expected>> = {
  qemu: { ssAttributes: 0x93, trAttributes: 0x8b, gPat: 0x7040600070406n, mxcsr: 0x1f80, x87Fcw: 0x37f, cr0: 0x10n },
  ec2: { ssAttributes: 0x92, trAttributes: 0x83, gPat: 0x7040600070406n, mxcsr: 0, x87Fcw: 0, cr0: 0x10n },
  gce: { ssAttributes: 0x93, trAttributes: 0x8b, gPat: 0x70106n, mxcsr: 0, x87Fcw: 0, cr0: 0x10n },
  svsm: { ssAttributes: 0xc93, trAttributes: 0x8b, gPat: 0x7040600070406n, mxcsr: 0x1f80, x87Fcw: 0, cr0: 0x11n },
};

describe("a save area", () => {
  it.each(EXPECTED)("under %s, of the %s vCPU, begins where it must", (vmm, role, expected) => {
    expect(registers(vmm, role)).toMatchObject(expected);
  });

  it.each(VMM_NAMES)("under %s has the registers of its profile on every vCPU", (vmm) => {
    for (const role of ["first", "other"] as const) expect(registers(vmm, role)).toMatchObject(OF_VMM[vmm]);
  });

  it.each(VMM_NAMES)("under %s has what all have", (vmm) => {
    expect(registers(vmm, "first")).toMatchObject({
      efer: 0x1000n,
      cr4: 0x40n,
      dr7: 0x400n,
      dr6: 0xffff0ff0n,
      rflags: 2n,
      xcr0: 1n,
      sevFeatures: 0x21n,
      gsAttributes: 0x93,
      gsLimit: 0xffff,
      ldtrAttributes: 0x82,
      ldtrLimit: 0xffff,
      trLimit: 0xffff,
      gdtrLimit: 0xffff,
      idtrLimit: 0xffff,
      vmpl: 0,
      cpl: 0,
      cr3: 0n,
      rsp: 0n,
    });
  });

  it("under an SVSM has flat segments", () => {
    const flat = registers("svsm", "first");
    for (const name of ["es", "ss", "ds", "fs"] as const) {
      const [selector, attributes, limit] = [`${name}Selector`, `${name}Attributes`, `${name}Limit`] as const;
      expect([flat[selector], flat[attributes], flat[limit]], name).toEqual([0x10, 0xc93, 0xffffffff]);
    }
    expect([flat.csSelector, flat.csLimit]).toEqual([8, 0xffffffff]);
  });

  it.each(VMM_NAMES)("under %s needs the reset vector where it begins there", (vmm) => {
    const state = { ...STATE, resetVector: null };
    expect(vmsaPage(PROFILES[vmm], state, "other")).toBeNull();
    expect(vmsaPage(PROFILES[vmm], state, "first") === null).toBe(vmm === "svsm");
  });

  it.each<[VmmName, VmsaOverrides, Expected]>([
    ["qemu", { mxcsr: 1 }, { mxcsr: 1, x87Fcw: 0x37f }],
    ["qemu", { x87Fcw: 2 }, { x87Fcw: 2, mxcsr: 0x1f80 }],
    ["qemu", { gPat: 3n }, { gPat: 3n }],
    ["ec2", { rdx: 0 }, { rdx: 0n }],
    ["gce", { rdx: 4, gPat: 5n }, { rdx: 4n, gPat: 5n }],
    ["svsm", { x87Fcw: 0x37f }, { x87Fcw: 0x37f }],
  ])("under %s can be given other registers", (vmm, overrides, expected) => {
    expect(registers(vmm, "first", { overrides })).toMatchObject(expected);
    expect(registers(vmm, "other", { overrides })).toMatchObject(expected);
  });

  it("lies at KVM's address, or where it is put", () => {
    expect(KVM_VMSA_GPA).toBe(0xfffffffff000);
    expect(vmsaGpa(STATE)).toBe(KVM_VMSA_GPA);
    expect(vmsaGpa({ ...STATE, overrides: { gpa: 0x1000 } })).toBe(0x1000);
  });
});

describe("the profiles", () => {
  it("are those that are named", () => {
    expect(Object.keys(PROFILES)).toEqual([...VMM_NAMES]);
    expect(VMM_NAMES.every(isVmmName)).toBe(true);
    for (const odd of ["xen", "QEMU", "", "toString", null, 1]) expect(isVmmName(odd)).toBe(false);
  });

  it("differ in how sections are measured", () => {
    const ways = VMM_NAMES.map((name) => [name, PROFILES[name].secMem, PROFILES[name].cpuidLast]);
    expect(ways).toEqual([
      ["qemu", "zero", false],
      ["ec2", "zero", true],
      ["gce", "unmeasured", false],
      ["svsm", "zero", false],
    ]);
  });

  it("let only those registers be set that hosts are known to set differently", () => {
    const overridable = VMM_NAMES.map((name) => [name, ...PROFILES[name].overridable]);
    expect(overridable).toEqual([
      ["qemu", "gpa", "gPat", "mxcsr", "x87Fcw"],
      ["ec2", "gpa", "rdx", "mxcsr", "x87Fcw"],
      ["gce", "gpa", "rdx", "gPat"],
      ["svsm", "gpa", "gPat", "mxcsr", "x87Fcw"],
    ]);
  });

  it("cannot be changed", () => {
    expect(Object.isFrozen(PROFILES)).toBe(true);
    expect(Object.isFrozen(VMM_NAMES)).toBe(true);
  });
});
