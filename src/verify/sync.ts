import { checkNow, readOptions } from "../bytes/arguments.js";
import type { SyncCryptoEngine } from "../crypto/engine.js";
import type { Evidence } from "../evidence/evidence.js";
import { NO_CHAIN_MEMORY } from "./context.js";
import { NO_CRL_MEMORY } from "./crl-memory.js";
import { createHandle } from "./handle.js";
import { readEvidence } from "./input.js";
import { readSettings } from "./options.js";
import { evidenceSteps } from "./program.js";
import { runSync } from "./steps.js";
import type { VerifiedEvidence, VerifyOptions } from "./types.js";

/** Options of the synchronous entries: without what has to be waited for. */
export type SyncVerifyOptions = Omit<VerifyOptions, "collateral" | "engine" | "signal">;

/** `verifyEvidence` at once, with an engine that answers at once. */
export function verifyEvidenceWith(
  engine: SyncCryptoEngine,
  evidence: Evidence,
  options: SyncVerifyOptions,
): VerifiedEvidence {
  const raw = readOptions(options, "options", ["now", "revocation", "anchors", "productLine", "allowMaskedChipId"]);
  const settings = readSettings({ ...raw, engine, collateral: undefined });
  const now = checkNow(raw.now, "options.now");
  const context = { settings, now, signal: undefined, chains: NO_CHAIN_MEMORY, crls: NO_CRL_MEMORY };
  return createHandle(runSync(evidenceSteps(readEvidence(evidence), context), engine));
}
