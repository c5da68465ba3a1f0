export type { CaRole } from "./amd/anchors.js";
export type { CertificateRole } from "./amd/names.js";
export { type Cpuid, type ProductLine, productLineOf, type SigningKey } from "./amd/product-lines.js";
export {
  compareTcb,
  decodeTcb,
  encodeTcb,
  type Tcb,
  type TcbComponent,
  type TcbOrder,
  type TcbShortfall,
  tcbComponents,
  tcbShortfalls,
} from "./amd/tcb.js";
export { type AttestOptions, verifyAttestation } from "./attest/attest.js";
export { type BindingParts, type BindOptions, bindReportData } from "./binding/bind.js";
export type { BindingSchemeName, EvidencePart, ExpectedReportData } from "./binding/expected.js";
export type {
  CryptoEngine,
  DigestAlgorithm,
  P384PublicKey,
  RsaPublicKey,
  SyncCryptoEngine,
} from "./crypto/engine.js";
export { webCryptoEngine } from "./crypto/webcrypto.js";
export {
  AttestationError,
  ChallengeError,
  CollateralError,
  type ErrorCode,
  type ErrorDetails,
  isAttestationError,
  MalformedError,
  PolicyError,
  ReleaseError,
  ResultError,
  UnsupportedError,
  UntrustedError,
} from "./errors.js";
export type { Evidence, EvidenceCertificates } from "./evidence/evidence.js";
export type { AdvisoryData } from "./policy/advisory-data.js";
export {
  type AcceptedAppraisal,
  type Appraisal,
  assertAccepted,
  isAcceptedAppraisal,
  type RejectedAppraisal,
} from "./policy/appraisal.js";
export { type AppraisalInputs, appraise } from "./policy/appraise.js";
export type { Check, CheckedClaim, CheckOutcome, CheckSeverity, Operator, UsedWaiver } from "./policy/check.js";
export type { Source } from "./policy/claims.js";
export { type DefinePolicyOptions, definePolicy } from "./policy/define.js";
export type { Policy } from "./policy/policy.js";
export type { PolicyDocument, RuleDocument, SnpBlock, WaiverDocument } from "./policy/schema.js";
export type { EvidenceSummary } from "./policy/summary.js";
export type { GuestPolicy } from "./report/guest-policy.js";
export { type BitsJson, type ReportJson, reportToJson, type TcbJson } from "./report/json.js";
export type { KeyInfo } from "./report/key-info.js";
export type { PlatformInfo } from "./report/platform-info.js";
export {
  type AttestationReport,
  type FirmwareVersion,
  parseReport,
  type ReportSignature,
  type ReservedBytes,
} from "./report/report.js";
export { type CertificateChain, verifyCertificates } from "./verify/certificates.js";
export { verifyEvidence } from "./verify/evidence.js";
export type {
  CollateralRequest,
  CollateralSource,
  OtherExtension,
  RevocationMode,
  RevocationOptions,
  RevocationStatus,
  VerifiedCa,
  VerifiedCertificates,
  VerifiedEvidence,
  VerifiedLeaf,
  VerifyEvent,
  VerifyObserver,
  VerifyOptions,
} from "./verify/types.js";
export { createVerifier, type Verifier, type VerifierOptions } from "./verify/verifier.js";
export type { PssForm } from "./x509/algorithm.js";
export { type Certificate, parseCertificate } from "./x509/certificate.js";
export { type Crl, parseCrl } from "./x509/crl.js";
export type { Extension } from "./x509/extensions.js";
export type { DistinguishedName } from "./x509/name.js";
export { pemToDer } from "./x509/pem.js";
