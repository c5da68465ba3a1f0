import type { Evidence } from "./evidence.js";

/**
 * Unverified: what a container held. `evidence` goes to `verifyEvidence`.
 *
 * `claims` are the other things found inside, and nothing vouches for them: a policy that names a binding scheme, and
 * says that a part comes from the evidence, is what makes use of them. A nonce among them is never the nonce to expect.
 */
export interface OpenedEvidence<Claims> {
  readonly evidence: Evidence;
  readonly claims: Claims;
}
