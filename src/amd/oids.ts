import type { TcbComponent } from "./tcb.js";

/**
 * Object identifiers of AMD's certificate extensions and of the X.509 profile around them.
 *
 * Source: AMD 57230 (VCEK certificate), 58369 (VLEK certificate), RFC 5280.
 */

const AMD = "1.3.6.1.4.1.3704.1";

/** AMD's extensions by the name that its documents give them. */
export const AMD_EXTENSION = {
  structVersion: `${AMD}.1`,
  productName: `${AMD}.2`,
  blSPL: `${AMD}.3.1`,
  teeSPL: `${AMD}.3.2`,
  snpSPL: `${AMD}.3.3`,
  spl4: `${AMD}.3.4`,
  spl5: `${AMD}.3.5`,
  spl6: `${AMD}.3.6`,
  spl7: `${AMD}.3.7`,
  ucodeSPL: `${AMD}.3.8`,
  fmcSPL: `${AMD}.3.9`,
  hwID: `${AMD}.4`,
  cspID: `${AMD}.5`,
} as const;

/** Extensions of RFC 5280 that are read. */
export const X509_EXTENSION = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  cRLNumber: "2.5.29.20",
  authorityKeyIdentifier: "2.5.29.35",
} as const;

/** Attribute types of names that are read. */
export const NAME_ATTRIBUTE = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
} as const;

/** Public key algorithms. */
export const KEY_ALGORITHM = {
  rsaEncryption: "1.2.840.113549.1.1.1",
  ecPublicKey: "1.2.840.10045.2.1",
  secp384r1: "1.3.132.0.34",
} as const;

/** The extension that carries each component of a leaf's TCB. */
export const SPL_EXTENSION: Readonly<Record<TcbComponent, string>> = {
  fmc: AMD_EXTENSION.fmcSPL,
  bootLoader: AMD_EXTENSION.blSPL,
  tee: AMD_EXTENSION.teeSPL,
  snp: AMD_EXTENSION.snpSPL,
  spl4: AMD_EXTENSION.spl4,
  spl5: AMD_EXTENSION.spl5,
  spl6: AMD_EXTENSION.spl6,
  spl7: AMD_EXTENSION.spl7,
  microcode: AMD_EXTENSION.ucodeSPL,
};
