import { byteLengthOf, copyBytes, readOptions, viewBytes } from "../bytes/arguments.js";
import { MalformedError } from "../errors.js";
import type { EvidenceCertificates } from "../evidence/evidence.js";
import { REPORT_LENGTH } from "../report/report.js";
import { MAX_CERTIFICATE_BYTES } from "../x509/certificate.js";
import { MAX_CRL_BYTES } from "../x509/crl.js";

const EVIDENCE_NAMES = ["report", "certificates"] as const;
const CERTIFICATE_NAMES = ["leaf", "intermediate", "root", "crl"] as const;

/** Certificates and CRL; undefined where the evidence has none. */
export type RawCertificates = { readonly [Role in keyof EvidenceCertificates]-?: Uint8Array | undefined };

/** Evidence as it came in. */
export interface EvidenceInput {
  /** A private copy, so that nothing changes while signatures are checked. */
  readonly report: Uint8Array;
  /** Still the caller's: to be compared with what is remembered or copied, before anything is waited for. */
  readonly certificates: RawCertificates;
}

/**
 * Reads evidence: the report copied, the certificates viewed.
 *
 * @throws TypeError for a wrong shape or an unknown name, so that a typo never means "no CRL"
 * @throws MalformedError ERR_MALFORMED_LENGTH
 */
export function readEvidence(evidence: unknown): EvidenceInput {
  const { report, certificates } = readOptions(evidence, "evidence", EVIDENCE_NAMES);
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
    certificates: readCertificates(certificates === undefined ? {} : certificates, "evidence.certificates"),
  };
}

/** Views certificates. @throws as `readEvidence` */
export function readCertificates(certificates: unknown, name: string): RawCertificates {
  const raw = readOptions(certificates, name, CERTIFICATE_NAMES);
  const view = (value: unknown, role: string, max: number) =>
    value === undefined ? undefined : viewBytes(value, `${name}.${role}`, max);
  return {
    leaf: view(raw.leaf, "leaf", MAX_CERTIFICATE_BYTES),
    intermediate: view(raw.intermediate, "intermediate", MAX_CERTIFICATE_BYTES),
    root: view(raw.root, "root", MAX_CERTIFICATE_BYTES),
    crl: view(raw.crl, "crl", MAX_CRL_BYTES),
  };
}

/** Private copies; those of a chain, which are kept together, in one buffer. */
export function copyCertificates({ leaf, intermediate, root, crl }: RawCertificates): RawCertificates {
  const chain = [leaf, intermediate, root];
  const copies = new Uint8Array(chain.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0));
  let end = 0;
  const copy = (bytes: Uint8Array | undefined) => {
    if (bytes === undefined) return undefined;
    copies.set(bytes, end);
    end += bytes.length;
    return copies.subarray(end - bytes.length, end);
  };
  return { leaf: copy(leaf), intermediate: copy(intermediate), root: copy(root), crl: crl && new Uint8Array(crl) };
}
