import { type CaName, ISSUER_OF, readCaCommonName, readLeafCommonName } from "../amd/names.js";
import { type Tcb, tcbComponents } from "../amd/tcb.js";
import { equalBytes } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import { CollateralError, isAttestationError } from "../errors.js";
import type { CollateralRequest } from "../verify/types.js";
import { parseCertificate } from "../x509/certificate.js";
import { parseCrl } from "../x509/crl.js";
import { judgeLeafProfile } from "../x509/leaf-profile.js";

type LeafRequest = CollateralRequest & { role: "leaf" };

function sameTcb({ productLine, reportedTcb }: LeafRequest, tcb: Tcb): boolean {
  return tcbComponents(productLine).every((component) => tcb[component] === reportedTcb[component]);
}

function isLeaf(der: Uint8Array, request: LeafRequest): boolean {
  const { productLine, signingKey, hwId: wanted } = request;
  const certificate = parseCertificate(der, "the leaf");
  const issuer = readCaCommonName(certificate.issuer.commonName);
  if (readLeafCommonName(certificate.subject.commonName) !== signingKey) return false;
  if (!isCa(issuer, ISSUER_OF[signingKey], request)) return false;
  const { hwId, tcb } = judgeLeafProfile(certificate, { role: signingKey, productLine });
  // A VLEK is for no chip.
  return sameTcb(request, tcb) && (hwId === null || equalBytes(hwId, wanted));
}

function isCa(name: CaName | null, role: CaName["role"], { productLine }: CollateralRequest): boolean {
  return name?.role === role && name.productLine === productLine;
}

/**
 * True where a certificate or CRL says of itself that it is what a request asks for: role and branch, product line,
 * and of a leaf the TCB and, for a VCEK, the chip. Nothing of it is verified.
 *
 * @throws CollateralError `ERR_COLLATERAL_UNAVAILABLE` for bytes that are no certificate, CRL or leaf of the line.
 */
export function answersRequest(der: Uint8Array, request: CollateralRequest): boolean {
  try {
    switch (request.role) {
      case "leaf":
        return isLeaf(der, request);
      case "intermediate": {
        const { commonName } = parseCertificate(der, "the intermediate").subject;
        return isCa(readCaCommonName(commonName), ISSUER_OF[request.signingKey], request);
      }
      case "crl":
        return isCa(readCaCommonName(parseCrl(der, "the CRL").issuer.commonName), "ARK", request);
    }
  } catch (cause) {
    throw sourceFailed(request, cause);
  }
}

/**
 * The error of a source whose material cannot be read; any other error than ours is thrown as it is.
 */
export function sourceFailed({ role }: CollateralRequest, cause: unknown): CollateralError {
  if (!isAttestationError(cause)) throw cause;
  if (cause instanceof CollateralError) return cause;
  const reason = textOf(cause.message);
  const message = `the collateral source has a ${role} that cannot be read: ${reason}`;
  return new CollateralError("ERR_COLLATERAL_UNAVAILABLE", message, { role, reason }, { cause, retryable: false });
}
