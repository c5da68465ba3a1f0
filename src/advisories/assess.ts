import type { ProductLine } from "../amd/product-lines.js";
import { checkNow } from "../bytes/arguments.js";
import type { AdvisoryData } from "../policy/advisory-data.js";
import { deepFreeze, isoText } from "../policy/json.js";
import { assertVerified, type VerifiedRecord } from "../verify/record.js";
import type { VerifiedEvidence } from "../verify/types.js";
import { assertDataSet, type DataSetRecord } from "./data-set.js";
import { placedAdvisories } from "./define.js";
import { type AdvisoryVerdict, judgeAdvisory, type PlacedAdvisory } from "./judge.js";
import { processorKey } from "./processors.js";

/** What a report shows of one advisory. */
export interface AdvisoryAssessment extends AdvisoryVerdict {
  readonly id: string;
  readonly title: string;
  readonly cves: readonly string[];
  /** The day, as in `2024-12-10`; null where no source names one. */
  readonly published: string | null;
  /** Where the advisory itself stands. */
  readonly reference: string | null;
  /** What the data set has to say beside the answer. */
  readonly note: string | null;
}

/** What a report shows of every advisory of a data set: frozen and JSON-safe. */
export interface AdvisoryAssessments {
  readonly dataSet: {
    readonly id: string;
    /** SHA-384 of its canonical form (RFC 8785), lower-case hex. */
    readonly digest: string;
    /** RFC 3339. */
    readonly publishedAt: string;
    /** How long ago that was; below zero where the data set is of the future, which should worry. */
    readonly ageSeconds: number;
  };
  /** RFC 3339. */
  readonly assessedAt: string;
  readonly productLine: ProductLine;
  /** Family, model and stepping, as in `0x19-0x01-0x01`; null for a report that names none (version 2). */
  readonly processor: string | null;
  /** In the order of the data set. */
  readonly advisories: readonly AdvisoryAssessment[];
}

function assess(placed: PlacedAdvisory, record: VerifiedRecord): AdvisoryAssessment {
  const { id, title, cves, published, reference = null, note = null } = placed.advisory;
  return { id, title, cves, published, reference, note, ...judgeAdvisory(placed, record) };
}

function summary({ document, digest, publishedAt }: DataSetRecord, now: number): AdvisoryAssessments["dataSet"] {
  return {
    id: document.id,
    digest,
    publishedAt: isoText(publishedAt),
    ageSeconds: Math.floor((now - publishedAt) / 1000),
  };
}

/**
 * What verified evidence shows of every advisory of a data set, and which check decided.
 *
 * `fixed` means that everything which the data set asks for is in the report; that the numbers are complete is for the
 * data set to get right. `vulnerable` means that the report falls short of them, `not-provable` that no report can
 * show it, or that the data set has no numbers for this processor. Not judged: the age of the data set, and everything
 * else that a policy would ask. Pure, synchronous and total: no network, no clock but `now`, no cryptography.
 *
 * @param advisories - what `defineAdvisories` made
 * @param now - the time that the data set's age is counted to
 * @throws TypeError for wrong arguments alone.
 */
export function assessAdvisories(verified: VerifiedEvidence, advisories: AdvisoryData, now: Date): AdvisoryAssessments {
  const record = assertVerified(verified);
  const dataSet = assertDataSet(advisories);
  const time = checkNow(now, "now");
  const { cpuid } = record.report;
  return deepFreeze({
    dataSet: summary(dataSet, time),
    assessedAt: isoText(time),
    productLine: record.productLine,
    processor: cpuid === null ? null : processorKey(cpuid),
    advisories: placedAdvisories(dataSet.document).map((placed) => assess(placed, record)),
  });
}
