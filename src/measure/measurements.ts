import { readOptions } from "../bytes/arguments.js";
import { toHex } from "../bytes/codecs.js";
import { checkFeatures, checkVcpus, hashesOf, IMAGE_INPUTS, type ImageInputs, MACHINE_INPUTS } from "./inputs.js";
import { JOB_OPTIONS, jobOf, type MeasureOptions } from "./job.js";
import { digestBeforeVcpus, ovmfOf, readImageInputs } from "./subject.js";
import { digestsAt } from "./vcpu-chain.js";

/** One row of an allow-list. */
export interface Measurement {
  readonly vcpus: number;
  /** SEV_FEATURES as hex with `0x`. */
  readonly features: string;
  /** The launch digest as 96 lower-case hex digits: what a policy's `measurement` lists. */
  readonly measurement: string;
}

/** Which guests `computeMeasurements` computes; an unknown name is a TypeError. */
export interface MeasurementSets extends MeasureOptions {
  /** vCPU counts, each 1 to 4096. */
  vcpus: readonly number[];
  /** SEV_FEATURES. Default `[1]`. */
  features?: readonly number[];
}

type Check = (value: unknown, name: string) => number;

function checkList(list: unknown, name: string, check: Check): readonly number[] {
  if (!Array.isArray(list) || list.length === 0)
    throw new TypeError(`${name} must be an array with at least one number`);
  // Unlike map, it passes over no hole.
  return Array.from(list, (value: unknown, index) => check(value, `${name}[${index}]`));
}

/**
 * The launch digests of a guest for several vCPU counts and SEV_FEATURES: the allow-list of a policy. The images are
 * read once, and n vCPUs cost n small digests whatever counts below n are wanted.
 *
 * @returns a row for each pair, by features and then by count, both in the order given
 * @throws as `computeLaunchDigest`
 */
export async function computeMeasurements(inputs: ImageInputs, sets: MeasurementSets): Promise<Measurement[]> {
  const { vcpus, features = [1], ...options } = readOptions(sets, "sets", [...JOB_OPTIONS, "vcpus", "features"]);
  const job = jobOf(options);
  const counts = checkList(vcpus, "sets.vcpus", checkVcpus);
  const words = checkList(features, "sets.features", checkFeatures);
  const given = readImageInputs(readOptions(inputs, "inputs", [...MACHINE_INPUTS, ...IMAGE_INPUTS]));
  const { machine } = given;
  const ovmf = await ovmfOf(given, job);
  const start = digestBeforeVcpus({ machine, ovmf }, await hashesOf(given.boot, job), job.digests);
  return words.flatMap((word) => {
    const found = digestsAt(start, { machine, features: word, vcpus: counts }, job.digests);
    const hex = `0x${word.toString(16)}`;
    return counts.map((count) => ({
      vcpus: count,
      features: hex,
      measurement: toHex(found.get(count) ?? new Uint8Array(0)),
    }));
  });
}
