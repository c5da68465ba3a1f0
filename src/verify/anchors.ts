import { amdAnchors, type TrustAnchor } from "../amd/anchors.js";
import { readCaCommonName } from "../amd/names.js";
import { PRODUCT_LINES, type ProductLine } from "../amd/product-lines.js";
import { equalBytes } from "../bytes/codecs.js";
import type { RsaPublicKey } from "../crypto/engine.js";
import { AttestationError, UntrustedError } from "../errors.js";
import { encodeAmdName } from "../x509/amd-name.js";
import { judgeCaProfile } from "../x509/ca-profile.js";
import { type Certificate, parseCertificate } from "../x509/certificate.js";

/** A trusted root, built in or the caller's. One object for as long as its verifier lives. */
export interface RootAnchor {
  readonly origin: "amd" | "caller";
  readonly productLine: ProductLine;
  readonly nameDer: Uint8Array;
  readonly subject: string;
  readonly serial: bigint;
  /** Milliseconds since 1970; these count, whatever a supplied root says. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subjectKeyId: Uint8Array | null;
  readonly key: RsaPublicKey;
  /** The caller's certificate; AMD's keys are pinned without one. */
  readonly certificate: Certificate | null;
}

function amdRoot(anchor: TrustAnchor): RootAnchor {
  const { productLine, subject, serial, notBefore, notAfter, key } = anchor;
  const nameDer = encodeAmdName(subject);
  const facts = { productLine, nameDer, subject, serial, notBefore, notAfter, key };
  return Object.freeze({ origin: "amd", ...facts, subjectKeyId: anchor.subjectKeyIdentifier, certificate: null });
}

let amdRoots: readonly RootAnchor[] | undefined;

/** AMD's published roots; made once, since they are facts. */
export function builtInAnchors(): readonly RootAnchor[] {
  amdRoots ??= PRODUCT_LINES.flatMap((line) => amdAnchors(line, "ARK").map(amdRoot));
  return amdRoots;
}

/** The built-in key that stands for an ASK or ASVK. A caller's anchors are roots and pin nothing below. */
export function pinnedIntermediate(root: RootAnchor, role: "ASK" | "ASVK"): TrustAnchor | undefined {
  return root.origin === "amd" ? amdAnchors(root.productLine, role)[0] : undefined;
}

/**
 * The caller's roots, which replace the built-in ones.
 *
 * @throws TypeError for an empty list and for whatever is no self-signed CA certificate named `ARK-<line>`; whether
 * its own signature verifies is found when it is used.
 */
export function readAnchors(value: unknown): readonly RootAnchor[] {
  if (value === undefined) return builtInAnchors();
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError("options.anchors must be a list of at least one root certificate; leave it out for AMD's own");
  }
  // Unlike map, from also visits a hole in the list.
  return Array.from(value, (der, index) => readAnchor(der, `options.anchors[${index}]`));
}

function readAnchor(der: Uint8Array, what: string): RootAnchor {
  try {
    return callerRoot(parseCertificate(der, what), what);
  } catch (cause) {
    if (cause instanceof AttestationError)
      throw new TypeError(`${what} is no root certificate: ${cause.message}`, { cause });
    throw cause;
  }
}

function callerRoot(certificate: Certificate, what: string): RootAnchor {
  const { subject, issuer, serial, notBefore, notAfter, publicKey } = certificate;
  const named = readCaCommonName(subject.commonName);
  if (named?.role !== "ARK" || publicKey.kind !== "rsa") {
    throw new TypeError(`${what} must be named ARK-<product line>, found ${subject.commonName}`);
  }
  if (!equalBytes(subject.der, issuer.der)) throw new TypeError(`${what} must be self-signed`);
  const { subjectKeyId } = judgeCaProfile(certificate, "ARK", { pathLenRequired: false });
  const names = { productLine: named.productLine, nameDer: subject.der, subject: String(subject.commonName) };
  const facts = { serial, notBefore, notAfter, subjectKeyId, key: publicKey, certificate };
  return Object.freeze({ origin: "caller", ...names, ...facts });
}

/** The roots of a product line. @throws UntrustedError ERR_UNTRUSTED_ROOT when there is none. */
export function anchorsOf(anchors: readonly RootAnchor[], productLine: ProductLine): readonly RootAnchor[] {
  const found = anchors.filter((anchor) => anchor.productLine === productLine);
  if (found.length > 0) return found;
  throw new UntrustedError(
    "ERR_UNTRUSTED_ROOT",
    `no trust anchor for product line ${productLine}; add its ARK to options.anchors or leave the option out`,
    { expected: `ARK-${productLine}`, field: "anchors" },
  );
}
