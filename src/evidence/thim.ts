import { copyBytes, readOptions } from "../bytes/arguments.js";
import { REPORT_LENGTH } from "../report/layouts.js";
import { malformedContainer, shown } from "./container-error.js";
import type { EvidenceCertificates } from "./evidence.js";
import { integerOf, type JsonPart, jsonContainer, memberOf, needMember, textOf } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport } from "./parts.js";
import { arrange, type Placed, placePem } from "./places.js";
import { promised } from "./promised.js";

/** A report, and what the host's THIM answered about its chip. */
export interface ThimInput {
  /** The 1184 bytes: on Azure what `openAzureHcl` found, in a container group what /dev/sev-guest gave. */
  report: Uint8Array;
  /** The body of the answer. */
  thim: Uint8Array | string;
}

/** What THIM says beside the certificates. */
export interface ThimClaims {
  /** The TCB that the VCEK is said to be of, as THIM writes it: 16 hex digits, lower case, microcode first. */
  readonly tcbm: string;
  /** How long the answer may be kept; null where it is not said. */
  readonly cacheControlSeconds: number | null;
}

const CONTAINER = "thim";
const TCBM = /^[0-9a-f]{16}$/i;
const SECONDS = /^[0-9]{1,9}$/;
const GREATEST_SECONDS = 999_999_999;

function tcbmOf(part: JsonPart): string {
  const text = textOf(part);
  if (TCBM.test(text)) return text.toLowerCase();
  throw malformedContainer(part.container, part.where, `expected 16 hex digits, found ${shown(text)}`);
}

/** A number, or the text of one. */
function secondsOf(part: JsonPart): number {
  if (typeof part.value !== "string") return integerOf(part, GREATEST_SECONDS);
  if (SECONDS.test(part.value)) return Number(part.value);
  throw malformedContainer(part.container, part.where, `expected seconds, found ${shown(part.value)}`);
}

function pemAt(whole: JsonPart, key: string): readonly Placed[] {
  return placePem(CONTAINER, key, new TextEncoder().encode(textOf(needMember(whole, key))));
}

function certificatesOf(whole: JsonPart): readonly Placed[] {
  const leaf = pemAt(whole, "vcekCert");
  const [first, ...more] = leaf;
  if (first?.role !== "leaf" || more.length > 0) {
    throw malformedContainer(CONTAINER, "vcekCert", "expected one certificate, a VCEK or VLEK");
  }
  return [...leaf, ...pemAt(whole, "certificateChain")];
}

/** THIM's answer, opened. */
export interface ThimAnswer {
  readonly certificates: EvidenceCertificates;
  readonly claims: ThimClaims;
}

/** Unverified: THIM's answer without a report. @throws as `openThim` */
export function readThim(thim: unknown): ThimAnswer {
  const whole = jsonContainer(CONTAINER, thim, "input.thim");
  const certificates = arrange(CONTAINER, certificatesOf(whole));
  const cacheControl = memberOf(whole, "cacheControl");
  const claims = {
    tcbm: tcbmOf(needMember(whole, "tcbm")),
    cacheControlSeconds: cacheControl === undefined ? null : secondsOf(cacheControl),
  };
  return { certificates, claims };
}

function open(input: unknown): OpenedEvidence<ThimClaims> {
  const { report, thim } = readOptions(input, "input", ["report", "thim"]);
  // A report far beyond its length is refused before it is copied.
  const bytes = exactReport(CONTAINER, copyBytes(report, "input.report", REPORT_LENGTH));
  const { certificates, claims } = readThim(thim);
  return { evidence: { report: bytes, certificates }, claims };
}

/**
 * Unverified: a report with the certificates that Azure's THIM (IMDS, `/metadata/THIM/amd/certification`) gives for
 * the chip it runs on.
 *
 * THIM's answer holds no report, so the caller brings one. Roles come from the certificates' own names. Whether they
 * are of that chip and TCB is for verification to say; `tcbm` is compared with nothing.
 *
 * @param input - both parts; the answer is JSON of at most 256 KiB
 * @param options - none are known
 * @throws TypeError for anything but such an object, an unknown name in it, or an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` for a report that has not 1184 bytes; `ERR_MALFORMED_CONTAINER` for
 * JSON of another shape, a key twice, a certificate of no role, two of one role; what `parsePem` and
 * `parseCertificate` throw.
 *
 * Source: Microsoft, Trusted Hardware Identity Management, AMD certification.
 */
export function openThim(
  input: ThimInput,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<ThimClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return open(input);
  });
}
