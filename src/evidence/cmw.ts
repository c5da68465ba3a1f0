import { copyBytes, readOptions } from "../bytes/arguments.js";
import type { CertificateTableEntry } from "./certificate-table.js";
import { type CmwItem, type CmwItems, readCmwItems } from "./cmw-items.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { MAX_JSON_BYTES } from "./json-parts.js";
import type { OpenedEvidence } from "./opened.js";
import { exactReport, type ReportAndTable, withTable } from "./parts.js";
import { promised } from "./promised.js";
import type { TsmClaims } from "./tsm.js";
import { openTsmCborNow, openTsmJsonNow } from "./tsm-report.js";

const NAME = "CMW";
const EVIDENCE_BIT = 0b100;

/** What a CMW holds beside the report and its certificates. */
export interface CmwClaims {
  /** `__cmwc_t` of a collection; null without one and for a record. */
  readonly collectionType: string | null;
  /** Every message, the opened ones among them. */
  readonly items: readonly CmwItem[];
  /** Every entry of the certificate table. */
  readonly entries: readonly CertificateTableEntry[];
  /** What a TSM report says besides; null where the report came bare. */
  readonly tsm: TsmClaims | null;
}

/** A report out of one message, and what came with it. */
type Opened = ReportAndTable & { readonly tsm: TsmClaims | null };
type Reader = (value: Uint8Array) => Opened;

function bare(value: Uint8Array): Opened {
  return { ...withTable(exactReport(`${NAME}: report`, value), new Uint8Array(0)), tsm: null };
}

function fromTsm({ evidence, claims }: OpenedEvidence<TsmClaims>): Opened {
  return { evidence, entries: claims.entries, tsm: claims };
}

/**
 * The messages that hold a report. The content formats are those that AMD's CoRIM profile asks for; Veraison's media
 * type had another name once.
 */
const REPORTS: ReadonlyMap<string | number, Reader> = /* @__PURE__ */ new Map<string | number, Reader>([
  ["application/vnd.amd.sev-snp.attestation-report", bare],
  [10572, bare],
  ["application/vnd.veraison.tsm-report+json", (value) => fromTsm(openTsmJsonNow(value))],
  ["application/vnd.veraison.tsm-report+cbor", (value) => fromTsm(openTsmCborNow(value))],
  ["application/vnd.veraison.configfs-tsm+json", (value) => fromTsm(openTsmJsonNow(value))],
  ["application/vnd.veraison.configfs-tsm+cbor", (value) => fromTsm(openTsmCborNow(value))],
]);
/** The messages that hold a certificate table. */
const TABLES: readonly (string | number)[] = ["application/vnd.amd.ghcb.guid-table", 10573];

/** The one item of some kind, undefined where there is none; two are an error, never a choice. */
function onlyOne(items: readonly CmwItem[], kind: string): CmwItem | undefined {
  if (items.length > 1) throw malformedContainer(NAME, "collection", `expected one ${kind}, found ${items.length}`);
  return items[0];
}

function openReport(items: readonly CmwItem[]): Opened {
  const item = onlyOne(
    items.filter(({ type }) => REPORTS.has(type)),
    "report",
  );
  const reader = item === undefined ? undefined : REPORTS.get(item.type);
  if (item === undefined || reader === undefined) {
    const types = items.map(({ type }) => shown(type)).slice(0, 4);
    throw unsupportedContainer(NAME, "type", `a CMW of ${types.join(", ")}`);
  }
  if (item.indicator !== null && (item.indicator & EVIDENCE_BIT) === 0) {
    throw malformedContainer(NAME, "indicator", `expected the bit of evidence, found ${item.indicator}`);
  }
  return reader(item.value);
}

/** Opens the messages of a CMW: exactly one report, and at most one certificate table, inside it or beside it. */
export function openCmwItems({ collectionType, items }: CmwItems): OpenedEvidence<CmwClaims> {
  const opened = openReport(items);
  const table = onlyOne(
    items.filter(({ type }) => TABLES.includes(type)),
    "certificate table",
  );
  if (table === undefined) {
    return { evidence: opened.evidence, claims: { collectionType, items, entries: opened.entries, tsm: opened.tsm } };
  }
  if (opened.entries.length > 0) {
    throw malformedContainer(NAME, "collection", "certificates both in the TSM report and in a table beside it");
  }
  const { evidence, entries } = withTable(opened.evidence.report, table.value);
  return { evidence, claims: { collectionType, items, entries, tsm: opened.tsm } };
}

/**
 * Unverified: a RATS conceptual message wrapper with a report in it: a record or a collection in JSON or CBOR, or a
 * CBOR tag of a CoAP content format. The first byte tells which.
 *
 * Exactly one message must hold a report: AMD's bare report or Veraison's TSM report. The certificates come from the
 * TSM report or from the one message that holds a GHCB certificate table, not from both. All other messages are handed
 * on as they are. Collections in collections and tunnels are not handled. A CMW protects nothing and binds nothing:
 * that its messages belong together is not known.
 *
 * @param input - at most 256 KiB
 * @param options - none are known
 * @throws TypeError when `input` is no `Uint8Array`, or for an option.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above the limit or for a report of another length than 1184;
 * `ERR_MALFORMED_CONTAINER` for what is no CMW, two reports, two tables or a key that stands there twice;
 * `ERR_MALFORMED_ENCODING` for broken base64url; what `openTsmJson`, `openTsmCbor` and `parseCertificateTable` throw.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CONTAINER` for a CMW without a report of these types.
 *
 * Source: draft-ietf-rats-msg-wrap; RFC 9277 appendix B.
 */
export function openCmw(
  input: Uint8Array,
  options: Readonly<Record<string, never>> = {},
): Promise<OpenedEvidence<CmwClaims>> {
  return promised(() => {
    readOptions(options, "options", []);
    return openCmwItems(readCmwItems(copyBytes(input, "input", MAX_JSON_BYTES)));
  });
}
