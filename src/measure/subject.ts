import { fromHex } from "../bytes/codecs.js";
import type { SyncDigests } from "../crypto/sync-digests.js";
import { type Boot, type Machine, readBoot, readMachine } from "./inputs.js";
import { assertGoing, type Job } from "./job.js";
import type { KernelHashes } from "./kernel-hashes.js";
import { checkOvmfDigest, digestOvmf, isOvmfDigest, type OvmfDigest } from "./ovmf-digest.js";
import { LaunchChain } from "./pages.js";
import { addSections } from "./sections.js";
import type { VcpuStart } from "./vcpu-chain.js";

/** A guest as far as it does not depend on vCPU count and features. */
export interface Subject {
  readonly machine: Machine;
  readonly ovmf: OvmfDigest;
}

/** Where the vCPUs begin under this machine. @throws TypeError for an SVSM where there is none, or the reverse. */
function resetVectorOf({ machine, ovmf }: Subject): number | null {
  if (machine.profile.flat === (ovmf.svsmEntry !== null)) return ovmf.svsmEntry ?? ovmf.resetVector;
  throw new TypeError(
    machine.profile.flat ? "vmm svsm needs svsm, the image and varsSize" : `vmm ${machine.vmm} has no place for svsm`,
  );
}

/** The launch digest before the first vCPU. */
export function digestBeforeVcpus(subject: Subject, hashes: KernelHashes | null, digests: SyncDigests): VcpuStart {
  const { machine, ovmf } = subject;
  const resetVector = resetVectorOf(subject);
  const chain = new LaunchChain(digests, fromHex(ovmf.digest));
  addSections(chain, ovmf, { profile: machine.profile, hashes });
  return { digest: chain.digest(), vcpus: 0, resetVector };
}

/** Inputs with images, read but for the images. */
export interface ReadInputs {
  readonly machine: Machine;
  readonly boot: Boot;
  readonly firmware: unknown;
  readonly svsm: unknown;
}

/** @throws TypeError for inputs that do not fit together. */
export function readImageInputs(read: Readonly<Record<string, unknown>>): ReadInputs {
  const { vmm, vcpuType, vmsa, firmware, svsm, kernel, initrd, append, kernelHashes } = read;
  const machine = readMachine({ vmm, vcpuType, vmsa });
  const boot = readBoot({ kernel, initrd, append, kernelHashes });
  if (svsm !== undefined && isOvmfDigest(firmware)) {
    throw new TypeError("svsm is part of an OvmfDigest already; give it to computeOvmfDigest");
  }
  if (!isOvmfDigest(firmware) && machine.profile.flat !== (svsm !== undefined)) {
    throw new TypeError(
      machine.profile.flat ? "vmm svsm needs svsm, the image and varsSize" : `vmm ${machine.vmm} has no place for svsm`,
    );
  }
  return { machine, boot, firmware, svsm };
}

/** The firmware's digest: computed, or checked where it was given. */
export async function ovmfOf({ firmware, svsm }: ReadInputs, job: Job): Promise<OvmfDigest> {
  // Where nothing is left to read, nothing else looks.
  assertGoing(job);
  return isOvmfDigest(firmware) ? checkOvmfDigest(firmware, "firmware") : await digestOvmf(firmware, svsm, job);
}
