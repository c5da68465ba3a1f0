import type { Evidence } from "../evidence/evidence.js";
import { type SyncVerifyOptions, verifyEvidenceWith } from "../verify/sync.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { nobleEngine } from "./engine.js";

export type { P384Signer } from "../crypto/signer.js";
export type { SyncVerifyOptions } from "../verify/sync.js";
export { nobleEngine } from "./engine.js";
export { nobleSigner } from "./signer.js";

/**
 * `verifyEvidence` at once, in JavaScript alone: the same checks in the same order, without collateral sources.
 *
 * @throws as `verifyEvidence`
 */
export function verifyEvidenceSync(evidence: Evidence, options: SyncVerifyOptions): VerifiedEvidence {
  return verifyEvidenceWith(nobleEngine, evidence, options);
}
