import type { AdvisoryData } from "../policy/advisory-data.js";
import type { AdvisoryDocument } from "./schema.js";

/** What stands behind a data set; never handed out. */
export interface DataSetRecord {
  readonly document: AdvisoryDocument;
  /** SHA-384 of the canonical form, lower-case hex. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
}

const records = new WeakMap<object, DataSetRecord>();

/** Remembers what stands behind a handle; called by `defineAdvisories` alone. */
export function keepDataSet(handle: AdvisoryData, record: DataSetRecord): void {
  records.set(handle, record);
}

/**
 * The private record behind a data set.
 *
 * @throws TypeError for anything that `defineAdvisories` did not make, whatever its shape.
 */
export function assertDataSet(handle: unknown): DataSetRecord {
  const record = typeof handle === "object" && handle !== null ? records.get(handle) : undefined;
  if (record !== undefined) return record;
  throw new TypeError("advisories must be what defineAdvisories returned; a document or a copy does not count");
}
