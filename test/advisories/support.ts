import type { AdvisoryAssessment } from "../../src/advisories/assess.js";
import { assessAdvisories } from "../../src/advisories/assess.js";
import { defineAdvisories } from "../../src/advisories/define.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";

/** Where the numbers of these tests come from. */
export const ORIGIN = { sources: ["s"], confidence: "low" } as const;

/** A floor. */
export function floor(component: string, minimum: number) {
  return { check: "tcb", component, minimum, ...ORIGIN };
}

/** A way that every processor of every line must go. */
export function proofsOf(...ways: readonly (readonly object[])[]) {
  return [{ for: ["Milan", "Genoa", "Turin"], anyOf: ways }];
}

/** An advisory of all lines, of which something is said differently. */
export function advisory(more: object = {}) {
  return {
    id: "A-1",
    title: "a weakness",
    cves: [],
    sources: ["s"],
    published: null,
    affected: ["Milan", "Genoa", "Turin"],
    provable: true,
    proofs: proofsOf([floor("snp", 20)]),
    ...more,
  };
}

/** A data set of some advisories. */
export function dataSet(advisories: readonly object[] = [advisory()], more: object = {}) {
  const sources = { s: { title: "a source" } };
  return { version: 1, id: "test", publishedAt: "2026-05-01T00:00:00Z", sources, advisories, ...more };
}

/** What a made-up record shows of one advisory. */
export async function assessed(entry: object, evidence: RecordOptions = {}): Promise<AdvisoryAssessment> {
  const data = await defineAdvisories(dataSet([entry]));
  const [answer] = assessAdvisories(makeVerified(evidence), data, new Date(VERIFIED_AT)).advisories;
  if (answer === undefined) throw new Error("no answer");
  return answer;
}
