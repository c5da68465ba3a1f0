export { type AzureHclClaims, type AzureHclOptions, openAzureHcl } from "./azure-hcl.js";
export type { AzureHclKey, AzureHclRuntime } from "./azure-hcl-runtime.js";
export {
  type CertificateTable,
  type CertificateTableEntry,
  type CertificateTableKind,
  type CertificateTableOptions,
  parseCertificateTable,
} from "./certificate-table.js";
export { type EncodeCertificateTableOptions, encodeCertificateTable } from "./certificate-table-encode.js";
export { type CmwClaims, openCmw } from "./cmw.js";
export type { CmwItem } from "./cmw-items.js";
export { type ConfigfsTsmFiles, openConfigfsTsm } from "./configfs-tsm.js";
export { type EatClaims, type EatOptions, openEat, openRatsd } from "./eat.js";
export type { Evidence, EvidenceCertificates } from "./evidence.js";
export { type ExtendedReportClaims, openExtendedReport } from "./extended-report.js";
export { type GoSevGuestClaims, type GoSevGuestExtra, openGoSevGuest } from "./go-sev-guest.js";
export { openMsgReportRsp } from "./msg-report-rsp.js";
export { type NitrideClaims, openNitride } from "./nitride.js";
export type { OpenedEvidence } from "./opened.js";
export { openPem, REPORT_PEM_LABEL } from "./pem.js";
export { type NoClaims, openBase64, openHex } from "./plain-text.js";
export { openRaTls, type RaTlsClaims } from "./ra-tls.js";
export { openThim, type ThimClaims, type ThimInput } from "./thim.js";
export { openTinfoil, type TinfoilClaims } from "./tinfoil.js";
export {
  openTrusteeAzSnpVtpm,
  type TrusteeAzSnpVtpmClaims,
  type UnverifiedTpmQuote,
} from "./trustee-az-snp-vtpm.js";
export { openTrusteeSnp, type TrusteeOtherEntry, type TrusteeSnpClaims } from "./trustee-snp.js";
export type { TsmClaims } from "./tsm.js";
export { openTsmCbor, openTsmJson } from "./tsm-report.js";
