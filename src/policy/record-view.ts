import type { VerifiedRecord } from "../verify/record.js";
import type { CheckedClaim, Claims } from "./check.js";
import { CLAIM_NAMES, CLAIMS, type ClaimName, type Source } from "./claims.js";
import { deepFreeze, type Json } from "./json.js";
import { type EvidenceSummary, summarize } from "./summary.js";

/** What appraisals read of a record: each part is worked out when it is first asked for, and kept. */
export interface RecordView {
  readonly claims: Claims;
  /** All claims among it. */
  evidence(): EvidenceSummary;
}

/** Every name with nothing read yet; filling in a copy is several times as fast as growing an empty object. */
const UNREAD: Readonly<Record<string, undefined>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ CLAIM_NAMES.map((name) => [name, undefined]),
);

class View implements RecordView, Claims {
  private readonly record: VerifiedRecord;
  private readonly read: Record<string, Json | undefined> = { ...UNREAD };
  private summary: EvidenceSummary | undefined;

  constructor(record: VerifiedRecord) {
    this.record = record;
  }

  get claims(): Claims {
    return this;
  }

  get(name: ClaimName): Json {
    const known = this.read[name];
    if (known !== undefined) return known;
    const value = CLAIMS[name].read(this.record);
    if (typeof value === "object") deepFreeze(value);
    this.read[name] = value;
    return value;
  }

  evidence(): EvidenceSummary {
    if (this.summary !== undefined) return this.summary;
    for (const name of CLAIM_NAMES) this.get(name);
    // Every name has its value now, and none is read again.
    const claims = Object.freeze(this.read as Record<ClaimName, Json>);
    this.summary = summarize(this.record, claims);
    return this.summary;
  }
}

/** The view of a record. Records never change, so it is kept for as long as the record is. */
export function viewOf(record: VerifiedRecord): RecordView {
  const { memo } = record;
  // Nobody but this function writes there.
  const known = memo.view as RecordView | undefined;
  if (known !== undefined) return known;
  const view = new View(record);
  memo.view = view;
  return view;
}

/** Where a claim stands in a report; a version without the field took the claim from elsewhere. */
function placeOf({ rangeOf }: VerifiedRecord, name: ClaimName): Source {
  const { place } = CLAIMS[name];
  if (typeof place === "object") return place;
  const range = rangeOf(place);
  return range === null ? { kind: "verification", field: name } : { kind: "report", ...range };
}

type Sources = Readonly<Record<CheckedClaim, Source>>;

const sourcesByVersion = new Map<number, Sources>();

/** Where each claim stands in the reports of one version. */
export function sourcesOf(record: VerifiedRecord): Sources {
  const { version } = record.report;
  const known = sourcesByVersion.get(version);
  if (known !== undefined) return known;
  const inputs = (["now", "advisories"] as const).map((field) => [field, { kind: "verification", field }] as const);
  const places = CLAIM_NAMES.map((name) => [name, placeOf(record, name)] as const);
  // The names of all claims and of both inputs.
  const sources = deepFreeze(Object.fromEntries([...places, ...inputs]) as Record<CheckedClaim, Source>);
  sourcesByVersion.set(version, sources);
  return sources;
}
