import { readOptions } from "../bytes/arguments.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { base64Of, type JsonPart, jsonContainer, memberOf, needMember, textOf } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport, oneDer } from "./parts.js";
import { arrange, type Placed } from "./places.js";
import { promised } from "./promised.js";

/** What a dump of Nitride holds beside the report and its certificate. */
export interface NitrideClaims {
  /** Where the dump says it was made. */
  readonly provider: string;
  /** The processor that the dump says it was made on; null where it is not said. The report has its own. */
  readonly product: string | null;
  /** What the guest asked the report for, as bytes: JSON with `Nonce` and `Data`; null where it is not there. */
  readonly data: Uint8Array | null;
}

const CONTAINER = "nitride";
const PROVIDER = "aws-sev-snp-raw";
const VERSION = 1;
/** Published is the first. */
const LEAVES = ["Vlek", "Vcek"] as const;
const MAX_DATA_BYTES = 65_536;

function checkVersion(part: JsonPart): void {
  const version = needMember(part, "Version");
  if (version.value !== VERSION)
    throw unsupportedContainer(CONTAINER, version.where, `version ${shown(version.value)}`);
}

function leaves(attestation: JsonPart): readonly Placed[] {
  return LEAVES.flatMap((key) => {
    const part = memberOf(attestation, key);
    if (part === undefined) return [];
    return [{ role: "leaf", where: part.where, der: oneDer(CONTAINER, part.where, base64Of(part)) }];
  });
}

function dataOf(attestation: JsonPart): Uint8Array | null {
  const part = memberOf(attestation, "Data");
  if (part === undefined) return null;
  const data = base64Of(part);
  if (data.length <= MAX_DATA_BYTES) return data;
  throw malformedContainer(CONTAINER, part.where, `expected at most ${MAX_DATA_BYTES} bytes, found ${data.length}`);
}

function open(input: unknown): OpenedEvidence<NitrideClaims> {
  const whole = jsonContainer(CONTAINER, input);
  checkVersion(whole);
  const provider = needMember(whole, "Provider");
  if (textOf(provider) !== PROVIDER) throw unsupportedContainer(CONTAINER, provider.where, shown(provider.value));
  const attestation = needMember(whole, "Attestation");
  checkVersion(attestation);
  const report = needMember(attestation, "Report");
  const product = memberOf(attestation, "Product");
  return {
    evidence: {
      report: exactReport(`${CONTAINER}: ${report.where}`, base64Of(report)),
      certificates: arrange(CONTAINER, leaves(attestation)),
    },
    claims: {
      provider: PROVIDER,
      product: product === undefined ? null : textOf(product),
      data: dataOf(attestation),
    },
  };
}

/**
 * Unverified: the dump that `vhsm nitride attestation generate dump` of enclaive prints, of the provider
 * `aws-sev-snp-raw`.
 *
 * Read as the vendor's manual shows it: JSON with report, VLEK and data in base64. How REPORT_DATA comes about is not
 * published, so nothing ties `data` to the report. A `Vcek` in place of the `Vlek` is taken on the same terms.
 *
 * @param input - JSON of at most 256 KiB; members that are not known are passed over
 * @param options - none are known
 * @throws TypeError when `input` is neither `Uint8Array` nor string, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit, or for a report that has not 1184 bytes;
 * `ERR_MALFORMED_CONTAINER` for JSON of another shape, a key twice, a VLEK beside a VCEK; `ERR_MALFORMED_ENCODING`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another version or provider.
 *
 * Source: enclaive, Nitride documentation, Hello "attestation" world.
 */
export function openNitride(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<NitrideClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return open(input);
  });
}
