import { readCaCommonName, readLeafCommonName } from "../amd/names.js";
import { parseCertificate } from "../x509/certificate.js";
import { type PemBlock, parsePem } from "../x509/pem.js";
import { malformedContainer, shown } from "./container-error.js";
import type { EvidenceCertificates } from "./evidence.js";
import { certificatesFrom } from "./parts.js";

/** A certificate or CRL of a container, and the role that it stands there for. */
export interface Placed {
  readonly role: keyof EvidenceCertificates;
  /** The field it was found in. */
  readonly where: string;
  readonly der: Uint8Array;
}

const CERTIFICATE_LABEL = "CERTIFICATE";
const CRL_LABEL = "X509 CRL";

/** The role by the name that a certificate gives itself; whether it has a right to it is for the verifier to say. */
function roleByName(container: string, where: string, der: Uint8Array): Placed["role"] {
  const { commonName } = parseCertificate(der, `${container}: ${where}`).subject;
  if (readLeafCommonName(commonName) !== null) return "leaf";
  const ca = readCaCommonName(commonName);
  if (ca !== null) return ca.role === "ARK" ? "root" : "intermediate";
  const reason = `expected a VCEK, VLEK, ASK, ASVK or ARK certificate, found common name ${shown(commonName)}`;
  throw malformedContainer(container, where, reason);
}

/**
 * Unverified: the role of one PEM block, by the name in the certificate, or by the label of a CRL.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for a certificate of nobody's in AMD's hierarchy, or another label;
 * what `parseCertificate` throws.
 */
export function placeBlock(container: string, where: string, { label, der }: PemBlock): Placed {
  if (label === CRL_LABEL) return { role: "crl", where, der };
  if (label === CERTIFICATE_LABEL) return { role: roleByName(container, where, der), where, der };
  const reason = `expected blocks of ${CERTIFICATE_LABEL} or ${CRL_LABEL}, found ${label}`;
  throw malformedContainer(container, where, reason);
}

/** Unverified: every block of a PEM text in its role. @throws as `placeBlock` and `parsePem` */
export function placePem(container: string, where: string, pem: Uint8Array): readonly Placed[] {
  return parsePem(pem, `${container}: ${where}`).map((block) => placeBlock(container, where, block));
}

/**
 * The certificates by role.
 *
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for two of one role: nobody says which is meant.
 */
export function arrange(container: string, found: readonly Placed[]): EvidenceCertificates {
  const byRole = new Map<Placed["role"], Placed>();
  for (const placed of found) {
    const earlier = byRole.get(placed.role);
    if (earlier !== undefined) {
      const reason = `a second ${placed.role}; the first is in ${earlier.where}`;
      throw malformedContainer(container, placed.where, reason);
    }
    byRole.set(placed.role, placed);
  }
  const der = (role: Placed["role"]) => byRole.get(role)?.der;
  return certificatesFrom({
    leaf: der("leaf"),
    intermediate: der("intermediate"),
    root: der("root"),
    crl: der("crl"),
  });
}
