import type { ExpectedReportData } from "../../src/binding/expected.js";
import type { AdvisoryData } from "../../src/policy/advisory-data.js";
import type { Appraisal } from "../../src/policy/appraisal.js";
import { appraise } from "../../src/policy/appraise.js";
import type { Check } from "../../src/policy/check.js";
import { definePolicy } from "../../src/policy/define.js";
import type { Policy } from "../../src/policy/policy.js";
import { makeVerified, type RecordOptions, VERIFIED_AT } from "../support/records.js";

/** The three decisions, each left open by its word. */
export const OPEN = { measurement: "any", reportData: "any", minimumTcb: "any" } as const;

/** A policy of one block with the decisions left open. */
export function blockPolicy(snp: object): Promise<Policy> {
  return definePolicy({ version: 1, id: "test", snp: { ...OPEN, ...snp } });
}

/** A policy of a tree. */
export function treePolicy(require: object): Promise<Policy> {
  return definePolicy({ version: 1, id: "test", require });
}

export interface When {
  now?: number;
  reportData?: ExpectedReportData;
  advisories?: AdvisoryData;
}

/** The appraisal of a made-up record. */
export function judged(policy: Policy, evidence: RecordOptions = {}, when: When = {}): Appraisal {
  const { now = VERIFIED_AT, ...inputs } = when;
  return appraise(makeVerified(evidence), policy, { now: new Date(now), ...inputs });
}

/** The ids of the checks that failed. */
export function failedIds(appraisal: Appraisal): readonly string[] {
  return appraisal.failures.map(({ id }) => id);
}

/** The one check of an id. */
export function checkOf(appraisal: Appraisal, id: string): Check {
  const found = appraisal.checks.filter((check) => check.id === id);
  const [check] = found;
  if (check === undefined || found.length > 1) throw new Error(`${found.length} checks have the id ${id}`);
  return check;
}
