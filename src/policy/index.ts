/** `attestry/policy`: what to demand of verified evidence, and the verdict. */
export type { BindingSchemeName, ExpectedReportData } from "../binding/expected.js";
export type { AcceptedAppraisal, Appraisal, RejectedAppraisal } from "./appraisal.js";
export { assertAccepted, isAcceptedAppraisal } from "./appraisal.js";
export type { AppraisalInputs } from "./appraise.js";
export { appraise } from "./appraise.js";
export type { Check, CheckOutcome, CheckSeverity, Operator, RuleNote } from "./check.js";
export type { ClaimName, GuestPolicyFlag, PlatformInfoFlag, Source } from "./claims.js";
export type { DefinePolicyOptions } from "./define.js";
export { definePolicy } from "./define.js";
export type { Json } from "./json.js";
export type { Policy } from "./policy.js";
export type { PolicyDocument, RuleDocument, RuleNoteDocument, SnpBlock } from "./schema.js";
export type { CaSummary, EvidenceSummary, RevocationSummary } from "./summary.js";
