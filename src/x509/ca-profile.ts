import type { CaRole } from "../amd/anchors.js";
import { X509_EXTENSION } from "../amd/oids.js";
import type { RsaPublicKey } from "../crypto/engine.js";
import { type DerCursor, TAG } from "../der/cursor.js";
import { readBigInteger, readBoolean, readNamedBits, readOctetString } from "../der/values.js";
import type { Certificate } from "./certificate.js";
import { type Extension, readExtension } from "./extensions.js";
import { profileError } from "./profile-error.js";

/** Bits of keyUsage. Source: RFC 5280 section 4.2.1.3. */
const KEY_CERT_SIGN = 5;
const CRL_SIGN = 6;

/** The extensions that must be there, critical, and are understood. */
const JUDGED: readonly string[] = [X509_EXTENSION.basicConstraints, X509_EXTENSION.keyUsage];

/** What the caller's anchors allow that AMD's do not. */
export interface CaProfileOptions {
  /** AMD's ASK and ASVK say pathLen 0; a private test hierarchy may leave it out. */
  readonly pathLenRequired: boolean;
}

/** What is kept of a CA certificate that fits its role. */
export interface CaProfile {
  readonly publicKey: RsaPublicKey;
  /** Null where the certificate has none. */
  readonly subjectKeyId: Uint8Array | null;
  /** Extensions that were not judged; none of them critical. */
  readonly otherExtensions: readonly Extension[];
}

/**
 * Judges a certificate as ARK, ASK or ASVK: a CA that may sign certificates (the ARK also CRLs), no more levels
 * below an ASK or ASVK, no critical extension that is not understood. Not names, dates or signature.
 *
 * @throws UntrustedError ERR_UNTRUSTED_CERTIFICATE_PROFILE
 * @throws MalformedError ERR_MALFORMED_DER for a broken extension value
 * @see AMD 57230; RFC 5280 section 4.2
 */
export function judgeCaProfile(certificate: Certificate, role: CaRole, options: CaProfileOptions): CaProfile {
  const { extensions, publicKey } = certificate;
  const find = (oid: string) => extensions.find((extension) => extension.oid === oid);
  if (publicKey.kind !== "rsa") throw profileError(role, "subjectPublicKey", "not an RSA key");
  const unknown = extensions.find(({ oid, critical }) => critical && !JUDGED.includes(oid));
  if (unknown !== undefined) throw profileError(role, unknown.oid, "critical and not understood");
  judgeConstraints(find(X509_EXTENSION.basicConstraints), role, options);
  judgeKeyUsage(find(X509_EXTENSION.keyUsage), role);
  return {
    publicKey,
    subjectKeyId: readExtension(find(X509_EXTENSION.subjectKeyIdentifier), role, readOctetString),
    otherExtensions: extensions.filter(({ oid }) => !JUDGED.includes(oid)),
  };
}

function judgeConstraints(extension: Extension | undefined, role: CaRole, options: CaProfileOptions): void {
  const constraints = readExtension(extension, role, readBasicConstraints);
  if (!constraints?.ca || !extension?.critical) {
    throw profileError(role, "basicConstraints", "must be there, critical, with CA:TRUE");
  }
  const { pathLen } = constraints;
  if (role === "ARK") {
    if (pathLen === 0n) throw profileError(role, "basicConstraints", "pathLen 0 leaves no room for an ASK");
    return;
  }
  const allowed = pathLen === 0n || (pathLen === null && !options.pathLenRequired);
  if (!allowed) throw profileError(role, "basicConstraints", `pathLen must be 0, found ${pathLen ?? "none"}`);
}

function readBasicConstraints(value: DerCursor): { ca: boolean; pathLen: bigint | null } {
  const sequence = value.enter(TAG.sequence);
  const stated = sequence.peek() === TAG.boolean;
  const ca = stated && readBoolean(sequence);
  if (stated && !ca) sequence.fail("CA:FALSE, the default, spelled out");
  const pathLen = sequence.peek() === TAG.integer ? readBigInteger(sequence, 1) : null;
  sequence.finish();
  return { ca, pathLen };
}

function judgeKeyUsage(extension: Extension | undefined, role: CaRole): void {
  const has = readExtension(extension, role, readNamedBits);
  if (!has?.(KEY_CERT_SIGN) || !extension?.critical) {
    throw profileError(role, "keyUsage", "must be there, critical, with keyCertSign");
  }
  if (role === "ARK" && !has(CRL_SIGN)) throw profileError(role, "keyUsage", "must have cRLSign");
}
