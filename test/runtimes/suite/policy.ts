import {
  type Appraisal,
  type AppraisalInputs,
  appraise,
  assertAccepted,
  bindReportData,
  definePolicy,
  isAcceptedAppraisal,
  type Policy,
  type VerifiedEvidence,
  verifyAttestation,
  verifyEvidence,
} from "attestry";
import { fails, said, same, that } from "./assert.js";
import { type Blobs, bytesOf, evidenceOf, type Input, optionsOf, type PolicyQuestion } from "./input.js";
import type { Case, Suite } from "./suite.js";

/** An appraisal and what went into it. */
export interface Appraised {
  readonly policy: Policy;
  readonly verified: VerifiedEvidence;
  readonly inputs: AppraisalInputs;
  readonly appraisal: Appraisal;
}

/** What a policy makes of its evidence. */
export async function appraised(
  input: Blobs,
  { document, evidence, bound }: Omit<PolicyQuestion, "digest" | "expected">,
): Promise<Appraised> {
  const policy = await definePolicy(document);
  const options = optionsOf(input, evidence);
  const verified = await verifyEvidence(evidenceOf(input, evidence), options);
  const { now } = options;
  if (bound === null) return { policy, verified, inputs: { now }, appraisal: appraise(verified, policy, { now }) };
  const parts = { nonce: bytesOf(bound.nonce), publicKey: bytesOf(bound.publicKey) };
  const inputs = { now, reportData: await bindReportData("attestry-v1", parts) };
  return { policy, verified, inputs, appraisal: appraise(verified, policy, inputs) };
}

function policyCase(input: Input, question: PolicyQuestion): Case {
  const run = async () => {
    const { policy, verified, inputs, appraisal } = await appraised(input, question);
    same(policy.digest, question.digest);
    same(JSON.stringify(appraisal), question.expected);
    const refused = appraisal.verdict === "reject";
    if (refused) same(await said(() => assertAccepted(appraisal)), "ERR_POLICY_REJECTED");
    else assertAccepted(appraisal);
    that(isAcceptedAppraisal(appraisal) === !refused, "an appraisal counts as what its verdict says");
    that(!isAcceptedAppraisal({ ...appraisal }), "a copy of an appraisal is none");
    await fails(() => appraise({ ...verified }, policy, inputs), "TypeError");
    const whole = { ...optionsOf(input, question.evidence), ...inputs, policy };
    same(JSON.stringify(await verifyAttestation(evidenceOf(input, question.evidence), whole)), question.expected);
  };
  return { name: question.name, run };
}

/** Policies are digested, judged and explained as elsewhere. */
export const policySuite: Suite = {
  name: "policy",
  cases: (input) => input.policies.map((question) => policyCase(input, question)),
};
