/** Certificates and a CRL that came with a report, each DER, none of them trusted. */
export interface EvidenceCertificates {
  /** VCEK or VLEK. */
  leaf?: Uint8Array;
  /** ASK or ASVK. */
  intermediate?: Uint8Array;
  /** ARK. */
  root?: Uint8Array;
  /** The ARK's certificate revocation list. */
  crl?: Uint8Array;
}

/** What a guest hands over: 1184 bytes of report and, as far as it has them, certificates. All untrusted. */
export interface Evidence {
  report: Uint8Array;
  certificates?: EvidenceCertificates;
}
