import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { checkDigests, type SyncDigests } from "../crypto/sync-digests.js";
import { CollateralError } from "../errors.js";
import { nobleDigests } from "./noble-digests.js";

/** Which input is being read; `search` is what `explainMismatch` does after that. */
export type MeasuredPart = "firmware" | "svsm" | "kernel" | "initrd" | "igvm" | "search";

/** How far reading has come. */
export interface MeasureProgress {
  readonly part: MeasuredPart;
  /** Bytes read; of an IGVM file headers taken, of a search digests computed. */
  readonly done: number;
  /** How many there are, for a search at most; null for a stream, which does not say. */
  readonly total: number | null;
}

/** Options of the functions that read images; an unknown name is a TypeError. */
export interface MeasureOptions {
  /** Who computes digests. Default: JavaScript alone; on Node `nodeDigests` of `attestry/node` is much faster. */
  digests?: SyncDigests;
  /** Ends the work with `ERR_COLLATERAL_ABORTED`; looked at between chunks of at most 256 KiB. */
  signal?: AbortSignal;
  /** Told after each chunk. What it returns is awaited, so it can let other work go first. */
  onProgress?: (progress: MeasureProgress) => void | Promise<void>;
}

/** The options, read. */
export interface Job {
  readonly digests: SyncDigests;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: MeasureProgress) => unknown) | undefined;
}

/** The names of `MeasureOptions`. */
export const JOB_OPTIONS = ["digests", "signal", "onProgress"] as const;

function checkSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "object" && value !== null && "aborted" in value) {
    // Any realm's signal; nothing of it is used but `aborted` and `reason`.
    return value as AbortSignal;
  }
  throw new TypeError("options.signal must be an AbortSignal");
}

function checkProgress(value: unknown): Job["onProgress"] {
  if (value === undefined) return undefined;
  if (typeof value !== "function") throw new TypeError("options.onProgress must be a function");
  return (progress) => Reflect.apply(value, undefined, [progress]);
}

/** The digests of an options object that was read. @throws TypeError for what are none. */
export function digestsOf(value: unknown): SyncDigests {
  return value === undefined ? nobleDigests : checkDigests(value, "options.digests");
}

/** @param read - an options object as `readOptions` left it */
export function jobOf(read: Readonly<Record<(typeof JOB_OPTIONS)[number], unknown>>): Job {
  return {
    digests: digestsOf(read.digests),
    signal: checkSignal(read.signal),
    onProgress: checkProgress(read.onProgress),
  };
}

/** @throws TypeError for an unknown option or one of the wrong type. */
export function readJob(options: unknown): Job {
  return jobOf(readOptions(options, "options", JOB_OPTIONS));
}

/** @throws CollateralError `ERR_COLLATERAL_ABORTED` when the signal has fired. */
export function assertGoing({ signal }: Job): void {
  if (signal?.aborted !== true) return;
  const reason = textOf(signal.reason);
  throw new CollateralError(
    "ERR_COLLATERAL_ABORTED",
    `the caller's signal ended the measuring: ${reason}; there is no digest`,
    { reason },
    { cause: signal.reason, retryable: true },
  );
}
