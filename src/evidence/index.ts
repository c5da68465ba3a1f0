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
export type { OpenedEvidence } from "./opened.js";
export { openRaTls, type RaTlsClaims } from "./ra-tls.js";
export type { TsmClaims } from "./tsm.js";
export { openTsmCbor, openTsmJson } from "./tsm-report.js";
