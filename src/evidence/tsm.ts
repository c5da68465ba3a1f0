import type { CertificateTableEntry } from "./certificate-table.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport, withTable } from "./parts.js";

/** The limit of `parseCertificateTable`; manifests are far smaller. */
export const MAX_BLOB_BYTES = 262_144;

const PROVIDER = "sev_guest";
const GREATEST_PRIVLEVEL = 3;

/** What a TSM report says beside the report and its certificates. */
export interface TsmClaims {
  /** Every entry of the certificate table, in its order. */
  readonly entries: readonly CertificateTableEntry[];
  /** The manifest of an SVSM's services; null where there is none. */
  readonly manifest: Uint8Array | null;
  /** Who supplied the manifest, for instance `svsm`; null where nobody is named. */
  readonly serviceProvider: string | null;
  /** The VMPL that was asked for; null where it is not said. The report has its own. */
  readonly privlevel: number | null;
}

/** The members of a TSM report in any of its forms; undefined where absent. */
export interface TsmMembers {
  readonly outblob: Uint8Array;
  readonly auxblob: Uint8Array | undefined;
  readonly manifestblob: Uint8Array | undefined;
  readonly provider: string | undefined;
  readonly serviceProvider: string | undefined;
  readonly privlevel: number | undefined;
}

/** The kernel ends the attribute's text with a line break, and tools keep it. */
function withoutLineBreak(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

function checkPrivlevel(container: string, privlevel: number): void {
  if (Number.isInteger(privlevel) && privlevel >= 0 && privlevel <= GREATEST_PRIVLEVEL) return;
  throw malformedContainer(container, "privlevel", `expected 0 to ${GREATEST_PRIVLEVEL}, found ${shown(privlevel)}`);
}

/**
 * Opens the members of a TSM report, whatever form they came in.
 *
 * @throws MalformedError `ERR_MALFORMED_LENGTH`, `ERR_MALFORMED_CONTAINER`, and as `parseCertificateTable`
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for another provider than `sev_guest`.
 */
export function openTsm(container: string, members: TsmMembers): OpenedEvidence<TsmClaims> {
  const { outblob, auxblob, manifestblob, provider, serviceProvider, privlevel } = members;
  if (provider !== undefined && withoutLineBreak(provider) !== PROVIDER) {
    throw unsupportedContainer(container, "provider", `a report of ${shown(provider)}`);
  }
  if (privlevel !== undefined) checkPrivlevel(container, privlevel);
  const report = exactReport(`${container}: outblob`, outblob);
  const { evidence, entries } = withTable(report, auxblob ?? new Uint8Array(0));
  const manifest = manifestblob === undefined || manifestblob.length === 0 ? null : manifestblob.slice();
  const service = serviceProvider === undefined ? null : withoutLineBreak(serviceProvider);
  return { evidence, claims: { entries, manifest, serviceProvider: service, privlevel: privlevel ?? null } };
}
