export { type CertificateTable, parseCertificateTable } from "./certificate-table.js";
export type { Evidence, EvidenceCertificates } from "./evidence.js";
