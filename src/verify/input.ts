import { byteLengthOf, copyBytes, readOptions } from "../bytes/arguments.js";
import { MalformedError } from "../errors.js";
import type { EvidenceCertificates } from "../evidence/evidence.js";
import { REPORT_LENGTH } from "../report/report.js";
import { MAX_CERTIFICATE_BYTES } from "../x509/certificate.js";
import { MAX_CRL_BYTES } from "../x509/crl.js";

/** Certificates and CRL as private copies; undefined where the evidence has none. */
export type RawCertificates = { readonly [Role in keyof EvidenceCertificates]-?: Uint8Array | undefined };

/** Evidence as private copies, so that nothing changes while signatures are checked. */
export interface EvidenceInput {
  readonly report: Uint8Array;
  readonly certificates: RawCertificates;
}

/**
 * Copies evidence.
 *
 * @throws TypeError for a wrong shape or an unknown name, so that a typo never means "no CRL"
 * @throws MalformedError ERR_MALFORMED_LENGTH
 */
export function copyEvidence(evidence: unknown): EvidenceInput {
  const { report, certificates } = readOptions(evidence, "evidence", ["report", "certificates"]);
  const length = byteLengthOf(report, "evidence.report");
  if (length !== REPORT_LENGTH) {
    throw new MalformedError(
      "ERR_MALFORMED_LENGTH",
      `evidence.report: expected ${REPORT_LENGTH} bytes, found ${length}; cut the report out of its container first`,
      { what: "evidence.report", expected: REPORT_LENGTH, actual: length },
    );
  }
  return {
    report: copyBytes(report, "evidence.report"),
    certificates: copyCertificates(certificates ?? {}, "evidence.certificates"),
  };
}

/** Copies certificates. @throws as `copyEvidence` */
export function copyCertificates(certificates: unknown, name: string): RawCertificates {
  const raw = readOptions(certificates, name, ["leaf", "intermediate", "root", "crl"]);
  const copy = (value: unknown, role: string, max: number) =>
    value === undefined ? undefined : copyBytes(value, `${name}.${role}`, max);
  return {
    leaf: copy(raw.leaf, "leaf", MAX_CERTIFICATE_BYTES),
    intermediate: copy(raw.intermediate, "intermediate", MAX_CERTIFICATE_BYTES),
    root: copy(raw.root, "root", MAX_CERTIFICATE_BYTES),
    crl: copy(raw.crl, "crl", MAX_CRL_BYTES),
  };
}
