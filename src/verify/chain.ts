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
import { type Step, type Steps, sha256, together, verifyRsa } from "./steps.js";
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

/**
 * Walks from a trusted root down to the leaf: issuer names, signatures, profiles. Not dates, not revocation.
 *
 * All signatures are asked for at once, so that an engine in the background works at them side by side; what they are
 * worth is judged from the root down.
 */
export function* walkChain(input: ChainInput, anchor: RootAnchor): Steps<WalkedChain> {
  const { leaf, branch } = input;
  const role = branch.signingKey;
  const { root, issuer, answers } = yield* walkAbove(input, anchor);
  const fingerprint = judgeIssued(leaf, { role, issuer, answer: answers.get("leaf") });
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
  /** What the engine said of the signatures. */
  readonly answers: Answers;
}

/** A chain as far as the issuer of leaves; a leaf that is there has its signature asked for with the others. */
type AboveInput = Omit<ChainInput, "leaf"> & Partial<ChainInput>;

/** Walks from a trusted root down to the issuer of leaves, as `walkChain` does. */
export function* walkAbove(input: AboveInput, anchor: RootAnchor): Steps<WalkedAbove> {
  const { leaf, branch, above } = input;
  if (above.root !== undefined) judgeRootIs(above.root, anchor);
  const signed = signedAbove(above, anchor);
  if (leaf !== undefined) {
    signed.push(["leaf", leaf, above.intermediate?.publicKey ?? pinned(anchor, ISSUER_OF[branch.signingKey]).key]);
  }
  const answers = yield* askForSignatures(signed);
  const root = judgeRoot(above.root, anchor, answers);
  return { root: root.record, issuer: judgeIntermediate(input, { anchor, root, answers }), answers };
}

/** Where a certificate stands; `anchor` is that of the caller's own root. */
type Place = "anchor" | "root" | "intermediate" | "leaf";

/** A certificate, and the key that should have signed it. */
type Signed = readonly [place: Place, certificate: Certificate, key: Certificate["publicKey"]];

/** What the engine said of a certificate: whether it is signed, and SHA-256 of it. */
interface Answer {
  readonly holds: boolean;
  readonly fingerprint: string;
}
type Answers = ReadonlyMap<Place, Answer>;

/** What stands above a leaf and is signed: the root's certificates by itself, the intermediate by the root. */
function signedAbove({ root, intermediate }: ChainInput["above"], anchor: RootAnchor): Signed[] {
  const { certificate: own, key } = anchor;
  const signed: Signed[] = [];
  if (own !== null) signed.push(["anchor", own, key]);
  if (root !== undefined && !isOwn(root, anchor)) signed.push(["root", root, key]);
  if (intermediate !== undefined) signed.push(["intermediate", intermediate, key]);
  return signed;
}

/** Byte for byte the anchor's own certificate, which is judged already. */
function isOwn(root: Certificate, { certificate }: RootAnchor): boolean {
  return certificate !== null && equalBytes(root.der, certificate.der);
}

/** SHA-256 of certificates of CAs, for as long as these are kept: thousands of leaves come under one. */
const fingerprintsOfCas = new WeakMap<Certificate, string>();

function fingerprintStep(place: Place, certificate: Certificate): Step {
  if (place === "leaf") return sha256(certificate.der);
  if (place !== "intermediate") return () => "";
  const known = fingerprintsOfCas.get(certificate);
  return known === undefined ? sha256(certificate.der) : () => known;
}

function* askForSignatures(signed: readonly Signed[]): Steps<Answers> {
  const steps = signed.map(([place, certificate, key]) =>
    // Nothing is signed by a key that is none of a CA; the profile of its certificate says so.
    together(
      () => place,
      key.kind === "rsa" ? verifyRsa(key, certificate.tbs, certificate.signature) : () => false,
      fingerprintStep(place, certificate),
    ),
  );
  const found = yield together(...steps);
  // The list of what the steps answered, each a list of three; a promise where nobody waits has said nothing.
  const answers: readonly (readonly [Place, unknown, unknown])[] = Array.isArray(found) ? found : [];
  return new Map(
    answers.map(([place, holds, fingerprint]) => [place, { holds: holds === true, fingerprint: String(fingerprint) }]),
  );
}

/** The root is its anchor; a certificate of it that is not sound is an error. */
function judgeRoot(supplied: Certificate | undefined, anchor: RootAnchor, answers: Answers): Authority {
  const own = anchor.certificate;
  let otherExtensions = own === null ? [] : judgeSelfSigned(own, anchor, answers.get("anchor"));
  if (supplied !== undefined && !isOwn(supplied, anchor)) {
    otherExtensions = judgeSelfSigned(supplied, anchor, answers.get("root"));
  }
  const { subject, serial, notBefore, notAfter, key, nameDer } = anchor;
  const facts = { role: "ARK" as const, subject, serial, notBefore, notAfter, otherExtensions };
  return { record: { ...facts, origin: supplied === undefined ? "pinned" : "supplied" }, key, nameDer };
}

/** Signature and profile of a root's certificate; answers its extensions that were not judged. */
function judgeSelfSigned(root: Certificate, anchor: RootAnchor, answer?: Answer): CaRecord["otherExtensions"] {
  if (answer?.holds !== true) throw signatureError("ARK", anchor.subject);
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
function judgeIntermediate(
  { branch, above }: AboveInput,
  { anchor, root, answers }: { anchor: RootAnchor; root: Authority; answers: Answers },
): Issuer {
  const role = ISSUER_OF[branch.signingKey];
  const { intermediate } = above;
  if (intermediate === undefined) return pinned(anchor, role);
  const fingerprint = judgeIssued(intermediate, { role, issuer: root, answer: answers.get("intermediate") });
  const options = { pathLenRequired: anchor.origin === "amd" };
  const { publicKey, otherExtensions } = judgeCaProfile(intermediate, role, options);
  fingerprintsOfCas.set(intermediate, fingerprint);
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

/** Issued by: the name and the signature. Answers SHA-256 of the certificate. */
function judgeIssued(
  certificate: Certificate,
  { role, issuer, answer }: { role: CertificateRole; issuer: Authority; answer: Answer | undefined },
): string {
  if (!equalBytes(certificate.issuer.der, issuer.nameDer)) {
    const expected = issuer.record.subject;
    const actual = String(certificate.issuer.commonName);
    throw new UntrustedError(
      "ERR_UNTRUSTED_CERTIFICATE_NAME",
      `the ${role} certificate names its issuer (${actual}) otherwise than ${expected} names itself, byte for byte`,
      { role, field: "issuer", expected, actual },
    );
  }
  if (answer?.holds !== true) throw signatureError(role, issuer.record.subject);
  return answer.fingerprint;
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
