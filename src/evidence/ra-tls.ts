import { copyBytes, readOptions } from "../bytes/arguments.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { readBitStringBytes, readByteInteger, readOctetString } from "../der/values.js";
import { type Extension, readExtensions } from "../x509/extensions.js";
import { type CmwClaims, openCmwItems } from "./cmw.js";
import { readCmwItems } from "./cmw-items.js";
import { malformedContainer, unsupportedContainer } from "./container-error.js";
import type { Evidence } from "./evidence.js";
import { type GoSevGuestClaims, openAttestationMessage } from "./go-sev-guest.js";
import type { OpenedEvidence } from "./opened.js";
import { oneDer } from "./parts.js";
import { promised } from "./promised.js";

/** The greatest message inside it, and a certificate around. */
const MAX_BYTES = 524_288;
const NAME = "RA-TLS certificate";
const VERSION_3 = 2;

/** The extensions that are opened. */
const CARRIERS = {
  /** Of Contrast and Constellation, not registered: a go-sev-guest `Attestation`. */
  attestation: "1.3.9901.2.1",
  /** id-pe-cmw of draft-ietf-rats-msg-wrap. */
  cmw: "1.3.6.1.5.5.7.1.35",
} as const;

/** Extensions that carry evidence of other kinds: said by name, so that nobody looks for a mistake. */
const OTHERS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ["1.3.9901.2.2", "an Intel TDX quote"],
  ["1.2.840.113741.1337.6", "an Intel SGX quote"],
  ["2.23.133.5.4.9", "TCG DICE evidence"],
]);

/** What an RA-TLS certificate says beside the report and its certificates. */
export interface RaTlsClaims {
  /** SubjectPublicKeyInfo of the certificate, DER: what the scheme `atls` has as its part of this name. */
  readonly publicKey: Uint8Array;
  /** The content of its BIT STRING: the bare key, for an EC key the point. */
  readonly subjectPublicKey: Uint8Array;
  /** The OID of the extension that held the evidence. */
  readonly oid: string;
  /** What the extension held besides; null for the other kind of extension. */
  readonly attestation: GoSevGuestClaims | null;
  /** As above. */
  readonly cmw: CmwClaims | null;
}

/** What is read of a certificate that AMD did not issue. */
interface Carrier {
  readonly publicKey: Uint8Array;
  readonly subjectPublicKey: Uint8Array;
  readonly extensions: readonly Extension[];
}

function readSpki(tbs: DerCursor): Pick<Carrier, "publicKey" | "subjectPublicKey"> {
  const element = tbs.take(TAG.sequence);
  const inside = tbs.inside(element.content, element.end);
  inside.take(TAG.sequence);
  const subjectPublicKey = readBitStringBytes(inside).slice();
  inside.finish();
  return { publicKey: tbs.wholeOf(element).slice(), subjectPublicKey };
}

function readVersion(tbs: DerCursor): void {
  const wrapper = tbs.enter(TAG.explicit(0));
  if (readByteInteger(wrapper) !== VERSION_3) wrapper.fail("expected X.509 version 3");
  wrapper.finish();
}

/**
 * Key and extensions of any X.509 version 3 certificate: names, dates and signature are stepped over, since nothing
 * hangs on them.
 */
function readCarrier(der: Uint8Array): Carrier {
  const whole = DerCursor.over(der, NAME);
  const outer = whole.enter(TAG.sequence);
  whole.finish();
  const tbs = outer.enter(TAG.sequence);
  outer.take(TAG.sequence);
  outer.take(TAG.bitString);
  outer.finish();
  readVersion(tbs);
  tbs.take(TAG.integer);
  for (const _ of ["signature", "issuer", "validity", "subject"]) tbs.take(TAG.sequence);
  const key = readSpki(tbs);
  for (const uniqueId of [TAG.implicit(1), TAG.implicit(2)]) if (tbs.peek() === uniqueId) tbs.take(uniqueId);
  if (tbs.peek() === undefined) throw malformedContainer(NAME, "extensions", "the certificate has none");
  const wrapper = tbs.enter(TAG.explicit(3));
  const extensions = readExtensions(wrapper);
  wrapper.finish();
  tbs.finish();
  return { ...key, extensions };
}

/** The one extension that carries SNP evidence. */
function carrierIn(extensions: readonly Extension[]): Extension {
  const known: readonly string[] = Object.values(CARRIERS);
  const [extension, second] = extensions.filter(({ oid }) => known.includes(oid));
  if (second !== undefined) throw malformedContainer(NAME, "extensions", "evidence in two extensions");
  if (extension !== undefined) return extension;
  const other = extensions.find(({ oid }) => OTHERS.has(oid));
  if (other === undefined) throw malformedContainer(NAME, "extensions", "no extension carries SNP evidence");
  throw unsupportedContainer(NAME, other.oid, String(OTHERS.get(other.oid)));
}

/** The CHOICE of JSON in a UTF8String and CBOR in an OCTET STRING; the bytes tell their form themselves. */
function cmwBytes({ oid, value }: Extension): Uint8Array {
  const cursor = DerCursor.over(value, `${NAME}: extension ${oid}`);
  const isJson = cursor.peek() === TAG.utf8String;
  const bytes = isJson ? cursor.contentOf(cursor.take(TAG.utf8String)) : readOctetString(cursor);
  cursor.finish();
  const looksLikeJson = bytes[0] === 0x5b || bytes[0] === 0x7b;
  if (isJson !== looksLikeJson) throw malformedContainer(NAME, oid, "the CMW is not of the form that its type says");
  return bytes;
}

function openExtension(extension: Extension): { evidence: Evidence; inner: Pick<RaTlsClaims, "attestation" | "cmw"> } {
  if (extension.oid === CARRIERS.cmw) {
    const { evidence, claims } = openCmwItems(readCmwItems(cmwBytes(extension)));
    return { evidence, inner: { attestation: null, cmw: claims } };
  }
  const { evidence, claims } = openAttestationMessage(extension.value);
  return { evidence, inner: { attestation: claims, cmw: null } };
}

/**
 * Unverified: an X.509 certificate with SNP evidence in an extension: Contrast's and Constellation's (1.3.9901.2.1, a
 * go-sev-guest `Attestation`, with the CRL that Contrast adds) or id-pe-cmw (a CMW in JSON or CBOR).
 *
 * The certificate itself is not judged: not its signature, names, dates nor the kind of its key. It proves nothing
 * until the report's REPORT_DATA is bound to its key by the scheme that the policy names, and until that very key is
 * the one that the TLS peer has used: take the certificate from the connection, not from the peer's word.
 *
 * @param input - one certificate, DER or PEM, at most 512 KiB
 * @param options - none are known
 * @throws TypeError when `input` is no `Uint8Array`, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit; `ERR_MALFORMED_DER` for what is not strict DER;
 * `ERR_MALFORMED_CONTAINER` for no such extension or both of them; what `openGoSevGuest` and `openCmw` throw.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for an extension with evidence of another kind.
 *
 * Source: edgelesssys/contrast, internal/oid; draft-ietf-rats-msg-wrap; RFC 5280 section 4.1.
 */
export function openRaTls(
  input: Uint8Array,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<RaTlsClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    const { extensions, ...keys } = readCarrier(oneDer(NAME, "input", copyBytes(input, "input", MAX_BYTES)));
    const extension = carrierIn(extensions);
    const { evidence, inner } = openExtension(extension);
    return { evidence, claims: { ...keys, oid: extension.oid, ...inner } };
  });
}
