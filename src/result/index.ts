/** `attestry/result`: an appraisal as a signed token (EAR), and what it takes to rely on one. */
export type { WebCryptoKey } from "../crypto/web-crypto-key.js";
export type { KeyJwk, ResultAlgorithm } from "./algorithms.js";
export type { KeyForm, ResultAdvisories, ResultBinding, ResultClaims, ResultWaiver } from "./claims.js";
export type { IssueOptions } from "./issue.js";
export { issueResult } from "./issue.js";
export type { KeyRequest, KeySource, KeySourceOptions, KeyTransport } from "./key-source.js";
export { createKeySource } from "./key-source.js";
export type { VerificationKey } from "./keys.js";
export type { ResultProfile } from "./profile.js";
export type { IssuerKey, NamedIssuerKey, ResultSigner } from "./sign.js";
export type { AdvisoryChoice } from "./trust-rules.js";
export type { TrustClaim, TrustVector } from "./vector.js";
export type { VerifiedResult } from "./verified-result.js";
export { isVerifiedResult } from "./verified-result.js";
export type { VerifyResultOptions } from "./verify.js";
export { verifyResult } from "./verify.js";
