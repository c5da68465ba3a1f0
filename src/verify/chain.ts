import { type CertificateRole, ISSUER_OF } from "../amd/names.js";
import { equalBytes, toHex } from "../bytes/codecs.js";
import type { P384PublicKey, RsaPublicKey } from "../crypto/engine.js";
import { CollateralError, UntrustedError } from "../errors.js";
import { encodeAmdName } from "../x509/amd-name.js";
import { judgeCaProfile } from "../x509/ca-profile.js";
import type { Certificate } from "../x509/certificate.js";
import { judgeLeafProfile } from "../x509/leaf-profile.js";
import { pinnedIntermediate, type RootAnchor } from "./anchors.js";
import type { Branch } from "./branch.js";
import type { CaRecord, Fingerprints, LeafRecord } from "./record.js";
import { type Steps, sha256, together, verifyRsa } from "./steps.js";
import type { Supplied } from "./supplied.js";

/** A chain to be walked: a leaf, and the certificates above it as far as they are at hand. */
export interface ChainInput {
  readonly branch: Branch;
  readonly leaf: Certificate;
  readonly above: Pick<Supplied, "intermediate" | "root">;
}

/** A chain whose signatures and profiles hold, whatever the time and whatever was revoked. */
export interface WalkedChain {
  readonly anchor: RootAnchor;
  readonly root: CaRecord;
  readonly intermediate: CaRecord;
  readonly leaf: LeafRecord;
  readonly fingerprints: Fingerprints;
  /** The key that signs reports; one object for as long as the chain is remembered. */
  readonly leafKey: P384PublicKey;
}

/** A CA whose key may now be used: its record, its key and its name as its certificates must quote it. */
export interface Authority {
  readonly record: CaRecord;
  readonly key: RsaPublicKey;
  readonly nameDer: Uint8Array;
}

/** An intermediate, and SHA-256 of its certificate. */
export interface Issuer extends Authority {
  readonly fingerprint: string;
}

/** Walks from a trusted root down to the leaf: issuer names, signatures, profiles. Not dates, not revocation. */
export function* walkChain(input: ChainInput, anchor: RootAnchor): Steps<WalkedChain> {
  const { root, issuer } = yield* walkAbove(input, anchor);
  const { leaf, branch } = input;
  const fingerprint = yield* judgeIssued(leaf, branch.signingKey, issuer);
  const role = branch.signingKey;
  const { publicKey, ...said } = judgeLeafProfile(leaf, { role, productLine: branch.productLine });
  judgeProductName(said.productName, branch);
  const { notBefore, notAfter } = leaf;
  const record: LeafRecord = Object.freeze({ role, notBefore, notAfter, ...said });
  const fingerprints = Object.freeze({ leaf: fingerprint, intermediate: issuer.fingerprint });
  return { anchor, root, intermediate: issuer.record, leaf: record, fingerprints, leafKey: publicKey };
}

/** The part of a chain that is above its leaf. */
export interface WalkedAbove {
  readonly root: CaRecord;
  readonly issuer: Issuer;
}

/** Walks from a trusted root down to the issuer of leaves, as `walkChain` does. */
export function* walkAbove(input: Omit<ChainInput, "leaf">, anchor: RootAnchor): Steps<WalkedAbove> {
  const root = yield* walkRoot(input.above.root, anchor);
  return { root: root.record, issuer: yield* walkIntermediate(input, anchor, root) };
}

/** The root is its anchor; a certificate of it must be the anchor's own, and one that is not is an error. */
function* walkRoot(supplied: Certificate | undefined, anchor: RootAnchor): Steps<Authority> {
  if (supplied !== undefined) judgeRootIs(supplied, anchor);
  const own = anchor.certificate;
  let otherExtensions = own === null ? [] : yield* judgeSelfSigned(own, anchor);
  // Byte for byte the anchor's own certificate is judged already.
  const isOwn = supplied !== undefined && own !== null && equalBytes(supplied.der, own.der);
  if (supplied !== undefined && !isOwn) otherExtensions = yield* judgeSelfSigned(supplied, anchor);
  const { subject, serial, notBefore, notAfter, key, nameDer } = anchor;
  const facts = { role: "ARK" as const, subject, serial, notBefore, notAfter, otherExtensions };
  return { record: { ...facts, origin: supplied === undefined ? "pinned" : "supplied" }, key, nameDer };
}

/** Signature and profile of a root's certificate; answers its extensions that were not judged. */
function* judgeSelfSigned(root: Certificate, anchor: RootAnchor): Steps<CaRecord["otherExtensions"]> {
  if ((yield verifyRsa(anchor.key, root.tbs, root.signature)) !== true) throw signatureError("ARK", anchor.subject);
  return judgeCaProfile(root, "ARK", { pathLenRequired: anchor.origin === "amd" }).otherExtensions;
}

function judgeRootIs(root: Certificate, anchor: RootAnchor): void {
  const { publicKey, subject, issuer, serial } = root;
  const sameKey = publicKey.kind === "rsa" && equalBytes(publicKey.modulus, anchor.key.modulus);
  const checks: readonly (readonly [field: string, holds: boolean])[] = [
    ["subjectPublicKey", sameKey],
    ["subject", equalBytes(subject.der, anchor.nameDer)],
    ["issuer", equalBytes(issuer.der, anchor.nameDer)],
    ["serialNumber", serial === anchor.serial],
  ];
  const wrong = checks.find(([, holds]) => !holds);
  if (wrong === undefined) return;
  throw new UntrustedError(
    "ERR_UNTRUSTED_ROOT",
    `the root certificate is not the trusted ${anchor.subject}: its ${wrong[0]} differs; leave it out or supply the genuine one`,
    { expected: anchor.subject, field: wrong[0] },
  );
}

/** The ASK or ASVK: the supplied certificate under the root, or AMD's pinned key where none was supplied. */
function* walkIntermediate(input: Omit<ChainInput, "leaf">, anchor: RootAnchor, root: Authority): Steps<Issuer> {
  const role = ISSUER_OF[input.branch.signingKey];
  const { intermediate } = input.above;
  if (intermediate === undefined) return pinned(anchor, role);
  const fingerprint = yield* judgeIssued(intermediate, role, root);
  const options = { pathLenRequired: anchor.origin === "amd" };
  const { publicKey, otherExtensions } = judgeCaProfile(intermediate, role, options);
  const { subject, serial, notBefore, notAfter } = intermediate;
  const facts = { subject: String(subject.commonName), serial, notBefore, notAfter, otherExtensions };
  return { record: { role, origin: "supplied", ...facts }, key: publicKey, nameDer: subject.der, fingerprint };
}

function pinned(anchor: RootAnchor, role: "ASK" | "ASVK"): Issuer {
  const row = pinnedIntermediate(anchor, role);
  if (row !== undefined) {
    const { subject, serial, notBefore, notAfter, key } = row;
    const facts = { role, origin: "pinned" as const, subject, serial, notBefore, notAfter };
    const fingerprint = toHex(row.certificateSha256);
    return { record: { ...facts, otherExtensions: [] }, key, nameDer: encodeAmdName(subject), fingerprint };
  }
  throw new CollateralError(
    "ERR_COLLATERAL_MISSING",
    `the ${role} certificate is missing, and roots of your own pin none; supply it with the evidence`,
    { role },
    { retryable: false },
  );
}

/** Issued by: the name and the signature. Answers SHA-256 of the certificate, which costs no time of its own here. */
function* judgeIssued(certificate: Certificate, role: CertificateRole, issuer: Authority): Steps<string> {
  if (!equalBytes(certificate.issuer.der, issuer.nameDer)) {
    const expected = issuer.record.subject;
    const actual = String(certificate.issuer.commonName);
    throw new UntrustedError(
      "ERR_UNTRUSTED_CERTIFICATE_NAME",
      `the ${role} certificate names its issuer (${actual}) otherwise than ${expected} names itself, byte for byte`,
      { role, field: "issuer", expected, actual },
    );
  }
  const signed = verifyRsa(issuer.key, certificate.tbs, certificate.signature);
  // The list of what the two steps answered.
  const [holds, fingerprint] = (yield together(signed, sha256(certificate.der))) as [unknown, unknown];
  if (holds !== true) throw signatureError(role, issuer.record.subject);
  return String(fingerprint);
}

function signatureError(role: CertificateRole, issuer: string): UntrustedError {
  return new UntrustedError(
    "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
    `the ${role} certificate is not signed by ${issuer}; it was altered or is not AMD's`,
    { role, issuer },
  );
}

/** The product name may go on after the line with a stepping ("Milan-B0"). */
function judgeProductName(productName: string, { productLine, signingKey }: Branch): void {
  const [line] = productName.split("-");
  if (line === productLine) return;
  throw new UntrustedError(
    "ERR_UNTRUSTED_PRODUCT_LINE",
    `the ${signingKey} certificate is for product ${productName}, its issuer for ${productLine}`,
    { expected: productLine, actual: productName, where: "productName" },
  );
}
