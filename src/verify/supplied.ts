import { type Certificate, readCertificate } from "../x509/certificate.js";
import type { RawCertificates } from "./input.js";

/** What a chain is called in errors. */
export const CERTIFICATE_NAMES = {
  leaf: "the leaf certificate",
  intermediate: "the intermediate certificate",
  root: "the root certificate",
} as const;

/** The certificates of a chain as far as they are at hand, read and not judged. */
export interface Supplied {
  readonly leaf: Certificate | undefined;
  readonly intermediate: Certificate | undefined;
  readonly root: Certificate | undefined;
}

/** The same once the leaf is there. */
export interface SuppliedWithLeaf extends Supplied {
  readonly leaf: Certificate;
}

/** Where certificates may have been read before. */
interface ReadBefore {
  readBefore(der: Uint8Array): Certificate | undefined;
}

/** Reads what the evidence brought. @throws MalformedError, UnsupportedError as `parseCertificate` */
export function parseSupplied(raw: RawCertificates, chains: ReadBefore): Supplied {
  const parse = (role: keyof typeof CERTIFICATE_NAMES) => {
    const der = raw[role];
    if (der === undefined) return undefined;
    return chains.readBefore(der) ?? readCertificate(der, CERTIFICATE_NAMES[role]);
  };
  return { leaf: parse("leaf"), intermediate: parse("intermediate"), root: parse("root") };
}
