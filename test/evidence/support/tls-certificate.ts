import { generateKeyPairSync, sign } from "node:crypto";
import { concatBytes } from "../../../src/bytes/codecs.js";
import { der } from "../../../src/testing/index.js";

/** An extension to write: its OID, and the content of its OCTET STRING. */
export type TlsExtension = readonly [oid: string, value: Uint8Array, critical?: boolean];

/** What a TLS certificate can differ in. */
export interface TlsCertificateOptions {
  extensions?: readonly TlsExtension[];
  /** In place of the wrapped version. Default: version 3. */
  version?: Uint8Array;
  /** In place of SubjectPublicKeyInfo. */
  spki?: Uint8Array;
  /** Between key and extensions. */
  uniqueIds?: readonly Uint8Array[];
  /** In place of the wrapped extensions. */
  wrapped?: Uint8Array;
  /** Behind the extensions. */
  more?: Uint8Array;
  /** Behind the signature. */
  after?: Uint8Array;
}

const keys = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const signatureAlgorithm = der.sequence(der.objectIdentifier("1.2.840.10045.4.3.2"));
const name = der.sequence(
  der.set(der.sequence(der.objectIdentifier("2.5.4.3"), der.tlv(0x1e, new TextEncoder().encode("\u0000g")))),
);
const validity = der.sequence(
  der.utcTime(new Date("2026-01-01T00:00:00Z")),
  der.generalizedTime(new Date("2051-01-01T00:00:00Z")),
);

/** SubjectPublicKeyInfo of the key, as Node writes it: ECDSA P-256, which AMD uses nowhere. */
export const tlsSpki = new Uint8Array(keys.publicKey.export({ type: "spki", format: "der" }));

function encodeExtension([oid, value, critical = false]: TlsExtension): Uint8Array {
  const flag = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(oid), ...flag, der.octetString(value));
}

/** The extensions as they stand in the certificate, wrapped. */
export function wrappedExtensions(extensions: readonly TlsExtension[]): Uint8Array {
  return der.explicit(3, der.sequence(...extensions.map(encodeExtension)));
}

/** A self-signed TLS certificate with a P-256 key. */
export function tlsCertificate(options: TlsCertificateOptions = {}): Uint8Array {
  const { extensions = [], version = der.explicit(0, der.integer(2)), spki = tlsSpki, uniqueIds = [] } = options;
  const { wrapped = extensions.length === 0 ? new Uint8Array(0) : wrappedExtensions(extensions) } = options;
  const { more = new Uint8Array(0), after = new Uint8Array(0) } = options;
  const head = concatBytes(version, der.integer(0x1234567890abcdefn), signatureAlgorithm, name, validity, name);
  const tbs = der.sequence(head, spki, ...uniqueIds, wrapped, more);
  const signature = der.bitString(new Uint8Array(sign("sha256", tbs, keys.privateKey)));
  return der.sequence(tbs, signatureAlgorithm, signature, after);
}
