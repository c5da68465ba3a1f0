import type { Evidence } from "../evidence/evidence.js";
import { NO_CHAIN_MEMORY } from "./context.js";
import { NO_CRL_MEMORY } from "./crl-memory.js";
import { createHandle } from "./handle.js";
import { readEvidence } from "./input.js";
import { readCallOptions } from "./options.js";
import { evidenceSteps } from "./program.js";
import { runAsync } from "./steps.js";
import type { VerifiedEvidence, VerifyOptions } from "./types.js";

/**
 * Verifies that genuine AMD firmware signed this report on a chip, or for a provider, that AMD's chain vouches for.
 *
 * In this order: structure, product line, branch (VCEK under ASK, VLEK under ASVK), signatures of the chain under a
 * pinned root, validity at `now`, revocation, certificate against report (TCB, chip), signature of the report.
 *
 * It does NOT say that you want this guest: measurement, debug, TCB floors and freshness (REPORT_DATA) are for
 * `appraise`. Evidence is copied before anything else; nothing is remembered (see `createVerifier`).
 *
 * @throws MalformedError, UnsupportedError, UntrustedError: never accept this evidence
 * @throws CollateralError: a certificate or CRL is missing or out of date; `retryable` says whether to come back
 * @throws TypeError for wrong arguments, unknown option names among them
 */
export async function verifyEvidence(evidence: Evidence, options: VerifyOptions): Promise<VerifiedEvidence> {
  const { settings, now, signal } = readCallOptions(options);
  const context = { settings, now, signal, chains: NO_CHAIN_MEMORY, crls: NO_CRL_MEMORY };
  return createHandle(await runAsync(evidenceSteps(readEvidence(evidence), context), settings.engine, signal));
}
