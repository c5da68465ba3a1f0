import { assertExpectedReportData, type ExpectedReportData } from "../binding/expected.js";
import { checkNow, readOptions } from "../bytes/arguments.js";
import type { Evidence } from "../evidence/evidence.js";
import { type AdvisoryData, assertAdvisoryData } from "../policy/advisory-data.js";
import type { Appraisal } from "../policy/appraisal.js";
import { type AppraisalInputs, appraise } from "../policy/appraise.js";
import { assertPolicy, type Policy } from "../policy/policy.js";
import { verifyEvidence } from "../verify/evidence.js";
import { SETTING_NAMES } from "../verify/options.js";
import type { VerifyOptions } from "../verify/types.js";

/** Options of `verifyAttestation`: those of `verifyEvidence`, the policy, and its inputs. */
export interface AttestOptions extends VerifyOptions {
  policy: Policy;
  /** The answer of `bindReportData`. A policy that names a scheme refuses without it. */
  reportData?: ExpectedReportData;
  /** What is known of advisories. A policy that asks for fixed ones refuses without it. */
  advisories?: AdvisoryData;
}

/**
 * The verdict of a policy on evidence: `verifyEvidence`, then `appraise` at the same `now`.
 *
 * A policy that refuses is an answer (`verdict: "reject"`) and no error; see `assertAccepted`. Evidence that does not
 * verify is an error. Policy and inputs are checked before anything is verified.
 *
 * @throws MalformedError, UnsupportedError, UntrustedError, CollateralError as `verifyEvidence` does
 * @throws TypeError for wrong arguments, unknown option names among them
 */
export async function verifyAttestation(evidence: Evidence, options: AttestOptions): Promise<Appraisal> {
  const names = ["policy", "reportData", "advisories", "now", "signal", ...SETTING_NAMES] as const;
  const { policy, reportData, advisories, ...rest } = readOptions(options, "options", names);
  const now = checkNow(rest.now, "options.now");
  assertPolicy(policy);
  if (reportData !== undefined) assertExpectedReportData(reportData);
  if (advisories !== undefined) assertAdvisoryData(advisories);
  // Each option was read once, above; verifyEvidence judges the values.
  const verified = await verifyEvidence(evidence, { ...rest, now: new Date(now) } as VerifyOptions);
  // The assertions above have just found all three to be what the types say.
  const inputs = { now: new Date(now), reportData, advisories } as AppraisalInputs;
  return appraise(verified, policy as Policy, inputs);
}
