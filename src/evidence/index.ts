export {
  type CertificateTable,
  type CertificateTableEntry,
  type CertificateTableKind,
  type CertificateTableOptions,
  parseCertificateTable,
} from "./certificate-table.js";
export { type EncodeCertificateTableOptions, encodeCertificateTable } from "./certificate-table-encode.js";
export type { Evidence, EvidenceCertificates } from "./evidence.js";
