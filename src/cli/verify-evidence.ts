import { verifyEvidence } from "../verify/evidence.js";
import type { RevocationMode, VerifiedEvidence, VerifyOptions } from "../verify/types.js";
import { readAnchors } from "./certificates.js";
import { type Container, readEvidence } from "./evidence-input.js";
import type { EvidencePlan } from "./evidence-plan.js";
import type { CliIo } from "./io.js";
import { withKds } from "./kds.js";
import { checkVerifyOptions } from "./verify-options.js";

/** Where evidence comes from, and how hard revocation is insisted on. */
export interface VerificationPlan extends EvidencePlan {
  readonly revocation: RevocationMode;
}

/** Verified evidence, and the container that it came in. */
export interface VerifiedInput {
  readonly container: Container;
  readonly verified: VerifiedEvidence;
}

/** The options of a verification. The time is read here, once, so that everything is judged by the same one. */
export async function optionsOf(io: CliIo, plan: VerificationPlan): Promise<VerifyOptions> {
  const anchors = plan.anchors === undefined ? {} : { anchors: await readAnchors(io, plan.anchors) };
  const productLine = plan.productLine === undefined ? {} : { productLine: plan.productLine };
  return checkVerifyOptions({ now: plan.at ?? io.now(), revocation: plan.revocation, ...anchors, ...productLine });
}

/** Reads the evidence and verifies it; a key server is asked where the plan names one. */
export async function verifyInput(io: CliIo, plan: VerificationPlan, options: VerifyOptions): Promise<VerifiedInput> {
  const { container, evidence } = await readEvidence(io, plan);
  const verified = await withKds(io, { kds: plan.kds, anchors: options.anchors }, (kds) =>
    verifyEvidence(evidence, kds === undefined ? options : { ...options, collateral: kds.source }),
  );
  return { container, verified };
}
