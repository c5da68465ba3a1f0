/** Attacks on the VCEK or VLEK, and sound leaves that look odd. */
import { p256 } from "@noble/curves/nist.js";
import { AMD_EXTENSION } from "../../src/amd/oids.js";
import { concatBytes } from "../../src/bytes/codecs.js";
import type { ErrorCode } from "../../src/errors.js";
import { der, type LeafOptions, p384Spki } from "../../src/testing/index.js";
import type { Base } from "./bases.js";
import {
  alteredIn,
  cut,
  empty,
  flip,
  forged,
  type Group,
  judged,
  lengthen,
  omitted,
  type Recipe,
  resigned,
  swapped,
} from "./recipe.js";

type Change = LeafOptions | ((base: Base) => LeafOptions);

const leaf = (comment: string, code: ErrorCode | null, change: Change): Recipe =>
  resigned(comment, code, (base) => ({ leaf: typeof change === "function" ? change(base) : change }));

/** Cases in which one extension has another value. */
const replacing = (oid: string) => (comment: string, code: ErrorCode | null, value: Uint8Array) =>
  leaf(comment, code, { extensions: { replace: { [oid]: { value } } } });

const altered = alteredIn("leaf");
const PROFILE = "ERR_UNTRUSTED_CERTIFICATE_PROFILE";
const NAME = "ERR_UNTRUSTED_CERTIFICATE_NAME";
const SIGNATURE = "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE";
const ALGORITHM = "ERR_UNSUPPORTED_CERTIFICATE_ALGORITHM";
const UNKNOWN_OID = "1.3.6.1.4.1.3704.9.9";

const structure: readonly Recipe[] = [
  omitted("no leaf", "ERR_COLLATERAL_MISSING", ["leaf"]),
  altered("empty", "ERR_MALFORMED_DER", empty),
  altered("one byte short", "ERR_MALFORMED_DER", cut),
  altered("one byte long", "ERR_MALFORMED_DER", lengthen),
  leaf("the list of extensions empty", "ERR_MALFORMED_DER", { extensions: { arrange: () => [] }, patchTbs: emptyList }),
  leaf("no extensions at all", "ERR_MALFORMED_DER", { extensions: { arrange: () => [] } }),
  leaf("version 1, unsaid", "ERR_MALFORMED_CERTIFICATE", { version: null }),
  leaf("version 2", "ERR_MALFORMED_CERTIFICATE", { version: 2 }),
  leaf("version 4", "ERR_MALFORMED_CERTIFICATE", { version: 4 }),
  leaf("serial 1", PROFILE, { serial: 1 }),
  leaf("serial negative", "ERR_MALFORMED_DER", { serial: -1 }),
];

/** Puts the context tag with a SEQUENCE of nothing behind the public key. */
function emptyList(tbs: Uint8Array): Uint8Array {
  return der.sequence(der.contentOf(tbs), der.explicit(3, der.sequence()));
}

const signing: readonly Recipe[] = [
  altered("its signature altered", SIGNATURE, (bytes) => flip(bytes.length - 1)(bytes)),
  altered("its signature zero", SIGNATURE, (bytes) => bytes.fill(0, bytes.length - 512)),
  altered("its public key altered", ALGORITHM, (bytes) => flip(keyOffset(bytes) + 40)(bytes)),
  forged("signed by a foreign CA key", SIGNATURE, ({ forge }) => ({ leaf: { signWith: forge.foreignCaKey() } })),
  forged("signed by the ARK, issued by the ASK in name", SIGNATURE, ({ forge }) => ({
    leaf: { signWith: forge.caKey("ARK") },
  })),
  forged("signed by the ASVK, issued by the ASK in name", SIGNATURE, ({ forge }) => ({
    leaf: { signWith: forge.caKey("ASVK") },
  })),
  forged("signed by its own key: its signature is no RSA-4096 signature", "ERR_MALFORMED_LENGTH", ({ made }) => ({
    leaf: { signWith: made.chip.key },
  })),
  forged("signed by its own key with ECDSA, and says so", ALGORITHM, ({ made }) => ({
    leaf: { signWith: made.chip.key, algorithm: "ecdsa-sha384" },
  })),
  leaf("the trailer of the PSS parameters spelled out, as until 2024", null, { algorithm: "explicit-trailer" }),
  leaf("RSASSA-PKCS1-v1_5", ALGORITHM, { algorithm: "pkcs1-sha384" }),
  leaf("RSASSA-PSS with SHA-256", ALGORITHM, { algorithm: { hash: "SHA-256", saltLength: 48 } }),
  leaf("RSASSA-PSS with SHA-512", ALGORITHM, { algorithm: { hash: "SHA-512", saltLength: 48 } }),
  leaf("RSASSA-PSS with a salt of 32 bytes", ALGORITHM, { algorithm: { hash: "SHA-384", saltLength: 32 } }),
  leaf("the algorithm inside in the other of AMD's forms", "ERR_MALFORMED_DER", { innerAlgorithm: "explicit-trailer" }),
  leaf("the algorithm inside another one", "ERR_MALFORMED_DER", { innerAlgorithm: "pkcs1-sha384" }),
];

/** Where the 97 bytes of the point start: behind the OID of secp384r1 and the head of the BIT STRING. */
function keyOffset(bytes: Uint8Array): number {
  const oid = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
  const start = bytes.findIndex((_, index) => oid.every((byte, place) => bytes[index + place] === byte));
  return start + oid.length + 3;
}

const names: readonly Recipe[] = [
  leaf("a VCEK that calls itself VLEK", "ERR_UNTRUSTED_SIGNING_KEY", { subject: { commonName: "SEV-VLEK" } }),
  leaf("subject VCEK without SEV-", NAME, { subject: { commonName: "VCEK" } }),
  leaf("subject of another organization", NAME, { subject: { organization: "Advanced Micro Devices, Inc." } }),
  leaf("subject without organization", NAME, { subject: { organization: null } }),
  leaf("subject without common name", NAME, { subject: { commonName: null } }),
  leaf("subject with two common names", NAME, { subject: twoNames() }),
  leaf("subject of another unit and place: free", null, {
    subject: { organizationalUnit: "Test", locality: null, country: "DE" },
  }),
  leaf("issuer the ARK, and signed by it", "ERR_UNTRUSTED_BRANCH", ({ forge }) => ({
    issuer: { commonName: "ARK-Milan" },
    signWith: forge.caKey("ARK"),
  })),
  leaf("issuer the ASVK, and signed by it", "ERR_UNTRUSTED_BRANCH", ({ forge }) => ({
    issuer: { commonName: "SEV-VLEK-Milan" },
    signWith: forge.caKey("ASVK"),
  })),
  leaf("issuer the ASK of Genoa", "ERR_UNTRUSTED_PRODUCT_LINE", { issuer: { commonName: "SEV-Genoa" } }),
  leaf("issuer of another organization", NAME, { issuer: { organization: "Somebody" } }),
  leaf("issuer that differs from the ASK's subject in a free part", NAME, { issuer: { locality: "Austin" } }),
  leaf("issuer of an unknown line", NAME, { issuer: { commonName: "SEV-Venice" } }),
];

/** AMD's VCEK name with one common name more. */
function twoNames(): Uint8Array {
  const part = (oid: string, text: string) => der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(text)));
  const cn = "2.5.4.3";
  return der.sequence(part("2.5.4.10", "Advanced Micro Devices"), part(cn, "SEV-VCEK"), part(cn, "SEV-VLEK"));
}

const instant = (text: string): Date => new Date(text);

const times: readonly Recipe[] = [
  leaf("expired a second ago", "ERR_UNTRUSTED_CERTIFICATE_EXPIRED", { notAfter: instant("2026-05-31T23:59:59Z") }),
  leaf("valid to this very second", null, { notAfter: instant("2026-06-01T00:00:00Z") }),
  leaf("valid from this very second", null, { notBefore: instant("2026-06-01T00:00:00Z") }),
  leaf("valid from the next second", "ERR_UNTRUSTED_CERTIFICATE_NOT_YET_VALID", {
    notBefore: instant("2026-06-01T00:00:01Z"),
  }),
  leaf("times as GeneralizedTime", null, { timeForm: "generalized" }),
  leaf("a UTCTime without seconds", "ERR_MALFORMED_DER", { notAfter: der.tlv(0x17, ascii("3306010000Z")) }),
  leaf("a UTCTime with a zone", "ERR_MALFORMED_DER", { notAfter: der.tlv(0x17, ascii("330601000000+0000")) }),
  leaf("a GeneralizedTime with a fraction", "ERR_MALFORMED_DER", {
    notAfter: der.tlv(0x18, ascii("20330601000000.5Z")),
  }),
  leaf("the thirtieth of February", "ERR_MALFORMED_DER", { notAfter: der.tlv(0x17, ascii("330230000000Z")) }),
];

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const { structVersion, productName, blSPL, teeSPL, snpSPL, spl4, spl5, spl6, spl7, ucodeSPL, hwID } = AMD_EXTENSION;
const CARRIED = { structVersion, productName, blSPL, teeSPL, snpSPL, spl4, spl5, spl6, spl7, ucodeSPL, hwID };

const snp = replacing(snpSPL);
const ucode = replacing(ucodeSPL);
const product = replacing(productName);

const extensions: readonly Recipe[] = [
  ...Object.entries(CARRIED).map(([name, oid]) => leaf(`without ${name}`, PROFILE, { extensions: { drop: [oid] } })),
  ...[productName, snpSPL, hwID].map((oid) =>
    leaf(`${oid} twice`, "ERR_MALFORMED_DER", { extensions: { repeat: [oid] } }),
  ),
  leaf("the extensions in another order", null, { extensions: { arrange: (list) => [...list].reverse() } }),
  leaf("an unknown extension, not critical", null, {
    extensions: { add: [{ oid: UNKNOWN_OID, critical: false, value: der.nil() }] },
  }),
  leaf("an unknown extension, critical", PROFILE, {
    extensions: { add: [{ oid: UNKNOWN_OID, critical: true, value: der.nil() }] },
  }),
  leaf("fmcSPL, which Milan has not", PROFILE, {
    extensions: { add: [{ oid: AMD_EXTENSION.fmcSPL, critical: false, value: der.integer(0) }] },
  }),
  leaf("a VCEK with cspID", PROFILE, { cspId: "CN=cc.forge.example" }),
  snp("an SPL of 256", "ERR_MALFORMED_DER", der.integer(256)),
  ucode("an SPL below zero", "ERR_MALFORMED_DER", der.tlv(2, Uint8Array.of(0xdb))),
  snp("an SPL not minimal", "ERR_MALFORMED_DER", der.tlv(2, Uint8Array.of(0, 24))),
  snp("an SPL with a byte behind it", "ERR_MALFORMED_DER", Uint8Array.of(2, 1, 24, 0)),
  snp("an SPL as OCTET STRING", "ERR_MALFORMED_DER", der.octetString(Uint8Array.of(24))),
  snp("an SPL of no bytes", "ERR_MALFORMED_DER", Uint8Array.of(2, 0)),
  product("productName as UTF8String", "ERR_MALFORMED_DER", der.utf8String("Milan-B0")),
  product("productName of Genoa", "ERR_UNTRUSTED_PRODUCT_LINE", der.ia5String("Genoa")),
  product("productName that only begins like the line", "ERR_UNTRUSTED_PRODUCT_LINE", der.ia5String("MilanX")),
  product("productName of another stepping", null, der.ia5String("Milan-B1")),
  leaf("hwID one byte short", PROFILE, ({ made }) => ({ hwId: made.chip.hwId.subarray(1) })),
  leaf("hwID in an OCTET STRING of its own", PROFILE, ({ made }) => ({ hwId: der.octetString(made.chip.hwId) })),
  leaf("hwID of Turin's length", PROFILE, ({ made }) => ({ hwId: made.chip.hwId.subarray(0, 8) })),
];

const binding: readonly Recipe[] = [
  ...(["bootLoader", "tee", "spl4", "spl5", "spl6", "spl7", "snp", "microcode"] as const).map((component) =>
    leaf(`for another TCB: ${component}`, "ERR_UNTRUSTED_TCB_MISMATCH", ({ made }) => ({
      tcb: { [component]: (made.chip.tcb[component] ?? 0) + 1 },
    })),
  ),
  leaf("for another chip", "ERR_UNTRUSTED_CHIP_ID", ({ forge }) => ({ hwId: forge.chip({ chip: "another" }).hwId })),
  leaf("for another chip's key", "ERR_UNTRUSTED_REPORT_SIGNATURE", ({ forge }) => ({
    key: forge.chip({ chip: "another" }).key,
  })),
];

/** `point` compressed: 0x02 or 0x03 by the parity of y, then x. */
function compressed(point: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(2 + ((point.at(-1) ?? 0) & 1)), point.subarray(1, 49));
}

function p256Spki(): Uint8Array {
  const algorithm = der.sequence(
    der.objectIdentifier("1.2.840.10045.2.1"),
    der.objectIdentifier("1.2.840.10045.3.1.7"),
  );
  return der.sequence(algorithm, der.bitString(p256.getPublicKey(new Uint8Array(32).fill(1), false)));
}

const keys: readonly Recipe[] = [
  leaf("the point compressed", ALGORITHM, ({ made }) => ({ spki: p384Spki(compressed(made.chip.key.point)) })),
  leaf("a point off the curve", ALGORITHM, ({ made }) => ({ spki: p384Spki(flip(96)(made.chip.key.point)) })),
  leaf("the point at infinity", ALGORITHM, { spki: p384Spki(Uint8Array.of(0)) }),
  leaf("the point cut short", ALGORITHM, ({ made }) => ({ spki: p384Spki(cut(made.chip.key.point)) })),
  leaf("an RSA key", PROFILE, ({ forge }) => ({ spki: forge.caKey("ASK").spki })),
  leaf("a P-256 key", ALGORITHM, { spki: p256Spki() }),
];

const swaps: readonly Recipe[] = [
  swapped("the VLEK of the line", "ERR_UNTRUSTED_SIGNING_KEY", { part: "leaf", from: "milan-vlek" }),
  swapped("the VCEK of another line", "ERR_UNTRUSTED_PRODUCT_LINE", { part: "leaf", from: "genoa-vcek" }),
  swapped("the ASK in the leaf's place", "ERR_UNTRUSTED_CERTIFICATE_NAME", {
    part: "leaf",
    from: "milan-vcek",
    as: "intermediate",
  }),
  swapped("the report in the leaf's place", "ERR_MALFORMED_DER", { part: "leaf", from: "milan-vcek", as: "report" }),
];

const turin: readonly Recipe[] = [
  leaf("without fmcSPL", PROFILE, { extensions: { drop: [AMD_EXTENSION.fmcSPL] } }),
  leaf("for another TCB: fmc", "ERR_UNTRUSTED_TCB_MISMATCH", { tcb: { fmc: 2 } }),
  leaf("spl4, which Turin has not", PROFILE, {
    extensions: { add: [{ oid: spl4, critical: false, value: der.integer(0) }] },
  }),
  leaf("hwID of Milan's length", PROFILE, { hwId: new Uint8Array(64).fill(1) }),
  leaf("hwID that differs in its last byte", "ERR_UNTRUSTED_CHIP_ID", ({ made }) => ({
    hwId: flip(7)(made.chip.hwId),
  })),
];

const vlek: readonly Recipe[] = [
  leaf("without cspID", PROFILE, { cspId: null }),
  leaf("a VLEK with hwID", PROFILE, { hwId: new Uint8Array(64).fill(1) }),
  leaf("of another provider: for the policy to judge", null, { cspId: "CN=elsewhere.example" }),
  leaf("a VLEK that calls itself VCEK", "ERR_UNTRUSTED_SIGNING_KEY", { subject: { commonName: "SEV-VCEK" } }),
  leaf("issuer the ASK, and signed by it", "ERR_UNTRUSTED_BRANCH", ({ forge }) => ({
    issuer: { commonName: "SEV-Milan" },
    signWith: forge.caKey("ASK"),
  })),
  swapped("the VCEK of the line", "ERR_UNTRUSTED_SIGNING_KEY", { part: "leaf", from: "milan-vcek" }),
];

const late: readonly Recipe[] = [
  judged("a year after: expired", "ERR_UNTRUSTED_CERTIFICATE_EXPIRED", {
    now: "2027-06-01T00:00:00Z",
    options: { revocation: "skip" },
  }),
];

export const LEAF_GROUPS: readonly Group[] = [
  {
    base: "milan-vcek",
    recipes: [...structure, ...signing, ...names, ...times, ...extensions, ...binding, ...keys, ...swaps],
  },
  { base: "turin-vcek", recipes: turin },
  { base: "milan-vlek", recipes: [...vlek, ...late] },
];
