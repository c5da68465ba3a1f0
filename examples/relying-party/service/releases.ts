import { type AcceptedAppraisal, assertAccepted, type Policy } from "attestry";
import type { VerifiedChallenge } from "attestry/challenge";
import { type SealedAs, type SealFormat, sealTo } from "attestry/release";
import type { VerifiedResult } from "attestry/result";
import type * as v from "valibot";
import type { AppConfig } from "../config.js";
import { fromBase64Url } from "../http/encoding.js";
import { Refusal } from "../http/refusal.js";
import type { PassportRequest, ReleaseRequest } from "../http/schemas.js";
import { judge, readSubmission } from "./appraisals.js";
import { challengeOf, policyOf } from "./policies.js";

/** Someone to whom a secret may be sealed, and the challenge that they answered. */
export interface Recipient {
  readonly policy: Policy;
  readonly challenge: VerifiedChallenge;
  readonly recipient: AcceptedAppraisal | VerifiedResult;
  /** Hex; null where a token came, since a result token of ours does not name the chip. */
  readonly chipId: string | null;
}

/** Passport: another copy, or this one at another time, has judged the evidence, and signed what it found. */
async function fromToken(config: AppConfig, request: v.InferOutput<typeof PassportRequest>): Promise<Recipient> {
  const policy = policyOf(config, request.policy);
  const challenge = await challengeOf(config, policy, fromBase64Url(request.nonce));
  const recipient = await config.results.verify(request.token, { policyDigest: policy.digest, nonce: challenge.nonce });
  return { policy, challenge, recipient, chipId: null };
}

/** Either shape of a request, judged. @throws what the library throws for whoever is to be refused */
export async function readRecipient(
  config: AppConfig,
  request: v.InferOutput<typeof ReleaseRequest>,
): Promise<Recipient> {
  if ("token" in request) return fromToken(config, request);
  // Background check: the evidence itself comes to whoever releases.
  const submission = await readSubmission(config, request);
  const { appraisal: recipient, chipId } = await judge(config, submission);
  config.metrics.verdict(submission.policy.id, recipient.verdict, recipient.failures[0]?.id ?? "none");
  assertAccepted(recipient);
  return { policy: submission.policy, challenge: submission.challenge, recipient, chipId };
}

/**
 * The policy's secret, sealed to the one key that the evidence binds.
 *
 * The challenge is spent before anything is sealed: whatever happens afterwards, nobody gets an answer to it again.
 *
 * @throws Refusal ERR_SERVICE_NO_SECRET; ChallengeError, ReleaseError
 */
export async function sealSecret<Format extends SealFormat>(
  config: AppConfig,
  { policy, challenge, recipient }: Recipient,
  format: Format,
): Promise<SealedAs[Format]> {
  const secret = config.secrets.get(policy.id);
  if (secret === undefined) {
    throw new Refusal("ERR_SERVICE_NO_SECRET", `nothing is deposited for ${JSON.stringify(policy.id)}`);
  }
  await config.challenger.spend(challenge);
  const sealed = await sealTo(recipient, secret, { challenge, format, now: config.clock() });
  config.metrics.released(policy.id);
  return sealed;
}
