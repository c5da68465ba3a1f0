import { readOptions } from "../bytes/arguments.js";
import type { SyncDigests } from "../crypto/sync-digests.js";
import { checkVcpus, featuresOf, MACHINE_INPUTS, type Machine, type MachineInputs, readMachine } from "./inputs.js";
import { digestsOf, type MeasureOptions } from "./job.js";
import { checkKernelHashes, type KernelHashes } from "./kernel-hashes.js";
import { addressOrNull, checkDigestText, checkOvmfDigest, isOvmfDigest, type OvmfDigest } from "./ovmf-digest.js";
import { digestBeforeVcpus } from "./subject.js";
import { digestAt, type VcpuStart } from "./vcpu-chain.js";

/** A guest's launch digest with fewer vCPUs, from which that with more follows without any image. */
export interface VcpuSeed {
  /** The launch digest, as 96 lower-case hex digits. */
  readonly digest: string;
  /** How many vCPUs are in it. */
  readonly vcpus: number;
  /** Where APs begin (under an SVSM: every vCPU), as `OvmfDigest` has it. */
  readonly resetVector: number | null;
}

/** What `digestFromSeed` adds to a seed; an unknown name is a TypeError. */
export interface SeedInputs extends MachineInputs {
  /** 1 to 4096; at least as many as the seed has. */
  vcpus: number;
  /** SEV_FEATURES; those of the seed where it has vCPUs. Default 1. */
  features?: number;
  /** Of a directly booted kernel; for an `OvmfDigest` alone, since a seed with vCPUs holds them already. */
  kernelHashes?: KernelHashes;
}

function seedStart(seed: unknown, machine: Machine, given: { hashes: unknown; digests: SyncDigests }): VcpuStart {
  if (isOvmfDigest(seed)) {
    const hashes = given.hashes === undefined ? null : checkKernelHashes(given.hashes, "inputs.kernelHashes");
    return digestBeforeVcpus({ machine, ovmf: checkOvmfDigest(seed, "seed") }, hashes, given.digests);
  }
  const read = readOptions(seed, "seed", ["digest", "vcpus", "resetVector"]);
  if (given.hashes !== undefined) throw new TypeError("inputs.kernelHashes is part of a seed that has vCPUs already");
  return {
    digest: checkDigestText(read.digest, "seed.digest"),
    vcpus: checkVcpus(read.vcpus, "seed.vcpus"),
    resetVector: addressOrNull(read.resetVector, "seed.resetVector"),
  };
}

/**
 * A launch digest without any image: from what `computeOvmfDigest` made, or from the launch digest of the same guest
 * with fewer vCPUs, whose machine and features nothing can check.
 *
 * @returns 48 bytes
 * @throws TypeError for an argument of the wrong type.
 * @throws UnsupportedError `ERR_UNSUPPORTED_FIRMWARE` and MalformedError `ERR_MALFORMED_FIRMWARE` as
 * `computeLaunchDigest`.
 */
export function digestFromSeed(
  seed: OvmfDigest | VcpuSeed,
  inputs: SeedInputs,
  options: Pick<MeasureOptions, "digests"> = {},
): Uint8Array {
  const digests = digestsOf(readOptions(options, "options", ["digests"]).digests);
  const read = readOptions(inputs, "inputs", [...MACHINE_INPUTS, "vcpus", "features", "kernelHashes"]);
  const vcpus = checkVcpus(read.vcpus, "inputs.vcpus");
  const features = featuresOf(read.features, "inputs.features");
  const machine = readMachine(read);
  const start = seedStart(seed, machine, { hashes: read.kernelHashes, digests });
  return digestAt(start, { machine, features, vcpus }, digests);
}
