import type { VmsaValues } from "./vmsa-layout.js";

/** The VMMs whose launches are known. */
export type VmmName = "qemu" | "ec2" | "gce" | "svsm";

/** What can be set differently where a host is known to differ from the profile. */
export interface VmsaOverrides {
  /** The guest physical address of the save areas. */
  gpa?: number;
  /** RDX at the start: EAX of CPUID leaf 1. */
  rdx?: number;
  /** G_PAT at the start. */
  gPat?: bigint;
  /** MXCSR at the start. */
  mxcsr?: number;
  /** X87_FCW at the start. */
  x87Fcw?: number;
}

/** How a VMM launches a guest: which pages are measured how, and with which registers a vCPU begins. */
export interface Profile {
  /** How pages of the section SNP_SEC_MEM are measured. */
  readonly secMem: "zero" | "unmeasured";
  /** True where CPUID pages come after all other sections. */
  readonly cpuidLast: boolean;
  /** RDX at the start; null where it is the signature of the vCPU type. */
  readonly rdx: number | null;
  /** Registers that both kinds of vCPU share, where they differ from a reset. */
  readonly registers: Partial<VmsaValues>;
  /** Attributes of CS of the first vCPU and of the others. */
  readonly csAttributes: readonly [first: number, others: number];
  /** True where every vCPU begins at the firmware's entry in protected mode, false where APs wait at the reset vector. */
  readonly flat: boolean;
  /** Which overrides make sense. */
  readonly overridable: readonly (keyof VmsaOverrides)[];
}

/** Where KVM puts the save areas of all vCPUs. Source: Linux, arch/x86/kvm/svm/sev.c. */
export const KVM_VMSA_GPA = 0x0000_ffff_ffff_f000;

const KVM_PAT = 0x0007_0406_0007_0406n;
const FLAT_DATA = { attributes: 0xc93, selector: 0x10, limit: 0xffff_ffff } as const;

const qemu: Profile = {
  secMem: "zero",
  cpuidLast: false,
  rdx: null,
  registers: { gPat: KVM_PAT, ssAttributes: 0x93, trAttributes: 0x8b, mxcsr: 0x1f80, x87Fcw: 0x37f },
  csAttributes: [0x9b, 0x9b],
  flat: false,
  overridable: ["gpa", "gPat", "mxcsr", "x87Fcw"],
};

/** By name. EC2 and GCE: as their providers' own tools compute it (virtee/sev-snp-measure, google/gce-tcb-verifier). */
export const PROFILES: Readonly<Record<VmmName, Profile>> = /* @__PURE__ */ Object.freeze({
  qemu,
  ec2: {
    secMem: "zero",
    cpuidLast: true,
    rdx: 0x600,
    registers: { gPat: KVM_PAT, ssAttributes: 0x92, trAttributes: 0x83, mxcsr: 0, x87Fcw: 0 },
    csAttributes: [0x9a, 0x9b],
    flat: false,
    overridable: ["gpa", "rdx", "mxcsr", "x87Fcw"],
  },
  gce: {
    secMem: "unmeasured",
    cpuidLast: false,
    rdx: 0x600,
    registers: { gPat: 0x7_0106n, ssAttributes: 0x93, trAttributes: 0x8b, mxcsr: 0, x87Fcw: 0 },
    csAttributes: [0x9b, 0x9b],
    flat: false,
    overridable: ["gpa", "rdx", "gPat"],
  },
  svsm: {
    ...qemu,
    registers: {
      gPat: KVM_PAT,
      trAttributes: 0x8b,
      mxcsr: 0x1f80,
      // As the one tool that measures such launches has it; a host that resets the x87 unit has 0x37F.
      x87Fcw: 0,
      cr0: 0x11n,
      ...flatSegments(),
    },
    csAttributes: [0xc9b, 0xc9b],
    flat: true,
  },
});

function flatSegments(): Partial<VmsaValues> {
  const { attributes, selector, limit } = FLAT_DATA;
  return {
    esSelector: selector,
    esAttributes: attributes,
    esLimit: limit,
    csSelector: 8,
    csLimit: limit,
    ssSelector: selector,
    ssAttributes: attributes,
    ssLimit: limit,
    dsSelector: selector,
    dsAttributes: attributes,
    dsLimit: limit,
    fsSelector: selector,
    fsAttributes: attributes,
    fsLimit: limit,
  };
}

/** The names of the profiles. */
export const VMM_NAMES: readonly VmmName[] = /* @__PURE__ */ Object.freeze(["qemu", "ec2", "gce", "svsm"] as const);

/** True for the name of a profile. Never throws. */
export function isVmmName(value: unknown): value is VmmName {
  return VMM_NAMES.some((name) => name === value);
}
