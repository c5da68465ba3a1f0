import { readOptions } from "../bytes/arguments.js";
import {
  checkVcpus,
  featuresOf,
  hashesOf,
  IMAGE_INPUTS,
  type LaunchInputs,
  MACHINE_INPUTS,
  readBoot,
} from "./inputs.js";
import { type MeasureOptions, readJob } from "./job.js";
import { hashDirectBoot, type KernelHashes } from "./kernel-hashes.js";
import { digestBeforeVcpus, ovmfOf, readImageInputs } from "./subject.js";
import { digestAt } from "./vcpu-chain.js";

/**
 * SHA-256 of kernel, initrd and command line, as firmware checks them: what stands for them in `digestFromSeed`.
 *
 * @throws TypeError for an argument of the wrong type.
 * @throws CollateralError `ERR_COLLATERAL_ABORTED` when the signal fires.
 */
export async function computeKernelHashes(
  parts: Required<Pick<LaunchInputs, "kernel">> & Pick<LaunchInputs, "initrd" | "append">,
  options: MeasureOptions = {},
): Promise<KernelHashes> {
  const job = readJob(options);
  const boot = readBoot({ ...readOptions(parts, "parts", ["kernel", "initrd", "append"]), kernelHashes: undefined });
  if (boot?.kind !== "parts") throw new TypeError("parts.kernel is needed");
  return await hashDirectBoot(boot.parts, job);
}

/**
 * The launch digest (MEASUREMENT) of a guest, 48 bytes.
 *
 * It says nothing of HOST_DATA, the guest policy, an ID block or CPUID values, none of which are measured. The images
 * are read once, a few pages at a time.
 *
 * @throws TypeError for an argument of the wrong type, or inputs that do not fit together.
 * @throws as `computeOvmfDigest`; `ERR_UNSUPPORTED_FIRMWARE` also for a kernel where the firmware cannot measure one,
 * and for more than one vCPU where it does not say where they begin.
 *
 * Source: AMD 56860, SNP_LAUNCH_START to SNP_LAUNCH_FINISH.
 */
export async function computeLaunchDigest(inputs: LaunchInputs, options: MeasureOptions = {}): Promise<Uint8Array> {
  const job = readJob(options);
  const names = [...MACHINE_INPUTS, ...IMAGE_INPUTS, "vcpus", "features"] as const;
  const read = readOptions(inputs, "inputs", names);
  const vcpus = checkVcpus(read.vcpus, "vcpus");
  const features = featuresOf(read.features, "features");
  const given = readImageInputs(read);
  const { machine } = given;
  const ovmf = await ovmfOf(given, job);
  const start = digestBeforeVcpus({ machine, ovmf }, await hashesOf(given.boot, job), job.digests);
  return digestAt(start, { machine, features, vcpus }, job.digests);
}
