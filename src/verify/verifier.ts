import { checkNow, readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import type { Evidence } from "../evidence/evidence.js";
import { createChainMemory } from "./chain-memory.js";
import { createCrlMemory } from "./crl-memory.js";
import { createHandle } from "./handle.js";
import { readEvidence } from "./input.js";
import { readSettings, readSignal, SETTING_NAMES } from "./options.js";
import { evidenceSteps } from "./program.js";
import { runAsync } from "./steps.js";
import type { VerifiedEvidence, VerifyOptions } from "./types.js";

const DEFAULT_MAX_CHAINS = 1000;
const CALL_NAMES = ["now", "signal"] as const;

/** Options of `createVerifier`: those of `verifyEvidence`, with a clock in place of a time. */
export type VerifierOptions = Omit<VerifyOptions, "now" | "signal"> & {
  /** Asked once for each verification. */
  now: () => Date;
  /** How many chains are remembered at the most, about 13 kB each; default 1000. */
  maxChains?: number;
};

/** A verifier with a memory of chains and revocation lists. */
export interface Verifier {
  /** As `verifyEvidence`, at the verifier's clock unless a time is given. */
  verify(evidence: Evidence, options?: { now?: Date; signal?: AbortSignal }): Promise<VerifiedEvidence>;
}

/**
 * A verifier for many reports. It remembers chains that it walked and the newest CRL of each root, so that the second
 * report of a chip costs one P-384 verification.
 *
 * It remembers no verdict: validity, revocation, binding and the report's signature are judged at every call. A CRL
 * with a lower number than one it has seen is refused. The memory is the verifier's own and is gone with it.
 *
 * @throws TypeError for wrong options
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const raw = readOptions(options, "options", ["now", "maxChains", ...SETTING_NAMES]);
  const settings = readSettings(raw);
  const clock = readClock(raw.now);
  const memory = { chains: createChainMemory(readMaxChains(raw.maxChains)), crls: createCrlMemory() };
  return Object.freeze({
    async verify(evidence: Evidence, call: { now?: Date; signal?: AbortSignal } = {}): Promise<VerifiedEvidence> {
      const given = readOptions(call, "options", CALL_NAMES);
      const now = checkNow(given.now === undefined ? clock() : given.now, "options.now");
      const signal = readSignal(given.signal);
      const context = { settings, now, signal, ...memory };
      return createHandle(await runAsync(evidenceSteps(readEvidence(evidence), context), settings.engine, signal));
    },
  });
}

function readClock(value: unknown): () => unknown {
  if (typeof value !== "function") throw new TypeError("options.now must be a function that returns the present Date");
  return () => value();
}

function readMaxChains(value: unknown): number {
  if (value === undefined) return DEFAULT_MAX_CHAINS;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1) return value;
  throw new TypeError(`options.maxChains must be a whole number of at least 1, found ${textOf(value)}`);
}
