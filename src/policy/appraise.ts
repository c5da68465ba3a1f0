import { assertExpectedReportData, type ExpectedReportData } from "../binding/expected.js";
import { checkNow, readOptions } from "../bytes/arguments.js";
import { assertVerified } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { type AdvisoryData, assertAdvisoryData } from "./advisory-data.js";
import { type Appraisal, createAppraisal } from "./appraisal.js";
import type { Subject } from "./check.js";
import { isoText } from "./json.js";
import { judge } from "./judge.js";
import { assertPolicy, type Policy } from "./policy.js";
import { viewOf } from "./record-view.js";

/** What an appraisal needs besides evidence and policy; an unknown name is a TypeError. */
export interface AppraisalInputs {
  /** The time to judge by. */
  now: Date;
  /** What REPORT_DATA must be: the answer of `bindReportData`. A policy that names a scheme refuses without it. */
  reportData?: ExpectedReportData;
  /** What is known of advisories. A policy that asks for fixed ones refuses without it. */
  advisories?: AdvisoryData;
}

function readSubject(verified: unknown, inputs: unknown): Subject {
  const record = assertVerified(verified);
  const { now, reportData, advisories } = readOptions(inputs, "inputs", ["now", "reportData", "advisories"]);
  const expectedReportData = reportData === undefined ? null : assertExpectedReportData(reportData);
  const time = checkNow(now, "inputs.now");
  const data = advisories === undefined ? null : assertAdvisoryData(advisories);
  const { claims } = viewOf(record);
  return { record, claims, now: time, nowText: isoText(time), expectedReportData, advisories: data };
}

/**
 * The verdict of a policy on verified evidence: every check is run and listed, also after one has failed.
 *
 * Pure, synchronous and total: no network, no clock but `inputs.now`, no cryptography. It reads what `verifyEvidence`
 * recorded and never the properties of the handle. Not checked: that a nonce was fresh, which only its maker knows.
 *
 * @throws TypeError for wrong arguments alone: what verifyEvidence, definePolicy, bindReportData or the reader of
 * advisories did not make, an unknown input, a `now` that is no time of this century.
 */
export function appraise(verified: VerifiedEvidence, policy: Policy, inputs: AppraisalInputs): Appraisal {
  const subject = readSubject(verified, inputs);
  const { id, digest, compiled } = assertPolicy(policy);
  const judgement = judge(compiled, subject);
  return createAppraisal(judgement, subject, { id, digest });
}
