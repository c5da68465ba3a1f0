import { readOptions } from "../bytes/arguments.js";
import type { CaOptions } from "./authority.js";
import type { CertificateOptions, SigningOptions } from "./certificate.js";
import type { LeafOptions } from "./chip.js";
import type { CrlOptions } from "./crl.js";

/** Every name of an options type, so that a forgotten one does not compile. */
type Names<Options> = Readonly<Record<keyof Options, true>>;

const SIGNING: Names<SigningOptions> = {
  signWith: true,
  algorithm: true,
  innerAlgorithm: true,
  extensions: true,
  patchTbs: true,
  patchSignature: true,
  patch: true,
};

const CERTIFICATE: Names<CertificateOptions> = {
  ...SIGNING,
  version: true,
  serial: true,
  subject: true,
  issuer: true,
  notBefore: true,
  notAfter: true,
  timeForm: true,
  spki: true,
};

/** The options of a CA's certificate. */
export const CA_NAMES: Names<CaOptions> = {
  ...CERTIFICATE,
  basicConstraints: true,
  keyUsage: true,
  subjectKeyId: true,
  authorityKeyId: true,
  crlDistributionPoint: true,
};

/** The options of a leaf's certificate. */
export const LEAF_NAMES: Names<LeafOptions> = {
  ...CERTIFICATE,
  structVersion: true,
  productName: true,
  tcb: true,
  hwId: true,
  cspId: true,
  key: true,
};

/** The options of a CRL. */
export const CRL_NAMES: Names<CrlOptions> = {
  ...SIGNING,
  version: true,
  issuer: true,
  thisUpdate: true,
  nextUpdate: true,
  timeForm: true,
  number: true,
  authorityKeyId: true,
  revoked: true,
};

/**
 * The options themselves when all their names are known.
 *
 * A misspelt option that changed nothing would make a test of an attack pass on sound evidence.
 *
 * @throws TypeError for an unknown name.
 */
export function checked<Options extends object>(options: Options, names: Names<Options>, where = "options"): Options {
  readOptions(options, where, Object.keys(names));
  return options;
}
