import { encodeLayout } from "../bytes/layout-encode.js";
import { PAGE_BYTES } from "./pages.js";
import { KVM_VMSA_GPA, type Profile, type VmsaOverrides } from "./profiles.js";
import { VMSA, type VmsaValues } from "./vmsa-layout.js";

/** Where the first vCPU begins: 16 bytes below 4 GiB. */
const BSP_EIP = 0xffff_fff0;

/** What the save areas of a guest depend on beside the profile. */
export interface VcpuState {
  /** EAX of CPUID leaf 1; used where the profile has no RDX of its own. */
  readonly signature: number;
  /** SEV_FEATURES. */
  readonly features: bigint;
  readonly overrides: VmsaOverrides;
  /** Where APs begin, or, in a flat profile, every vCPU; null where the firmware does not say. */
  readonly resetVector: number | null;
}

/** Every register zero. */
const BLANK: VmsaValues = /* @__PURE__ */ (() => VMSA.parse(new Uint8Array(PAGE_BYTES)).values)();

/** A vCPU that KVM has reset. */
const RESET: Partial<VmsaValues> = {
  esAttributes: 0x93,
  esLimit: 0xffff,
  csSelector: 0xf000,
  csLimit: 0xffff,
  ssLimit: 0xffff,
  dsAttributes: 0x93,
  dsLimit: 0xffff,
  fsAttributes: 0x93,
  fsLimit: 0xffff,
  gsAttributes: 0x93,
  gsLimit: 0xffff,
  gdtrLimit: 0xffff,
  ldtrAttributes: 0x82,
  ldtrLimit: 0xffff,
  idtrLimit: 0xffff,
  trLimit: 0xffff,
  efer: 0x1000n,
  cr4: 0x40n,
  cr0: 0x10n,
  dr7: 0x400n,
  dr6: 0xffff_0ff0n,
  rflags: 2n,
  xcr0: 1n,
};

/** CS and RIP: in real mode the address is split between them, in a flat segment RIP holds it whole. */
function startAt(eip: number, flat: boolean): Partial<VmsaValues> {
  if (flat) return { csBase: 0n, rip: BigInt(eip) };
  return { csBase: BigInt(Math.floor(eip / 0x1_0000) * 0x1_0000), rip: BigInt(eip % 0x1_0000) };
}

function overridden({ gPat, mxcsr, x87Fcw }: VmsaOverrides): Partial<VmsaValues> {
  return {
    ...(gPat === undefined ? {} : { gPat }),
    ...(mxcsr === undefined ? {} : { mxcsr }),
    ...(x87Fcw === undefined ? {} : { x87Fcw }),
  };
}

/** The guest physical address of the save areas. */
export function vmsaGpa(state: VcpuState): number {
  return state.overrides.gpa ?? KVM_VMSA_GPA;
}

/**
 * The save area of the first vCPU, or of any other: all others are alike.
 *
 * @returns 4096 bytes, or null where it needs the reset vector and there is none
 */
export function vmsaPage(profile: Profile, state: VcpuState, role: "first" | "other"): Uint8Array | null {
  const eip = role === "first" && !profile.flat ? BSP_EIP : state.resetVector;
  if (eip === null) return null;
  const [first, others] = profile.csAttributes;
  const values: VmsaValues = {
    ...BLANK,
    ...RESET,
    ...profile.registers,
    csAttributes: role === "first" ? first : others,
    ...startAt(eip, profile.flat),
    rdx: BigInt(state.overrides.rdx ?? profile.rdx ?? state.signature),
    sevFeatures: state.features,
    ...overridden(state.overrides),
  };
  return encodeLayout(VMSA, values);
}
