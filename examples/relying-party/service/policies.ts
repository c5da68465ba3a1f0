import type { Policy } from "attestry";
import type { VerifiedChallenge } from "attestry/challenge";
import type { AppConfig } from "../config.js";
import { Refusal } from "../http/refusal.js";

/** The policy of that name, as it is now. @throws Refusal ERR_REQUEST_POLICY */
export function policyNamed({ policies }: AppConfig, id: string): Policy {
  const policy = policies().get(id);
  if (policy !== undefined) return policy;
  throw new Refusal("ERR_REQUEST_POLICY", `there is no policy ${JSON.stringify(id)}`);
}

/**
 * The policy that a client was told of together with its challenge.
 *
 * @throws Refusal ERR_REQUEST_POLICY; ERR_REQUEST_POLICY_CHANGED where it says something else by now
 */
export function policyOf(config: AppConfig, told: { readonly id: string; readonly digest: string }): Policy {
  const policy = policyNamed(config, told.id);
  if (policy.digest === told.digest) return policy;
  throw new Refusal("ERR_REQUEST_POLICY_CHANGED", `the policy ${JSON.stringify(told.id)} has changed`);
}

/** A challenge that some copy of this service issued for the policy as it is now. @throws ChallengeError */
export function challengeOf(config: AppConfig, policy: Policy, nonce: Uint8Array): Promise<VerifiedChallenge> {
  return config.challenger.verify(nonce, { audience: config.name, policyDigest: policy.digest });
}
