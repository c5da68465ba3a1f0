/** Attacks on the ASK or ASVK and on the ARK. */
import type { ErrorCode } from "../../src/errors.js";
import { type CaOptions, der, p384Spki, rsaSpki } from "../../src/testing/index.js";
import type { Base } from "./bases.js";
import {
  alteredIn,
  cut,
  flip,
  forged,
  type Group,
  judged,
  lengthen,
  omitted,
  type Recipe,
  resigned,
  swapped,
  under,
} from "./recipe.js";

type Change = CaOptions | ((base: Base) => CaOptions);

const changing =
  (part: "intermediate" | "root") =>
  (comment: string, code: ErrorCode | null, change: Change): Recipe =>
    resigned(comment, code, (base) => ({ [part]: typeof change === "function" ? change(base) : change }));

const ask = changing("intermediate");
const ark = changing("root");

const alteredAsk = alteredIn("intermediate");
const alteredArk = alteredIn("root");
const PROFILE = "ERR_UNTRUSTED_CERTIFICATE_PROFILE";
const NAME = "ERR_UNTRUSTED_CERTIFICATE_NAME";
const SIGNATURE = "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE";
const ALGORITHM = "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM";
const UNKNOWN = { oid: "1.3.6.1.4.1.3704.9.9", value: der.nil() };
const EXPONENT = Uint8Array.of(1, 0, 1);

/** The modulus of the ASK with what `change` makes of it. */
const modulus =
  (change: (bytes: Uint8Array) => Uint8Array, exponent = EXPONENT) =>
  ({ forge }: Base): CaOptions => ({ spki: rsaSpki(change(forge.caKey("ASK").modulus), exponent) });

const same = (bytes: Uint8Array): Uint8Array => bytes;

const structure: readonly Recipe[] = [
  omitted("no intermediate, and roots of the caller pin none", "ERR_COLLATERAL_MISSING", ["intermediate"]),
  alteredAsk("one byte short", "ERR_MALFORMED_DER", cut),
  alteredAsk("one byte long", "ERR_MALFORMED_DER", lengthen),
  ask("version 1, unsaid", "ERR_MALFORMED_CERTIFICATE", { version: null }),
  ask("another serial: free under roots of the caller", null, { serial: 0x1234n }),
];

const signing: readonly Recipe[] = [
  alteredAsk("its signature altered", SIGNATURE, (bytes) => flip(bytes.length - 1)(bytes)),
  forged("signed by a foreign CA key", SIGNATURE, ({ forge }) => ({
    intermediate: { signWith: forge.foreignCaKey() },
  })),
  forged("signed by itself, issued by the ARK in name", SIGNATURE, ({ forge }) => ({
    intermediate: { signWith: forge.caKey("ASK") },
  })),
  forged("signed by the ARK of Genoa", SIGNATURE, ({ forge }) => ({
    intermediate: { signWith: forge.caKey("ARK", "Genoa") },
  })),
  forged("another ASK of AMD's name with a foreign key below it", SIGNATURE, ({ forge }) => {
    const foreign = forge.foreignCaKey();
    return { intermediate: { spki: foreign.spki, signWith: foreign }, leaf: { signWith: foreign } };
  }),
  ask("the trailer of the PSS parameters left out", null, { algorithm: "default-trailer" }),
  ask("RSASSA-PKCS1-v1_5", ALGORITHM, { algorithm: "pkcs1-sha384" }),
  ask("the algorithm inside in the other of AMD's forms", "ERR_MALFORMED_DER", { innerAlgorithm: "default-trailer" }),
];

const names: readonly Recipe[] = [
  ask("subject the ASVK", "ERR_UNTRUSTED_BRANCH", { subject: { commonName: "SEV-VLEK-Milan" } }),
  ask("subject the ARK", "ERR_UNTRUSTED_BRANCH", { subject: { commonName: "ARK-Milan" } }),
  ask("subject the ASK of Genoa", "ERR_UNTRUSTED_PRODUCT_LINE", { subject: { commonName: "SEV-Genoa" } }),
  ask("subject of another organization", NAME, { subject: { organization: "Somebody" } }),
  ask("subject that no leaf names as its issuer", NAME, { subject: { locality: "Austin" } }),
  ask("issuer itself", NAME, ({ forge }) => ({ issuer: { commonName: "SEV-Milan" }, signWith: forge.caKey("ASK") })),
  ask("issuer that differs from the ARK's subject in a free part", NAME, { issuer: { locality: "Austin" } }),
];

const profile: readonly Recipe[] = [
  ask("without basicConstraints", PROFILE, { basicConstraints: null }),
  ask("basicConstraints without CA", PROFILE, { basicConstraints: { ca: false, pathLen: null } }),
  ask("basicConstraints not critical", PROFILE, { basicConstraints: { critical: false } }),
  ask("pathLen 1", PROFILE, { basicConstraints: { pathLen: 1 } }),
  ask("no pathLen: allowed under roots of the caller", null, { basicConstraints: { pathLen: null } }),
  ask("CA:FALSE spelled out", "ERR_MALFORMED_DER", {
    extensions: { replace: { "2.5.29.19": { value: der.sequence(der.boolean(false)) } } },
  }),
  ask("without keyUsage", PROFILE, { keyUsage: null }),
  ask("keyUsage without keyCertSign", PROFILE, { keyUsage: { usages: ["digitalSignature", "cRLSign"] } }),
  ask("keyUsage not critical", PROFILE, { keyUsage: { critical: false } }),
  ask("keyUsage with cRLSign too", null, { keyUsage: { usages: ["keyCertSign", "cRLSign"] } }),
  ask("an unknown extension, not critical", null, { extensions: { add: [{ ...UNKNOWN, critical: false }] } }),
  ask("an unknown extension, critical", PROFILE, { extensions: { add: [{ ...UNKNOWN, critical: true }] } }),
  ask("basicConstraints twice", "ERR_MALFORMED_DER", { extensions: { repeat: ["2.5.29.19"] } }),
  ask("without key identifiers and CRL address", null, {
    subjectKeyId: null,
    authorityKeyId: null,
    crlDistributionPoint: null,
  }),
];

const times: readonly Recipe[] = [
  ask("expired a second ago", "ERR_UNTRUSTED_CERTIFICATE_EXPIRED", { notAfter: new Date("2026-05-31T23:59:59Z") }),
  ask("valid from the next second", "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID", {
    notBefore: new Date("2026-06-01T00:00:01Z"),
  }),
  ask("times as GeneralizedTime", null, { timeForm: "generalized" }),
];

const keys: readonly Recipe[] = [
  ask("exponent 3", ALGORITHM, modulus(same, Uint8Array.of(3))),
  ask(
    "a modulus of 2048 bits",
    ALGORITHM,
    modulus((bytes) => bytes.subarray(0, 256)),
  ),
  ask("a modulus of 4095 bits", ALGORITHM, modulus(flip(0, 0x80))),
  ask("a byte behind the RSA key", "ERR_MALFORMED_DER", ({ forge }) => ({
    spki: behindRsaKey(forge.caKey("ASK").spki),
  })),
  ask("a P-384 key", PROFILE, ({ made }) => ({ spki: p384Spki(made.chip.key.point) })),
  ask("the ARK's key: the leaf is not signed by it", SIGNATURE, ({ forge }) => ({ spki: forge.caKey("ARK").spki })),
];

/** The key with a byte more in its BIT STRING, behind the RSAPublicKey. */
function behindRsaKey(spki: Uint8Array): Uint8Array {
  const content = der.contentOf(spki);
  const algorithm = content.subarray(0, 15);
  return der.sequence(algorithm, der.bitString(lengthen(der.contentOf(content.subarray(15)).subarray(1))));
}

const swaps: readonly Recipe[] = [
  swapped("the ASVK of the line", "ERR_UNTRUSTED_BRANCH", { part: "intermediate", from: "milan-vlek" }),
  swapped("the ASK of Genoa", "ERR_UNTRUSTED_PRODUCT_LINE", { part: "intermediate", from: "genoa-vcek" }),
  swapped("the ARK in its place", "ERR_UNTRUSTED_BRANCH", { part: "intermediate", from: "milan-vcek", as: "root" }),
  swapped("the leaf in its place", NAME, { part: "intermediate", from: "milan-vcek", as: "leaf" }),
];

export const INTERMEDIATE_GROUPS: readonly Group[] = [
  {
    base: "milan-vcek",
    recipes: [...structure, ...signing, ...names, ...profile, ...times, ...keys, ...swaps],
  },
  {
    base: "genoa-vlek",
    recipes: [
      swapped("the ASK of the line", "ERR_UNTRUSTED_BRANCH", { part: "intermediate", from: "genoa-vcek" }),
      ask("expired a second ago", "ERR_UNTRUSTED_CERTIFICATE_EXPIRED", { notAfter: new Date("2026-05-31T23:59:59Z") }),
    ],
  },
];

const ROOT = "ERR_UNTRUSTED_ROOT";

const rootCases: readonly Recipe[] = [
  omitted("no root: the anchor is root enough", null, ["root"]),
  alteredArk("one byte short", "ERR_MALFORMED_DER", cut),
  alteredArk("its signature altered", SIGNATURE, (bytes) => flip(bytes.length - 1)(bytes)),
  ark("another serial", ROOT, { serial: 0x010099 }),
  ark("another key of AMD's name, self-signed", ROOT, ({ forge }) => {
    const foreign = forge.foreignCaKey();
    return { spki: foreign.spki, signWith: foreign };
  }),
  forged("the right key, signed by a foreign one", SIGNATURE, ({ forge }) => ({
    root: { signWith: forge.foreignCaKey() },
  })),
  forged("a whole hierarchy of AMD's names below a foreign root", ROOT, ({ forge }) => {
    const foreign = forge.foreignCaKey();
    const ca = { spki: foreign.spki, signWith: foreign };
    return { root: ca, intermediate: ca, leaf: { signWith: foreign }, crl: { signWith: foreign } };
  }),
  ark("subject of another unit", ROOT, { subject: { organizationalUnit: "Test" } }),
  ark("issuer another than its subject", ROOT, { issuer: { organizationalUnit: "Test" } }),
  ark("subject of another organization", NAME, { subject: { organization: "Somebody" } }),
  ark("subject the ASK", "ERR_UNTRUSTED_BRANCH", { subject: { commonName: "SEV-Milan" } }),
  ark("subject the ARK of Genoa", "ERR_UNTRUSTED_PRODUCT_LINE", { subject: { commonName: "ARK-Genoa" } }),
  ark("without basicConstraints", PROFILE, { basicConstraints: null }),
  ark("basicConstraints without CA", PROFILE, { basicConstraints: { ca: false } }),
  ark("pathLen 0, no room for an ASK", PROFILE, { basicConstraints: { pathLen: 0 } }),
  ark("keyUsage without cRLSign", PROFILE, { keyUsage: { usages: ["keyCertSign"] } }),
  ark("keyUsage without keyCertSign", PROFILE, { keyUsage: { usages: ["cRLSign"] } }),
  ark("an unknown extension, critical", PROFILE, { extensions: { add: [{ ...UNKNOWN, critical: true }] } }),
  ark("dates of its own, expired: the anchor's count", null, { notAfter: new Date("2023-01-01T00:00:00Z") }),
  under(
    { now: "2048-01-01T00:00:00Z", options: { revocation: "skip" } },
    ark("dates of its own, longer: the anchor's count", "ERR_UNTRUSTED_CERTIFICATE_EXPIRED", {
      notAfter: new Date("2099-01-01T00:00:00Z"),
    }),
  ),
  judged("before the anchor was made", "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID", {
    now: "2022-01-01T00:00:00Z",
    options: { revocation: "skip" },
  }),
  judged("anchors of another line alone", ROOT, { anchors: "genoa-vcek" }),
  judged("anchors of the same line and the other branch: one ARK for both", null, { anchors: "milan-vlek" }),
  swapped("the ARK of Turin", "ERR_UNTRUSTED_PRODUCT_LINE", { part: "root", from: "turin-vcek" }),
  swapped("the ASK in its place", "ERR_UNTRUSTED_BRANCH", { part: "root", from: "milan-vcek", as: "intermediate" }),
];

export const ROOT_GROUPS: readonly Group[] = [{ base: "milan-vcek", recipes: rootCases }];
