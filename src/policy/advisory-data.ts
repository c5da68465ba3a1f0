import type { VerifiedRecord } from "../verify/record.js";

/** What a report shows of an advisory; `unknown` is one that the data set does not have. */
export type AdvisoryStatus = "fixed" | "not-affected" | "vulnerable" | "not-provable" | "unknown";

/** What a data set says of one advisory and one report. */
export interface AdvisoryAnswer {
  readonly status: AdvisoryStatus;
  /** Half a sentence for a person: why. */
  readonly reason: string;
}

declare const advisoryBrand: unique symbol;

/** A checked data set of advisories. A cast object is refused at run time. */
export interface AdvisoryData {
  readonly [advisoryBrand]: true;
  /** SHA-384 of its canonical form (RFC 8785), lower-case hex: what a policy pins. */
  readonly digest: string;
}

/** What stands behind a data set; never handed out. `assess` is pure and total. */
export interface AdvisoryRecord {
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
  assess(id: string, record: VerifiedRecord): AdvisoryAnswer;
}

const records = new WeakMap<object, AdvisoryRecord>();

/** Makes the handle of a data set; called by whoever has checked it and computed its digest. */
export function keepAdvisoryData(record: AdvisoryRecord): AdvisoryData {
  const handle = Object.freeze({ digest: record.digest });
  records.set(handle, record);
  // The brand exists in types alone; at run time the WeakMap above is the brand.
  return handle as unknown as AdvisoryData;
}

/**
 * The private record behind a data set.
 *
 * @throws TypeError for anything that `keepAdvisoryData` did not make, whatever its shape.
 */
export function assertAdvisoryData(handle: unknown): AdvisoryRecord {
  const record = typeof handle === "object" && handle !== null ? records.get(handle) : undefined;
  if (record !== undefined) return record;
  throw new TypeError("advisories must be a data set that was read and checked; JSON or a copy does not count");
}
