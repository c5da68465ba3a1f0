import { readOptions, viewBytes } from "../bytes/arguments.js";
import { equalBytes, toHex } from "../bytes/codecs.js";
import { isAttestationError } from "../errors.js";
import { bootVariants, featureVariants, type MismatchChange, machineVariants } from "./explain-causes.js";
import {
  checkVcpus,
  featuresOf,
  hashesOf,
  IMAGE_INPUTS,
  type LaunchInputs,
  MACHINE_INPUTS,
  type Machine,
} from "./inputs.js";
import { assertGoing, JOB_OPTIONS, type Job, jobOf, type MeasureOptions } from "./job.js";
import type { KernelHashes } from "./kernel-hashes.js";
import type { OvmfDigest } from "./ovmf-digest.js";
import { DIGEST_BYTES } from "./pages.js";
import { digestBeforeVcpus, ovmfOf, readImageInputs } from "./subject.js";
import { addVcpus, type VcpuStart } from "./vcpu-chain.js";

/** Options of `explainMismatch`; an unknown name is a TypeError. */
export interface ExplainOptions extends MeasureOptions {
  /** vCPU counts are tried from 1 to here. Default 256. */
  maxVcpus?: number;
  /** The most digests to compute once the images have been read. Default 150,000: enough for all guesses up to 256 vCPUs. */
  budget?: number;
}

/** What `explainMismatch` found; JSON as it stands. */
export interface MismatchExplanation {
  /** `match`: the inputs give the digest. `explained`: with `changes` they do. `unexplained`: no guess does. */
  readonly outcome: "match" | "explained" | "unexplained";
  /** The measured digest, in hex. */
  readonly actual: string;
  /** The digest of the inputs, in hex; null where they give none. */
  readonly computed: string | null;
  /** The fewest differences that give the measured digest; empty for a match and where nothing was found. */
  readonly changes: readonly MismatchChange[];
  /** How many launches were compared. */
  readonly tried: number;
  /** How many digests that took. */
  readonly digests: number;
  /** How many it could have taken. */
  readonly budget: number;
  /** True where the budget ended the search before all launches were tried. */
  readonly exhausted: boolean;
}

const DEFAULT_MAX_VCPUS = 256;
const DEFAULT_BUDGET = 150_000;

/** A launch to try, but for its vCPU count. */
interface Candidate {
  readonly machine: Machine;
  readonly features: number;
  readonly hashes: KernelHashes | null;
  readonly changes: readonly MismatchChange[];
}

interface Search {
  readonly actual: Uint8Array;
  readonly ovmf: OvmfDigest;
  readonly given: { readonly vcpus: number; readonly features: number };
  readonly maxVcpus: number;
  readonly budget: number;
  readonly job: Job;
}

interface Tally {
  tried: number;
  digests: number;
  exhausted: boolean;
  computed: string | null;
  best: readonly MismatchChange[] | null;
}

/** The launch digest before the vCPUs, or null for a kernel that this firmware cannot measure. */
function startOf({ ovmf, job }: Search, { machine, hashes }: Candidate): VcpuStart | null {
  try {
    return digestBeforeVcpus({ machine, ovmf }, hashes, job.digests);
  } catch (error) {
    // A launch that cannot be is no explanation, and no reason to stop looking.
    if (isAttestationError(error, "ERR_UNSUPPORTED_FIRMWARE") || isAttestationError(error, "ERR_MALFORMED_FIRMWARE")) {
      return null;
    }
    throw error;
  }
}

/** Counts digests that are about to be computed, as far as the budget has them. */
function take(tally: Tally, { budget }: Search, digests: number): boolean {
  if (tally.digests + digests > budget) tally.exhausted = true;
  else tally.digests += digests;
  return !tally.exhausted;
}

/** Starts are shared by candidates that differ in their vCPUs alone. */
function startsOf(search: Search, tally: Tally): (candidate: Candidate) => VcpuStart | null {
  const known = new Map<string, VcpuStart | null>();
  const pages = search.ovmf.sections.reduce((sum, { size }) => sum + size / 4096, 1);
  return (candidate) => {
    const { machine, hashes } = candidate;
    const key = JSON.stringify([machine.vmm, hashes]);
    const found = known.get(key);
    if (found !== undefined) return found;
    if (!take(tally, search, pages)) return null;
    const start = startOf(search, candidate);
    known.set(key, start);
    return start;
  };
}

function vcpuChange(given: number, measured: number): MismatchChange {
  const advice = "the guest was launched with another vCPU count, and each has its digest; list those that you run";
  return { cause: "vcpus", given: String(given), measured: String(measured), advice };
}

/** Adds vCPUs until the digest is found, or there are enough; the answer is how many. */
function countOf(search: Search, tally: Tally, launch: { candidate: Candidate; start: VcpuStart }): number | null {
  const { candidate, start } = launch;
  const most = start.resetVector === null ? 1 : search.maxVcpus;
  const vcpus = addVcpus(start, candidate, search.job.digests);
  // The digest of the inputs as they are is told, so that launch goes on to its count.
  const least = candidate.changes.length === 0 ? search.given.vcpus : 1;
  let count: number | null = null;
  // The contents of the first and of the other save areas.
  if (!take(tally, search, 2)) return null;
  while (vcpus.vcpus < most && (count === null || vcpus.vcpus < least)) {
    if (!take(tally, search, 1)) return count;
    vcpus.add();
    tally.tried++;
    const digest = vcpus.chain.digest();
    if (candidate.changes.length === 0 && vcpus.vcpus === search.given.vcpus) tally.computed = toHex(digest);
    if (equalBytes(digest, search.actual)) count = vcpus.vcpus;
  }
  return count;
}

async function look(candidates: readonly Candidate[], search: Search, tally: Tally): Promise<void> {
  const startFor = startsOf(search, tally);
  for (const candidate of candidates) {
    // The candidates rise by their changes: from here on none can be better.
    if (tally.exhausted || (tally.best !== null && candidate.changes.length >= tally.best.length)) return;
    await search.job.onProgress?.({ part: "search", done: tally.digests, total: search.budget });
    assertGoing(search.job);
    const start = startFor(candidate);
    if (start === null) continue;
    const count = countOf(search, tally, { candidate, start });
    if (count === null) continue;
    const { vcpus } = search.given;
    const changes = count === vcpus ? candidate.changes : [...candidate.changes, vcpuChange(vcpus, count)];
    if (tally.best === null || changes.length < tally.best.length) tally.best = changes;
  }
}

function limit(value: unknown, name: string, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw new TypeError(`options.${name} must be a whole number above 0`);
}

function resultOf({ actual, budget }: Search, tally: Tally): MismatchExplanation {
  const { tried, digests, exhausted, computed, best } = tally;
  const found = best?.length === 0 ? "match" : "explained";
  return {
    outcome: best === null ? "unexplained" : found,
    actual: toHex(actual),
    computed,
    changes: best ?? [],
    tried,
    digests,
    budget,
    exhausted,
  };
}

/**
 * Says which change of the inputs gives a measured launch digest, by trying the usual ones: other SEV_FEATURES, the
 * kernel's hashes not measured, no initrd, another end of the command line, another CPU model, another VMM, registers
 * that hosts are known to set differently, and 1 to `maxVcpus` vCPUs; alone first, then together.
 *
 * The images are read once; `onProgress` is told of the search as well, between launches, and may abort it. What is
 * found is a guess that fits, not evidence: it says how such a digest comes about, and not that it should be trusted.
 * All of `changes` together give it.
 *
 * @param actual - MEASUREMENT of the report, 48 bytes
 * @throws as `computeLaunchDigest`, but not for a kernel that the firmware cannot measure
 */
export async function explainMismatch(
  actual: Uint8Array,
  inputs: LaunchInputs,
  options: ExplainOptions = {},
): Promise<MismatchExplanation> {
  const { maxVcpus, budget, ...rest } = readOptions(options, "options", [...JOB_OPTIONS, "maxVcpus", "budget"]);
  const job = jobOf(rest);
  const wanted = viewBytes(actual, "actual").slice();
  if (wanted.length !== DIGEST_BYTES) throw new TypeError(`actual must be ${DIGEST_BYTES} bytes`);
  const read = readOptions(inputs, "inputs", [...MACHINE_INPUTS, ...IMAGE_INPUTS, "vcpus", "features"]);
  const given = { vcpus: checkVcpus(read.vcpus, "vcpus"), features: featuresOf(read.features, "features") };
  const most = Math.max(given.vcpus, checkVcpus(limit(maxVcpus, "maxVcpus", DEFAULT_MAX_VCPUS), "options.maxVcpus"));
  const search = { actual: wanted, given, maxVcpus: most, budget: limit(budget, "budget", DEFAULT_BUDGET), job };
  const subject = readImageInputs(read);
  const ovmf = await ovmfOf(subject, job);
  const boots = bootVariants({ boot: subject.boot, hashes: await hashesOf(subject.boot, job) }, job.digests);
  const candidates = machineVariants(subject.machine).flatMap((machine) =>
    featureVariants(given.features).flatMap((features) =>
      boots.map((boot) => ({
        machine: machine.value,
        features: features.value,
        hashes: boot.value,
        changes: [...machine.changes, ...features.changes, ...boot.changes],
      })),
    ),
  );
  const tally: Tally = { tried: 0, digests: 0, exhausted: false, computed: null, best: null };
  const rising = [...candidates].sort((a, b) => a.changes.length - b.changes.length);
  await look(rising, { ...search, ovmf }, tally);
  return resultOf({ ...search, ovmf }, tally);
}
