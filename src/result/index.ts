/** `attestry/result`: an appraisal as a signed token (EAR), and what it takes to rely on one. */
export type { KeyForm, ResultAdvisories, ResultBinding, ResultClaims, ResultWaiver } from "./claims.js";
export type { ResultProfile } from "./profile.js";
export type { TrustClaim, TrustVector } from "./vector.js";
export type { VerifiedResult } from "./verified-result.js";
export { isVerifiedResult } from "./verified-result.js";
