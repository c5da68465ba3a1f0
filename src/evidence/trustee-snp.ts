import { readOptions } from "../bytes/arguments.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import type { EvidenceCertificates } from "./evidence.js";
import {
  base64Of,
  itemsOf,
  type JsonPart,
  jsonContainer,
  keysOf,
  memberOf,
  needMember,
  numbersOf,
  textOf,
} from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { oneDer } from "./parts.js";
import { arrange, type Placed } from "./places.js";
import { promised } from "./promised.js";
import { rebuildTrusteeReport } from "./trustee-report.js";

/** An entry of `cert_chain` that is no certificate of AMD's hierarchy. */
export interface TrusteeOtherEntry {
  /** The GUID, as it is written there. */
  readonly guid: string;
  readonly bytes: Uint8Array;
}

/** What Trustee's evidence holds beside the report and its certificates. */
export interface TrusteeSnpClaims {
  readonly others: readonly TrusteeOtherEntry[];
  /** The manifest of an SVSM's vTPM; null where there is none. */
  readonly svsmManifest: Uint8Array | null;
}

const CONTAINER = "trustee-snp";
/** The certificate table that the list is made from has at most as many. */
const MAX_ENTRIES = 64;
const OTHER = "OTHER";
const EMPTY = "Empty";

const ROLES: ReadonlyMap<string, keyof EvidenceCertificates> = /* @__PURE__ */ new Map([
  ["VCEK", "leaf"],
  ["VLEK", "leaf"],
  ["ASK", "intermediate"],
  ["ARK", "root"],
  ["CRL", "crl"],
]);

interface Entries {
  readonly placed: readonly Placed[];
  readonly others: readonly TrusteeOtherEntry[];
}

const NONE: Entries = { placed: [], others: [] };

/** The GUID of an entry of a kind that the list has no name for; null where the kind is a name. */
function otherGuid(type: JsonPart): string | null {
  if (typeof type.value === "string") return null;
  const [key, ...more] = keysOf(type);
  if (key === OTHER && more.length === 0) return textOf(needMember(type, OTHER));
  throw malformedContainer(CONTAINER, type.where, "expected the name of a kind, or OTHER with a GUID");
}

function entriesOf(entry: JsonPart): Entries {
  const type = needMember(entry, "cert_type");
  const data = needMember(entry, "data");
  const bytes = numbersOf(data);
  const guid = otherGuid(type);
  if (guid !== null) return { placed: [], others: [{ guid, bytes }] };
  const kind = textOf(type);
  const role = ROLES.get(kind);
  if (role !== undefined) {
    return { placed: [{ role, where: data.where, der: oneDer(CONTAINER, data.where, bytes) }], others: [] };
  }
  // The end of the table, which some versions of the list keep.
  if (kind === EMPTY && bytes.length === 0) return NONE;
  throw unsupportedContainer(CONTAINER, type.where, `an entry of kind ${shown(kind)} with ${bytes.length} bytes`);
}

function chainOf(whole: JsonPart): Entries {
  const chain = memberOf(whole, "cert_chain");
  if (chain === undefined) return NONE;
  const entries = itemsOf(chain, MAX_ENTRIES).map(entriesOf);
  return { placed: entries.flatMap(({ placed }) => placed), others: entries.flatMap(({ others }) => others) };
}

function checkGuids(others: readonly TrusteeOtherEntry[]): void {
  const guids = others.map(({ guid }) => guid.toLowerCase());
  const twice = guids.find((guid, index) => guids.indexOf(guid) !== index);
  if (twice !== undefined) throw malformedContainer(CONTAINER, "cert_chain", `${shown(twice)} stands there twice`);
}

function open(input: unknown): OpenedEvidence<TrusteeSnpClaims> {
  const whole = jsonContainer(CONTAINER, input);
  const report = rebuildTrusteeReport(needMember(whole, "attestation_report"));
  const { placed, others } = chainOf(whole);
  checkGuids(others);
  const manifest = memberOf(whole, "svsm_manifest");
  return {
    evidence: { report, certificates: arrange(CONTAINER, placed) },
    claims: { others, svsmManifest: manifest === undefined ? null : base64Of(manifest) },
  };
}

/**
 * Unverified: Trustee's evidence for the TEE `snp`: JSON with the report spelled out field by field.
 *
 * The report's bytes are rebuilt. Where the structure carries no reserved bytes they become zeros: if firmware wrote
 * anything else there, the report's signature fails. `cert_chain` may be absent, null or empty. A VCEK beside a VLEK is
 * refused. Numbers above 2^53 - 1 are refused, since JSON readers round them.
 *
 * @param input - JSON of at most 256 KiB; other members than the known ones are passed over, except in the report
 * @param options - none are known
 * @throws TypeError when `input` is neither `Uint8Array` nor string, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit; `ERR_MALFORMED_CONTAINER` for JSON of another shape, a
 * key twice, a field that does not fit, two certificates of one role; `ERR_MALFORMED_ENCODING` for broken PEM or base64.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a report version, a field of the report or a kind of entry
 * that is not known.
 *
 * Source: Trustee, deps/verifier/src/snp; virtee/sev, AttestationReport and CertTableEntry.
 */
export function openTrusteeSnp(
  input: Uint8Array | string,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<TrusteeSnpClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return open(input);
  });
}
