import {
  AMD_ORGANIZATION,
  type CertificateRole,
  caCommonName,
  ISSUER_OF,
  leafCommonName,
  readCaCommonName,
  readLeafCommonName,
} from "../amd/names.js";
import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { UntrustedError } from "../errors.js";
import type { Certificate } from "../x509/certificate.js";
import type { DistinguishedName } from "../x509/name.js";
import type { Supplied } from "./supplied.js";

/** Which chain is wanted: the line's, down to a VCEK or to a VLEK. */
export interface Branch {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
}

/** The leaf's own word for what it is. @throws UntrustedError ERR_UNTRUSTED_CERTIFICATE_NAME */
export function leafRole(leaf: Certificate): SigningKey {
  const role = readLeafCommonName(leaf.subject.commonName);
  if (role !== null) return role;
  throw nameError("VCEK", "subject", { expected: "SEV-VCEK or SEV-VLEK", name: leaf.subject });
}

/**
 * Refuses a leaf of another kind than the report's SIGNING_KEY, and certificates of the other branch.
 *
 * @throws UntrustedError ERR_UNTRUSTED_SIGNING_KEY, ERR_UNTRUSTED_BRANCH, ERR_UNTRUSTED_CERTIFICATE_NAME
 */
export function judgeBranch(leaf: Certificate, supplied: Supplied, branch: Branch): void {
  const role = leafRole(leaf);
  if (role !== branch.signingKey) {
    throw new UntrustedError(
      "ERR_UNTRUSTED_SIGNING_KEY",
      `the report says that a ${branch.signingKey} signed it, the leaf certificate is a ${role}; fetch the right one`,
      { expected: branch.signingKey, actual: role },
    );
  }
  judgeName(leaf.subject, { role, field: "subject", expected: leafCommonName(role) });
  judgeIssuer(leaf.issuer, role, branch);
  judgeAbove(supplied, branch);
}

/**
 * Refuses an intermediate or a root that is not named as its branch has it.
 *
 * @throws UntrustedError ERR_UNTRUSTED_BRANCH, ERR_UNTRUSTED_CERTIFICATE_NAME
 */
export function judgeAbove({ intermediate, root }: Pick<Supplied, "intermediate" | "root">, branch: Branch): void {
  const issuer = ISSUER_OF[branch.signingKey];
  if (intermediate !== undefined) judgeCa(intermediate.subject, issuer, branch);
  if (root !== undefined) judgeCa(root.subject, "ARK", branch);
}

/** The issuer that a leaf names must be the ASK or ASVK of its branch: not the ARK, not the other one. */
function judgeIssuer(issuer: DistinguishedName, role: SigningKey, branch: Branch): void {
  const expected = caCommonName(ISSUER_OF[role], branch.productLine);
  const named = readCaCommonName(issuer.commonName);
  if (named !== null && named.role !== ISSUER_OF[role]) throw branchError(role, `issued by ${expected}`, issuer);
  judgeName(issuer, { role, field: "issuer", expected });
}

function judgeCa(subject: DistinguishedName, role: "ARK" | "ASK" | "ASVK", branch: Branch): void {
  const expected = caCommonName(role, branch.productLine);
  const named = readCaCommonName(subject.commonName);
  if (named !== null && named.role !== role) throw branchError(role, `named ${expected}`, subject);
  judgeName(subject, { role, field: "subject", expected });
}

function judgeName(name: DistinguishedName, want: { role: CertificateRole; field: string; expected: string }): void {
  const { role, field, expected } = want;
  if (name.commonName !== expected) throw nameError(role, field, { expected, name });
  if (name.organization !== AMD_ORGANIZATION) {
    throw nameError(role, `${field} organization`, { expected: AMD_ORGANIZATION, name });
  }
}

function branchError(role: CertificateRole, expected: string, found: DistinguishedName): UntrustedError {
  const actual = String(found.commonName);
  return new UntrustedError(
    "ERR_UNTRUSTED_BRANCH",
    `the ${role} certificate must be ${expected}, found ${actual}; VCEKs hang under an ASK, VLEKs under an ASVK`,
    { role, expected, actual },
  );
}

function nameError(
  role: CertificateRole,
  field: string,
  found: { expected: string; name: DistinguishedName },
): UntrustedError {
  const { expected, name } = found;
  const actual = `CN=${name.commonName}, O=${name.organization}`;
  return new UntrustedError(
    "ERR_UNTRUSTED_CERTIFICATE_NAME",
    `the ${role} certificate: expected ${field} ${expected}, found ${actual}; it is not AMD's`,
    { role, field, expected, actual },
  );
}
