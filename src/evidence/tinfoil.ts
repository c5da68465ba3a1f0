import { readOptions } from "../bytes/arguments.js";
import { REPORT_LENGTH } from "../report/layouts.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { gunzip } from "./gunzip.js";
import { base64Of, type JsonPart, jsonContainer, memberOf, needMember, textOf } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport, oneDer } from "./parts.js";

/** What tinfoil's documents hold beside the report and the VCEK. All of it is unverified text of whoever served it. */
export interface TinfoilClaims {
  /** Of the document: what REPORT_DATA holds differs (tinfoil's rule 1 or 2). */
  readonly version: 1 | 2;
  /** The host that a bundle says it is of; null in a plain document. */
  readonly domain: string | null;
  /** The digest of the release that a bundle names; null where there is none. */
  readonly digest: string | null;
  /** The TLS certificate that a bundle brings, as it is written there; null where there is none. */
  readonly enclaveCertificate: string | null;
}

const CONTAINER = "tinfoil";
const PREFIX = "https://tinfoil.sh/predicate/";
const VERSIONS: ReadonlyMap<string, TinfoilClaims["version"]> = /* @__PURE__ */ new Map([
  [`${PREFIX}sev-snp-guest/v1`, 1],
  [`${PREFIX}sev-snp-guest/v2`, 2],
]);
/** A report does not compress to more than its own length and a gzip frame. */
const MAX_BODY_BYTES = 2048;

function versionOf(document: JsonPart): TinfoilClaims["version"] {
  const format = needMember(document, "format");
  const version = VERSIONS.get(textOf(format));
  if (version === undefined) throw unsupportedContainer(CONTAINER, format.where, shown(format.value));
  return version;
}

/** The document itself, or the one inside a bundle. */
function documentOf(whole: JsonPart): JsonPart {
  const inside = memberOf(whole, "enclaveAttestationReport");
  if (inside === undefined) return whole;
  if (memberOf(whole, "format") === undefined && memberOf(whole, "body") === undefined) return inside;
  throw malformedContainer(CONTAINER, "JSON", "expected a document or a bundle with one inside, found both at once");
}

function optionalText(whole: JsonPart, key: string): string | null {
  const part = memberOf(whole, key);
  return part === undefined ? null : textOf(part);
}

function leafOf(whole: JsonPart) {
  const vcek = memberOf(whole, "vcek");
  return vcek === undefined ? {} : { leaf: oneDer(CONTAINER, vcek.where, base64Of(vcek)) };
}

/** What can be read without waiting. */
function takeApart(input: unknown) {
  const whole = jsonContainer(CONTAINER, input);
  const document = documentOf(whole);
  const isBundle = document !== whole;
  const version = versionOf(document);
  const part = needMember(document, "body");
  const body = base64Of(part);
  if (body.length > MAX_BODY_BYTES) {
    throw malformedContainer(CONTAINER, part.where, `expected at most ${MAX_BODY_BYTES} bytes, found ${body.length}`);
  }
  const text = (key: string) => (isBundle ? optionalText(whole, key) : null);
  const claims: TinfoilClaims = {
    version,
    domain: text("domain"),
    digest: text("digest"),
    enclaveCertificate: text("enclaveCert"),
  };
  return { body, where: part.where, certificates: isBundle ? leafOf(whole) : {}, claims };
}

/**
 * Unverified: what a tinfoil enclave serves at `/.well-known/tinfoil-attestation`, or the bundle in which tinfoil's
 * attestation service wraps it with the VCEK.
 *
 * Version 1 has the report in base64; version 2 has it in gzip in base64, and unpacking stops behind 1184 bytes. The
 * measurements, the Sigstore bundle and the TLS certificate are not looked at.
 *
 * @param input - JSON of at most 256 KiB; members that are not known are passed over
 * @param options - none are known
 * @throws TypeError when `input` is neither `Uint8Array` nor string, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit, or for a report that has not 1184 bytes;
 * `ERR_MALFORMED_CONTAINER` for JSON of another shape, a key twice, a document beside a bundle, a body that is no gzip
 * or swells; `ERR_MALFORMED_ENCODING` for broken base64.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for any other format: TDX, measurements.
 *
 * Source: tinfoil, Remote Attestation Document Specification; tinfoilsh/verifier, attestation.
 */
export async function openTinfoil(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<TinfoilClaims>> {
  readOptions(options, "options", []);
  const { body, where, certificates, claims } = takeApart(input);
  const task = { container: CONTAINER, where, length: REPORT_LENGTH };
  const report = claims.version === 1 ? exactReport(`${CONTAINER}: ${where}`, body) : await gunzip(task, body);
  return { evidence: { report, certificates }, claims };
}
