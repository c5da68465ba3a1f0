import type { ProductLine, SigningKey } from "../amd/product-lines.js";
import type { Tcb } from "../amd/tcb.js";
import type { ByteRange } from "../bytes/layout.js";
import type { ReportField } from "../report/ranges.js";
import type { AttestationReport } from "../report/report.js";
import type { OtherExtension, RevocationStatus, VerifiedEvidence } from "./types.js";

/** A CA of the chain as it was judged; times in milliseconds since 1970. */
export interface CaRecord {
  readonly role: "ARK" | "ASK" | "ASVK";
  readonly origin: "supplied" | "pinned";
  readonly subject: string;
  readonly serial: bigint;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly otherExtensions: readonly OtherExtension[];
}

/** The leaf of the chain as it was judged. */
export interface LeafRecord {
  readonly role: SigningKey;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly structVersion: number;
  readonly productName: string;
  readonly tcb: Tcb;
  readonly hwId: Uint8Array | null;
  readonly cspId: string | null;
  readonly otherExtensions: readonly OtherExtension[];
}

/** How revocation went; times in milliseconds since 1970. */
export interface RevocationRecord {
  readonly status: RevocationStatus["status"];
  readonly number: bigint | null;
  readonly thisUpdate: number | null;
  readonly nextUpdate: number | null;
  /** The end of what the verification allowed: nextUpdate, later under `maxStaleMs`; null where it set no end. */
  readonly usableUntil: number | null;
  readonly source: RevocationStatus["source"];
}

/**
 * SHA-256 of certificates in DER, lower-case hex. Where AMD's pinned key stood for the intermediate, that of the
 * certificate which AMD publishes for it.
 */
export interface Fingerprints {
  readonly leaf: string;
  readonly intermediate: string;
}

/** A chain that verified. */
export interface ChainRecord {
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  readonly anchors: "amd" | "caller";
  readonly leaf: LeafRecord;
  readonly intermediate: CaRecord;
  readonly root: CaRecord;
  readonly fingerprints: Fingerprints;
  readonly revocation: RevocationRecord;
  readonly verifiedAt: number;
}

/** What verification found, on private copies of the bytes. Read by appraisal, result and release; never handed out. */
export interface VerifiedRecord {
  readonly bytes: Uint8Array;
  readonly report: AttestationReport;
  /** Where a field stands in `bytes`; null where this version of the report does not have it. */
  readonly rangeOf: (field: ReportField) => ByteRange | null;
  readonly productLine: ProductLine;
  readonly signingKey: SigningKey;
  readonly tcb: VerifiedEvidence["tcb"];
  readonly chain: ChainRecord;
  /**
   * What appraisal has worked out of this record and keeps with it; a WeakMap would keep it as well, at the price of
   * an entry for the garbage collector to follow at each report.
   */
  readonly memo: { view?: unknown };
}

/** The record of a handle; undefined for anything that was not constructed here. */
let open: (handle: object) => VerifiedRecord | undefined;

/**
 * What a handle of verified evidence is built on: the record in a private field, which no object gets but from this
 * constructor. The constructor cannot be reached from a handle, since the prototypes do not name it; a WeakMap would
 * hide the record as well, at the price of an entry for the garbage collector to follow at each verification.
 */
export class SealedRecord {
  readonly #record: VerifiedRecord;

  constructor(record: VerifiedRecord) {
    this.#record = record;
  }

  static {
    open = (handle) => (#record in handle ? handle.#record : undefined);
    hideConstructor(SealedRecord);
  }
}

/** Leaves a class to those who can name it: its instances no longer lead to it, and nobody changes what they share. */
export function hideConstructor(hidden: { readonly prototype: object }): void {
  Reflect.deleteProperty(hidden.prototype, "constructor");
  Object.freeze(hidden.prototype);
  Object.freeze(hidden);
}

/**
 * The private record behind a handle.
 *
 * @throws TypeError for anything that `verifyEvidence` did not make, whatever its shape.
 */
export function assertVerified(handle: unknown): VerifiedRecord {
  const record = typeof handle === "object" && handle !== null ? open(handle) : undefined;
  if (record === undefined) {
    throw new TypeError("verified must be what verifyEvidence returned; a look-alike or a copy does not count");
  }
  return record;
}
