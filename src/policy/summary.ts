import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { CaRecord, ChainRecord, VerifiedRecord } from "../verify/record.js";
import type { CheckedClaim, RecordTimes } from "./check.js";
import { CLAIM_NAMES, CLAIMS, type ClaimName, type Source } from "./claims.js";
import { deepFreeze, hexWord, isoText, type Json, timeText } from "./json.js";

/** The evidence behind an appraisal: frozen and JSON-safe; times are RFC 3339. */
export interface EvidenceSummary {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  /** Whose roots it was verified under. */
  readonly anchors: "amd" | "caller";
  readonly verifiedAt: string;
  readonly revocation: RevocationSummary;
  readonly leaf: { readonly productName: string; readonly notBefore: string; readonly notAfter: string };
  readonly intermediate: CaSummary;
  readonly root: CaSummary;
  /** Everything that a policy can judge; null where this evidence says nothing of the kind. */
  readonly claims: Readonly<Record<ClaimName, Json>>;
}

/** How revocation went. */
export interface RevocationSummary {
  readonly status: ChainRecord["revocation"]["status"];
  /** cRLNumber as hex with 0x. */
  readonly number: string | null;
  readonly thisUpdate: string | null;
  readonly nextUpdate: string | null;
  readonly source: ChainRecord["revocation"]["source"];
}

/** A CA of the chain. */
export interface CaSummary {
  readonly role: CaRecord["role"];
  readonly origin: CaRecord["origin"];
  readonly subject: string;
  /** Hex with 0x. */
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
}

/** What appraisals read of a record, worked out once for each. */
export interface RecordView {
  readonly claims: Readonly<Record<ClaimName, Json>>;
  readonly sources: Readonly<Record<CheckedClaim, Source>>;
  readonly times: RecordTimes;
  readonly evidence: EvidenceSummary;
}

function summarizeCa({ role, origin, subject, serial, notBefore, notAfter }: CaRecord): CaSummary {
  const times = { notBefore: isoText(notBefore), notAfter: isoText(notAfter) };
  return Object.freeze({ role, origin, subject, serial: hexWord(serial), ...times });
}

function summarizeRevocation({ revocation }: ChainRecord): RevocationSummary {
  const { status, number, thisUpdate, nextUpdate, source } = revocation;
  const text = number === null ? null : hexWord(number);
  const times = { thisUpdate: timeText(thisUpdate), nextUpdate: timeText(nextUpdate) };
  return Object.freeze({ status, number: text, ...times, source });
}

function summarize({ productLine, signingKey, chain }: VerifiedRecord, claims: RecordView["claims"]): EvidenceSummary {
  const { productName, notBefore, notAfter } = chain.leaf;
  return Object.freeze({
    productLine,
    signingKey,
    anchors: chain.anchors,
    verifiedAt: isoText(chain.verifiedAt),
    revocation: summarizeRevocation(chain),
    leaf: Object.freeze({ productName, notBefore: isoText(notBefore), notAfter: isoText(notAfter) }),
    intermediate: summarizeCa(chain.intermediate),
    root: summarizeCa(chain.root),
    claims,
  });
}

function timesOf({ verifiedAt, leaf, intermediate, root }: EvidenceSummary, chain: ChainRecord): RecordTimes {
  return {
    verification: verifiedAt,
    crl: timeText(chain.revocation.usableUntil),
    leaf: leaf.notAfter,
    intermediate: intermediate.notAfter,
    root: root.notAfter,
  };
}

/** Every name with null; filling in a copy is several times as fast as growing an empty object. */
const BLANK: Readonly<Record<string, null>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ CLAIM_NAMES.map((name) => [name, null]),
);

function mapClaims<Value>(value: (name: ClaimName) => Value): Readonly<Record<ClaimName, Value>> {
  const values: Record<string, Value | null> = { ...BLANK };
  for (const name of CLAIM_NAMES) values[name] = value(name);
  // Every name has just been given its value.
  return Object.freeze(values as Record<ClaimName, Value>);
}

/** Where a claim stands in a report; a version without the field took the claim from elsewhere. */
function sourceOf({ rangeOf }: VerifiedRecord, name: ClaimName): Source {
  const { place } = CLAIMS[name];
  if (typeof place === "object") return place;
  const range = rangeOf(place);
  return range === null ? { kind: "verification", field: name } : { kind: "report", ...range };
}

const INPUTS = {
  now: { kind: "verification", field: "now" },
  advisories: { kind: "verification", field: "advisories" },
} as const;

const sourcesByVersion = new Map<number, RecordView["sources"]>();

function sourcesOf(record: VerifiedRecord): RecordView["sources"] {
  const { version } = record.report;
  const known = sourcesByVersion.get(version);
  if (known !== undefined) return known;
  const sources = deepFreeze({ ...mapClaims((name) => sourceOf(record, name)), ...INPUTS });
  sourcesByVersion.set(version, sources);
  return sources;
}

/** The view of a record. Records never change, so it is kept for as long as the record is. */
export function viewOf(record: VerifiedRecord): RecordView {
  const { memo } = record;
  // Nobody but this function writes there.
  const known = memo.view as RecordView | undefined;
  if (known !== undefined) return known;
  const claims = mapClaims((name) => {
    const value = CLAIMS[name].read(record);
    return typeof value === "object" ? deepFreeze(value) : value;
  });
  const evidence = summarize(record, claims);
  const view = { claims, sources: sourcesOf(record), times: timesOf(evidence, record.chain), evidence };
  memo.view = view;
  return view;
}
