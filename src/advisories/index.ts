/** `attestry/advisories`: which published weaknesses of the platform a verified report shows to be fixed. */
export type { ByteRange } from "../bytes/layout.js";
export type { AdvisoryData, AdvisoryStatus } from "../policy/advisory-data.js";
export type { Json } from "../policy/json.js";
export type { AdvisoryAssessment, AdvisoryAssessments } from "./assess.js";
export { assessAdvisories } from "./assess.js";
export { ADVISORIES } from "./built-in/data-set.js";
export { ADVISORIES_DIGEST } from "./built-in/digest.js";
export type { DefineAdvisoriesOptions } from "./define.js";
export { defineAdvisories } from "./define.js";
export type { AdvisoryVerdict } from "./judge.js";
export { parseAdvisories } from "./parse.js";
export type { AdvisoryCheck, AdvisoryOutcome } from "./prove.js";
export type { Advisory, AdvisoryDocument, AdvisoryProof, AdvisoryProofKind, ProvableAdvisory } from "./schema.js";
