import { checkText, readOptions } from "../bytes/arguments.js";
import type { Job } from "./job.js";
import { checkKernelHashes, type DirectBoot, hashDirectBoot, type KernelHashes } from "./kernel-hashes.js";
import type { OvmfDigest, SvsmImage } from "./ovmf-digest.js";
import { isVmmName, PROFILES, type Profile, VMM_NAMES, type VmmName, type VmsaOverrides } from "./profiles.js";
import type { ImageSource } from "./source.js";
import { type VcpuType, vcpuSignature } from "./vcpu-types.js";

/** What a launch digest depends on beside the images. */
export interface MachineInputs {
  /** Who launches: QEMU with KVM, Amazon EC2, Google Compute Engine, QEMU with an SVSM. */
  vmm: VmmName;
  /** Needed for `qemu` and `svsm`; the other profiles do not measure it. */
  vcpuType?: VcpuType;
  /** Registers of the start, where a host is known to differ from its profile; each profile lets some be set. */
  vmsa?: VmsaOverrides;
}

/** Of a directly booted kernel, its parts; `initrd` and `append` need a kernel. */
export interface KernelInputs {
  /** The file as it is given to the VMM. */
  kernel?: ImageSource;
  /** Without one, the hash of nothing is measured. */
  initrd?: ImageSource;
  /** The command line without a NUL; without one, an empty one is measured. */
  append?: string;
}

/** A guest whose launch digest is wanted, without its vCPU count and features. */
export interface ImageInputs extends MachineInputs, KernelInputs {
  /** The image, or what `computeOvmfDigest` made of it. */
  firmware: ImageSource | OvmfDigest;
  /** For the profile `svsm`; part of an `OvmfDigest` already. */
  svsm?: SvsmImage;
  /** In place of `kernel`, `initrd` and `append`. */
  kernelHashes?: KernelHashes;
}

/** A guest whose launch digest is wanted. An unknown name is a TypeError. */
export interface LaunchInputs extends ImageInputs {
  /** 1 to 4096. */
  vcpus: number;
  /** SEV_FEATURES of the vCPUs; bit 0, SNPActive, must be set. Default 1. */
  features?: number;
}

/** The names of `MachineInputs` and the images. */
export const MACHINE_INPUTS = ["vmm", "vcpuType", "vmsa"] as const;
/** The names of `ImageInputs` that are no `MachineInputs`. */
export const IMAGE_INPUTS = ["firmware", "svsm", "kernel", "initrd", "append", "kernelHashes"] as const;

type Read<Keys extends readonly string[]> = Readonly<Record<Keys[number], unknown>>;

/** A machine, checked. */
export interface Machine {
  readonly vmm: VmmName;
  readonly profile: Profile;
  /** EAX of CPUID leaf 1; null where the caller named no type and the profile needs none. */
  readonly signature: number | null;
  readonly overrides: VmsaOverrides;
}

/** KVM takes no more. */
const MAX_VCPUS = 4096;
const MAX_GPA = 2 ** 52;

/** @throws TypeError for anything but a whole number of 1 to 4096. */
export function checkVcpus(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_VCPUS) return value;
  throw new TypeError(`${name} must be a whole number of 1 to ${MAX_VCPUS}`);
}

/** @throws TypeError for anything but a whole number below 2^53 with bit 0. */
export function checkFeatures(value: unknown, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value % 2 === 1) return value;
  throw new TypeError(`${name} must be SEV_FEATURES as a whole number with bit 0 (SNPActive) set`);
}

/** @throws TypeError as `checkFeatures`; 1 where there are none. */
export function featuresOf(value: unknown, name: string): number {
  return value === undefined ? 1 : checkFeatures(value, name);
}

interface Limit {
  readonly says: string;
  holds(value: unknown): boolean;
}

function upTo(greatest: number): Limit {
  const holds = (value: unknown) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= greatest;
  return { says: `a whole number of 0 to ${greatest}`, holds };
}

const LIMITS: Readonly<Record<keyof VmsaOverrides, Limit>> = {
  gpa: {
    says: "the address of a page below 2^52",
    holds: (gpa) => upTo(MAX_GPA - 1).holds(gpa) && Number(gpa) % 4096 === 0,
  },
  rdx: upTo(0xffff_ffff),
  gPat: {
    says: "a bigint of 0 to 2^64 - 1",
    holds: (value) => typeof value === "bigint" && value >= 0n && value < 2n ** 64n,
  },
  mxcsr: upTo(0xffff_ffff),
  x87Fcw: upTo(0xffff),
};

function readOverrides(value: unknown, { overridable }: Profile): VmsaOverrides {
  if (value === undefined) return {};
  const read = readOptions(value, "vmsa", overridable);
  for (const name of overridable) {
    const { says, holds } = LIMITS[name];
    if (read[name] !== undefined && !holds(read[name])) throw new TypeError(`vmsa.${name} must be ${says}`);
  }
  const given = overridable.filter((name) => read[name] !== undefined).map((name) => [name, read[name]]);
  // Every value was held against the limit of its name.
  return Object.fromEntries(given) as VmsaOverrides;
}

/** @throws TypeError for an unknown VMM, no vCPU type where the profile needs one, or an override it does not know. */
export function readMachine({ vmm, vcpuType, vmsa }: Read<typeof MACHINE_INPUTS>): Machine {
  if (!isVmmName(vmm)) throw new TypeError(`vmm must be one of ${VMM_NAMES.join(", ")}`);
  const profile = PROFILES[vmm];
  if (vcpuType === undefined && profile.rdx === null) throw new TypeError(`vcpuType is needed for ${vmm}`);
  // vcpuSignature refuses whatever is no VcpuType.
  const signature = vcpuType === undefined ? null : vcpuSignature(vcpuType as VcpuType);
  return { vmm, profile, signature, overrides: readOverrides(vmsa, profile) };
}

/** What boots directly, or its hashes, or null. */
export type Boot =
  | { readonly kind: "parts"; readonly parts: DirectBoot }
  | { readonly kind: "hashes"; readonly hashes: KernelHashes }
  | null;

/** Half of a surrogate pair: UTF-8 has no bytes for it, and whoever encodes it puts U+FFFD in its place. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function readAppend(value: unknown): string {
  if (value === undefined) return "";
  const append = checkText(value, "append");
  if (!LONE_SURROGATE.test(append)) return append;
  throw new TypeError("append must be text that UTF-8 can hold, without half of a surrogate pair");
}

/** @throws TypeError for parts without a kernel, or parts and hashes. */
export function readBoot(read: Read<readonly ["kernel", "initrd", "append", "kernelHashes"]>): Boot {
  const { kernel, initrd, append, kernelHashes } = read;
  if (kernelHashes !== undefined) {
    const more = [kernel, initrd, append].some((part) => part !== undefined);
    if (more) throw new TypeError("kernelHashes stands for kernel, initrd and append; give one or the other");
    return { kind: "hashes", hashes: checkKernelHashes(kernelHashes, "kernelHashes") };
  }
  if (kernel === undefined) {
    if (initrd !== undefined) throw new TypeError("initrd is measured with a kernel only; give kernel too");
    if (append !== undefined) throw new TypeError("append is measured with a kernel only; give kernel too");
    return null;
  }
  return { kind: "parts", parts: { kernel, initrd, append: readAppend(append) } };
}

/** The hashes of what boots directly. */
export async function hashesOf(boot: Boot, job: Job): Promise<KernelHashes | null> {
  if (boot === null) return null;
  return boot.kind === "hashes" ? boot.hashes : await hashDirectBoot(boot.parts, job);
}
