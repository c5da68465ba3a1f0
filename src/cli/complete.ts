import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import { hwIdLength } from "../amd/product-lines.js";
import { decodeTcb } from "../amd/tcb.js";
import { isZero } from "../bytes/codecs.js";
import { CollateralError } from "../errors.js";
import type { Evidence } from "../evidence/evidence.js";
import { type AttestationReport, parseReport } from "../report/report.js";
import { judgeProductLine } from "../verify/product-line.js";
import { judgeReport } from "../verify/report-rules.js";
import { parseSupplied } from "../verify/supplied.js";
import type { CollateralRequest } from "../verify/types.js";
import type { Role } from "./evidence-input.js";

/** Which certificates a report needs: of which line, and under which branch. */
export interface Need {
  readonly report: AttestationReport;
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
}

/**
 * Unverified: what a report and its certificates say about which certificates belong to it.
 *
 * @throws as the first steps of `verifyEvidence`: for a report that no key may vouch for, a product line that nobody
 * names, certificates that cannot be read
 */
export function needOf({ report: bytes, certificates }: Required<Evidence>, expected: ProductLine | undefined): Need {
  const report = parseReport(bytes);
  const signingKey = judgeReport(report);
  const { leaf, intermediate, root, crl } = certificates;
  const supplied = parseSupplied({ leaf, intermediate, root, crl }, { readBefore: () => undefined });
  return { report, signingKey, productLine: judgeProductLine(report, expected, supplied) };
}

/** What AMD calls the thing in a role. */
export function roleName(role: Role, signingKey: SigningKey): string {
  if (role === "leaf") return signingKey;
  if (role === "intermediate") return signingKey === "VCEK" ? "ASK" : "ASVK";
  return role === "root" ? "ARK" : "CRL";
}

/** The request for a role; undefined where nothing can be asked: for the root, and for the VCEK of a masked chip. */
export function requestFor(role: Role, { report, productLine, signingKey }: Need): CollateralRequest | undefined {
  if (role === "intermediate" || role === "crl") return { role, productLine, signingKey };
  if (role === "root" || (signingKey === "VCEK" && isZero(report.chipId))) return undefined;
  const hwId = report.chipId.slice(0, hwIdLength(productLine));
  return { role, productLine, signingKey, hwId, reportedTcb: decodeTcb(productLine, report.reportedTcb) };
}

/** The error for what a file was to hold and nobody has. */
export function missing(role: Role, { signingKey, productLine }: Need): CollateralError {
  const name = roleName(role, signingKey);
  const message = `the ${name}${role === "crl" ? "" : " certificate"} is missing`;
  return role === "crl"
    ? new CollateralError("ERR_COLLATERAL_CRL_MISSING", message, { productLine }, { retryable: false })
    : new CollateralError("ERR_COLLATERAL_MISSING", message, { role: name }, { retryable: false });
}
