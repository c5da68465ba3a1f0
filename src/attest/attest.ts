import { assertExpectedReportData, type ExpectedReportData } from "../binding/expected.js";
import { checkNow, readOptions } from "../bytes/arguments.js";
import type { Evidence } from "../evidence/evidence.js";
import type { Appraisal } from "../policy/appraisal.js";
import { type AppraisalInputs, appraise } from "../policy/appraise.js";
import { assertPolicy, type Policy } from "../policy/policy.js";
import { verifyEvidence } from "../verify/evidence.js";
import { SETTING_NAMES } from "../verify/options.js";
import type { VerifyOptions } from "../verify/types.js";

/** Options of `verifyAttestation`: those of `verifyEvidence`, the policy, and what REPORT_DATA must be. */
export interface AttestOptions extends VerifyOptions {
  policy: Policy;
  /** The answer of `bindReportData`. A policy that names a scheme refuses without it. */
  reportData?: ExpectedReportData;
}

/**
 * The verdict of a policy on evidence: `verifyEvidence`, then `appraise` at the same `now`.
 *
 * A policy that refuses is an answer (`verdict: "reject"`) and no error; see `assertAccepted`. Evidence that does not
 * verify is an error. Policy and expectation are checked before anything is verified.
 *
 * @throws MalformedError, UnsupportedError, UntrustedError, CollateralError as `verifyEvidence` does
 * @throws TypeError for wrong arguments, unknown option names among them
 */
export async function verifyAttestation(evidence: Evidence, options: AttestOptions): Promise<Appraisal> {
  const names = ["policy", "reportData", "now", "signal", ...SETTING_NAMES] as const;
  const { policy, reportData, ...rest } = readOptions(options, "options", names);
  const now = checkNow(rest.now, "options.now");
  assertPolicy(policy);
  if (reportData !== undefined) assertExpectedReportData(reportData);
  // Each option was read once, above; verifyEvidence judges the values.
  const verified = await verifyEvidence(evidence, { ...rest, now: new Date(now) } as VerifyOptions);
  // The two assertions above have just found both to be what the types say.
  const inputs = { now: new Date(now), reportData } as AppraisalInputs;
  return appraise(verified, policy as Policy, inputs);
}
