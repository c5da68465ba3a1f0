import type { CryptoEngine } from "../crypto/engine.js";
import { type AzureHclClaims, type AzureHclOptions, hclEngine, MAX_HCL_BYTES, openHcl } from "./azure-hcl.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import type { EvidenceCertificates } from "./evidence.js";
import {
  base64UrlOf,
  hexOf,
  itemsOf,
  type JsonPart,
  jsonContainer,
  memberOf,
  needMember,
  numbersOf,
  textOf,
} from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { oneDer } from "./parts.js";
import { arrange, placePem } from "./places.js";

/** A quote of the vTPM as it came. Nothing here has looked at it: neither signature, nor nonce, nor PCR digest. */
export interface UnverifiedTpmQuote {
  /** RSASSA-PKCS1-v1_5 with SHA-256, by the key `HCLAkPub`, if it is what it claims to be. */
  readonly signature: Uint8Array;
  /** TPMS_ATTEST. */
  readonly message: Uint8Array;
  /** The PCRs of the SHA-256 bank from 0, 32 bytes each, said to be those of the quote. */
  readonly pcrs: readonly Uint8Array[];
}

/** What Trustee's evidence of an Azure VM holds beside the report and the VCEK. */
export interface TrusteeAzSnpVtpmClaims extends AzureHclClaims {
  /** Of the evidence: 0 has none written. In version 2 the guest put its REPORT_DATA into `userData`. */
  readonly version: 0 | 1 | 2;
  /** Unverified. */
  readonly quote: UnverifiedTpmQuote;
}

const CONTAINER = "trustee-az-snp-vtpm";
const MAX_PCRS = 24;
const PCR_LENGTH = 32;
/** RSA-2048 makes 256 bytes and a quote under 200. */
const MAX_QUOTE_BYTES = 4096;

/** How a version spells bytes, and what it calls the parts. */
interface Spelling {
  readonly quote: string;
  readonly report: string;
  readonly quoteBytes: (part: JsonPart) => Uint8Array;
  readonly reportBytes: (part: JsonPart) => Uint8Array;
  readonly certificates: (part: JsonPart) => EvidenceCertificates;
}

/** The first version has PEM: the VCEK, and sometimes ASK and ARK behind it. */
function pemCertificates(part: JsonPart): EvidenceCertificates {
  const certificates = arrange(CONTAINER, placePem(CONTAINER, part.where, new TextEncoder().encode(textOf(part))));
  if (certificates.leaf !== undefined) return certificates;
  throw malformedContainer(CONTAINER, part.where, "expected a VCEK, found none among the certificates");
}

const NUMBERS: Spelling = {
  quote: "quote",
  report: "report",
  quoteBytes: numbersOf,
  reportBytes: numbersOf,
  certificates: pemCertificates,
};

const TEXTS: Spelling = {
  quote: "tpm_quote",
  report: "hcl_report",
  quoteBytes: hexOf,
  reportBytes: base64UrlOf,
  certificates: (part) => ({ leaf: oneDer(CONTAINER, part.where, base64UrlOf(part)) }),
};

function versionOf(whole: JsonPart): TrusteeAzSnpVtpmClaims["version"] {
  const part = memberOf(whole, "version");
  if (part === undefined) return 0;
  if (part.value === 1 || part.value === 2) return part.value;
  throw unsupportedContainer(CONTAINER, "version", shown(part.value));
}

function bounded(part: JsonPart, bytes: Uint8Array, max: number): Uint8Array {
  if (bytes.length <= max) return bytes;
  throw malformedContainer(CONTAINER, part.where, `expected at most ${max} bytes, found ${bytes.length}`);
}

function quoteOf(part: JsonPart, { quoteBytes }: Spelling): UnverifiedTpmQuote {
  const bytes = (key: string) => {
    const member = needMember(part, key);
    return bounded(member, quoteBytes(member), MAX_QUOTE_BYTES);
  };
  const pcrs = itemsOf(needMember(part, "pcrs"), MAX_PCRS).map((item) => {
    const pcr = quoteBytes(item);
    if (pcr.length === PCR_LENGTH) return pcr;
    throw malformedContainer(CONTAINER, item.where, `expected ${PCR_LENGTH} bytes, found ${pcr.length}`);
  });
  return { signature: bytes("signature"), message: bytes("message"), pcrs };
}

/** Everything but the HCL report, which is opened last. */
function takeApart(input: unknown) {
  const whole = jsonContainer(CONTAINER, input);
  const version = versionOf(whole);
  const spelling = version === 0 ? NUMBERS : TEXTS;
  const report = needMember(whole, spelling.report);
  return {
    version,
    blob: bounded(report, spelling.reportBytes(report), MAX_HCL_BYTES),
    certificates: spelling.certificates(needMember(whole, "vcek")),
    quote: quoteOf(needMember(whole, spelling.quote), spelling),
  };
}

async function open(engine: CryptoEngine, parts: ReturnType<typeof takeApart>) {
  const { version, blob, certificates, quote } = parts;
  const { evidence, claims } = await openHcl(engine, CONTAINER, blob);
  return { evidence: { report: evidence.report, certificates }, claims: { ...claims, version, quote } };
}

/**
 * Unverified: Trustee's evidence for the TEE `az-snp-vtpm`, versions 0, 1 and 2: an HCL report, the VCEK, and a quote
 * of the vTPM.
 *
 * The HCL report is opened as `openAzureHcl` does, with its rule for REPORT_DATA. The quote is handed over as it came
 * and NOT verified, nor is `userData` compared with anything, which version 2 asks of a verifier: the nonces in both
 * are the verifier's to know.
 *
 * @param input - JSON of at most 256 KiB; members that are not known are passed over
 * @throws TypeError when `input` is neither `Uint8Array` nor string, for an unknown option, or an engine that is none.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit; `ERR_MALFORMED_CONTAINER` for JSON of another shape, a
 * key twice, no VCEK, two certificates of one role, and as `openAzureHcl`; `ERR_MALFORMED_ENCODING`; what
 * `parseCertificate` throws.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another version, and as `openAzureHcl`.
 * @throws UntrustedError `ERR_UNTRUSTED_CONTAINER_BINDING` as `openAzureHcl`.
 *
 * Source: Trustee, deps/verifier/src/az_snp_vtpm.
 */
export async function openTrusteeAzSnpVtpm(
  input: Uint8Array | string,
  options: AzureHclOptions = {},
): Promise<OpenedEvidence<TrusteeAzSnpVtpmClaims>> {
  const engine = hclEngine(options);
  return await open(engine, takeApart(input));
}
