import { readCaCommonName } from "../amd/names.js";
import { type ProductLine, productLineOf } from "../amd/product-lines.js";
import { CollateralError, UntrustedError } from "../errors.js";
import type { AttestationReport } from "../report/report.js";
import type { Certificate } from "../x509/certificate.js";
import type { Supplied } from "./supplied.js";

/** A product line that somebody names, and where. */
interface Witness {
  readonly where: string;
  readonly productLine: ProductLine;
}

/**
 * The one product line that report, caller and certificates speak of. All of it is unauthenticated so far: it
 * chooses the roots, and a wrong choice fails under them.
 *
 * @throws UnsupportedError ERR_UNSUPPORTED_PRODUCT
 * @throws CollateralError ERR_COLLATERAL_MISSING when nobody says it: a version 2 report alone
 * @throws UntrustedError ERR_UNTRUSTED_PRODUCT_LINE when two of them disagree
 */
export function judgeProductLine(
  report: AttestationReport,
  expected: ProductLine | undefined,
  supplied: Supplied,
): ProductLine {
  const cpu: Witness[] =
    report.cpuid === null ? [] : [{ where: "the report's CPUID", productLine: productLineOf(report.cpuid) }];
  const productLine = agreed([...cpu, ...callerWitness(expected), ...certificateWitnesses(supplied)]);
  if (productLine !== undefined) return productLine;
  if (supplied.leaf !== undefined) throw unnamed(supplied.leaf);
  throw new CollateralError(
    "ERR_COLLATERAL_MISSING",
    `the leaf certificate is missing, and a version ${report.version} report does not say its processor; supply the ` +
      "certificate with the evidence, or options.productLine with a collateral source",
    { role: "leaf" },
    { retryable: false },
  );
}

/** The same for a chain without a report. */
export function judgeChainLine(expected: ProductLine | undefined, supplied: Supplied, leaf: Certificate): ProductLine {
  const productLine = agreed([...callerWitness(expected), ...certificateWitnesses(supplied)]);
  if (productLine === undefined) throw unnamed(leaf);
  return productLine;
}

/** A leaf whose issuer is none of AMD's, and nothing else that says which root to take. */
function unnamed(leaf: Certificate): UntrustedError {
  const actual = String(leaf.issuer.commonName);
  return new UntrustedError(
    "ERR_UNTRUSTED_CERTIFICATE_NAME",
    `the leaf certificate: expected an issuer SEV-<line> or SEV-VLEK-<line>, found ${actual}; it is not AMD's`,
    { role: "leaf", field: "issuer", expected: "SEV-<line> or SEV-VLEK-<line>", actual },
  );
}

function agreed(witnesses: readonly Witness[]): ProductLine | undefined {
  const [first, ...rest] = witnesses;
  const other = rest.find(({ productLine }) => productLine !== first?.productLine);
  if (first === undefined || other === undefined) return first?.productLine;
  throw new UntrustedError(
    "ERR_UNTRUSTED_PRODUCT_LINE",
    `${first.where} says ${first.productLine}, ${other.where} says ${other.productLine}; they do not belong together`,
    { expected: first.productLine, actual: other.productLine, where: other.where },
  );
}

function callerWitness(expected: ProductLine | undefined): Witness[] {
  return expected === undefined ? [] : [{ where: "options.productLine", productLine: expected }];
}

/** Names that are not AMD's witness nothing; they are refused later, by name. */
function certificateWitnesses({ leaf, intermediate, root }: Supplied): Witness[] {
  const names = [
    { where: "the leaf's issuer", name: leaf?.issuer.commonName },
    { where: "the intermediate certificate", name: intermediate?.subject.commonName },
    { where: "the root certificate", name: root?.subject.commonName },
  ];
  return names.flatMap(({ where, name = null }) => {
    const ca = readCaCommonName(name);
    return ca === null ? [] : [{ where, productLine: ca.productLine }];
  });
}
