import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { CaRecord, ChainRecord, VerifiedRecord } from "../verify/record.js";
import type { ClaimName } from "./claims.js";
import { hexWord, isoText, type Json, timeText } from "./json.js";

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

/** The summary of a record with its claims. */
export function summarize(
  { productLine, signingKey, chain }: VerifiedRecord,
  claims: EvidenceSummary["claims"],
): EvidenceSummary {
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
