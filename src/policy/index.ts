/** `attestry/policy`: what to demand of verified evidence, and the verdict. */
export type { BindingSchemeName, ExpectedReportData } from "../binding/expected.js";
export type { AdvisoryAnswer, AdvisoryData, AdvisoryRecord, AdvisoryStatus } from "./advisory-data.js";
export type { AcceptedAppraisal, Appraisal, RejectedAppraisal } from "./appraisal.js";
export { assertAccepted, isAcceptedAppraisal } from "./appraisal.js";
export type { AppraisalInputs } from "./appraise.js";
export { appraise } from "./appraise.js";
export type { Check, CheckedClaim, CheckOutcome, CheckSeverity, Operator, RuleNote, UsedWaiver } from "./check.js";
export type { ClaimName, GuestPolicyFlag, PlatformInfoFlag, Source } from "./claims.js";
export type { DefinePolicyOptions } from "./define.js";
export { definePolicy } from "./define.js";
export type { Json } from "./json.js";
export type { Policy } from "./policy.js";
export type { PolicyDocument, RuleDocument, RuleNoteDocument, SnpBlock, WaiverDocument } from "./schema.js";
export type { CaSummary, EvidenceSummary, RevocationSummary } from "./summary.js";
