import {
  type Appraisal,
  appraise,
  bindReportData,
  type Evidence,
  type ExpectedReportData,
  type Policy,
  UntrustedError,
} from "attestry";
import type { VerifiedChallenge } from "attestry/challenge";
import type * as v from "valibot";
import type { AppConfig } from "../config.js";
import { fromBase64Url, toHex } from "../http/encoding.js";
import type { AppraisalAnswer, AppraisalRequest } from "../http/schemas.js";
import { openEvidence } from "./evidence-types.js";
import { challengeOf, policyOf } from "./policies.js";

/** Evidence that answers a challenge of ours, ready to be judged. */
export interface Submission {
  readonly policy: Policy;
  readonly challenge: VerifiedChallenge;
  readonly evidence: Evidence;
  /** What REPORT_DATA must be: nonce and key, by one scheme. */
  readonly reportData: ExpectedReportData;
}

/** A request with evidence: its policy is ours and as it was, its challenge is ours and in its time. */
export async function readSubmission(
  config: AppConfig,
  request: v.InferOutput<typeof AppraisalRequest>,
): Promise<Submission> {
  const policy = policyOf(config, request.policy);
  const challenge = await challengeOf(config, policy, fromBase64Url(request.nonce));
  const evidence = await openEvidence(request.evidence.type, fromBase64Url(request.evidence.data));
  const publicKey = fromBase64Url(request.publicKey);
  // The key is the guest's own word, like all of its evidence; the policy has to say that it may be.
  const options = { engine: config.engine, fromEvidence: ["publicKey"] } as const;
  const reportData = await bindReportData("attestry-v1", { nonce: challenge.nonce, publicKey }, options);
  return { policy, challenge, evidence, reportData };
}

/** A verdict, and whose it is. */
export interface Judged {
  readonly appraisal: Appraisal;
  /** Hex of CHIP_ID: zeros where the host masks it. */
  readonly chipId: string;
}

/**
 * The policy's verdict on evidence that holds.
 *
 * @throws what `verify` throws for evidence that does not
 */
export async function judge(config: AppConfig, submission: Submission): Promise<Judged> {
  const { policy, evidence, reportData } = submission;
  const verified = await config.verifier.verify(evidence);
  const appraisal = appraise(verified, policy, { now: config.clock(), reportData, advisories: config.advisories });
  return { appraisal, chipId: toHex(verified.report.chipId) };
}

type Answer = v.InferOutput<typeof AppraisalAnswer>;

function described({ id, digest }: Policy): Answer["policy"] {
  return { id, digest };
}

/** Evidence that does not hold is an answer as well: rejected, with nothing to sign. */
function untrusted(policy: Policy, { code, message }: UntrustedError): Answer {
  const reasons = [{ code, pointer: null, text: message }];
  return { verdict: "reject", policy: described(policy), reasons, checks: [], token: null };
}

function answerOf(policy: Policy, appraisal: Appraisal, token: string): Answer {
  return {
    verdict: appraisal.verdict,
    policy: described(policy),
    reasons: appraisal.failures.map(({ id, pointer, reason }) => ({ code: id, pointer, text: reason })),
    checks: appraisal.checks.map(({ id, pointer, outcome, severity, reason }) => {
      return { id, pointer, outcome, severity, reason };
    }),
    token,
  };
}

/** The verdict on evidence, signed where there is one to sign, and what led to it. The challenge is not spent. */
export async function answerAppraisal(
  config: AppConfig,
  submission: Submission,
): Promise<{ readonly answer: Answer; readonly chipId: string | null }> {
  const { policy, challenge } = submission;
  try {
    const { appraisal, chipId } = await judge(config, submission);
    const token = await config.results.issue(appraisal, challenge.nonce);
    return { answer: answerOf(policy, appraisal, token), chipId };
  } catch (error) {
    if (error instanceof UntrustedError) return { answer: untrusted(policy, error), chipId: null };
    throw error;
  }
}
