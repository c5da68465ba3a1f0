import { assertVerified } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { CLAIM_NAMES, type ClaimName, labelOf } from "./claims.js";
import type { Json } from "./json.js";
import { viewOf } from "./record-view.js";

/** A claim in which two pieces of evidence differ: frozen and JSON-safe. */
export interface ClaimDifference {
  readonly claim: ClaimName;
  /** AMD's name for it, where AMD has one. */
  readonly label: string;
  readonly a: Json;
  readonly b: Json;
}

/**
 * The claims in which two pieces of verified evidence differ, in the order in which results list claims; none where a
 * policy could not tell them apart but by time and the validity of certificates.
 *
 * @throws TypeError for anything that `verifyEvidence` did not make.
 */
export function diffReports(a: VerifiedEvidence, b: VerifiedEvidence): readonly ClaimDifference[] {
  const { claims: left } = viewOf(assertVerified(a)).evidence();
  const { claims: right } = viewOf(assertVerified(b)).evidence();
  const different = CLAIM_NAMES.filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
  return Object.freeze(
    different.map((claim) => Object.freeze({ claim, label: labelOf(claim), a: left[claim], b: right[claim] })),
  );
}
