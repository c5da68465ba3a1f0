export {
  type CertificateTable,
  type CertificateTableEntry,
  type CertificateTableKind,
  type CertificateTableOptions,
  parseCertificateTable,
} from "./certificate-table.js";
export type { Evidence, EvidenceCertificates } from "./evidence.js";
