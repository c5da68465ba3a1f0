import type { Evidence } from "../evidence/evidence.js";
import { type SyncVerifyOptions, verifyEvidenceWith } from "../verify/sync.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { nodeEngine } from "./engine.js";

export type { P384Signer } from "../crypto/signer.js";
export type { RunningDigest, SyncDigests } from "../crypto/sync-digests.js";
export type { SyncVerifyOptions } from "../verify/sync.js";
export { nodeDigests } from "./digests.js";
export { createDirectorySource } from "./directory-source.js";
export { nodeEngine } from "./engine.js";
export { createFileCache, type FileCacheOptions } from "./file-cache.js";
export { readSevGuestFiles, type SevGuestClaims, type SevGuestFiles } from "./sev-guest.js";
export { type NodeKey, nodeSigner } from "./signer.js";
export type { UndiciTransportOptions } from "./transport-options.js";
export { readTsmReport, type TsmReportClaims } from "./tsm.js";
export { createUndiciTransport, type UndiciTransport } from "./undici-transport.js";

/**
 * `verifyEvidence` at once, on Node's own crypto: the same checks in the same order, without collateral sources.
 *
 * @throws as `verifyEvidence`
 */
export function verifyEvidenceSync(evidence: Evidence, options: SyncVerifyOptions): VerifiedEvidence {
  return verifyEvidenceWith(nodeEngine, evidence, options);
}
