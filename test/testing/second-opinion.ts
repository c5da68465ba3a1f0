import { X509Certificate } from "node:crypto";
import { Certificate, CertificateRevocationList, type Extension } from "pkijs";

/** A certificate as pkijs reads it; the copy stands on a buffer of its own, which pkijs wants. */
export function readCertificate(der: Uint8Array): Certificate {
  return Certificate.fromBER(der.slice());
}

/** A CRL as pkijs reads it. */
export function readCrl(der: Uint8Array): CertificateRevocationList {
  return CertificateRevocationList.fromBER(der.slice());
}

/** An extension by its OID; fails where there is none. */
export function extensionOf(extensions: readonly Extension[] | undefined, oid: string): Extension {
  const found = extensions?.find(({ extnID }) => extnID === oid);
  if (found === undefined) throw new Error(`no extension ${oid}`);
  return found;
}

/** The content of an extension's OCTET STRING. */
export function extensionValue(extensions: readonly Extension[] | undefined, oid: string): Uint8Array {
  return extensionOf(extensions, oid).extnValue.valueBlock.valueHexView.slice();
}

/** True when node:crypto finds that the issuer's key signed the certificate. */
export function isSignedBy(certificate: Uint8Array, issuer: Uint8Array): boolean {
  return new X509Certificate(certificate).verify(new X509Certificate(issuer).publicKey);
}
