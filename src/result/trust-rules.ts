import type { AdvisoryData } from "../policy/advisory-data.js";
import type { Appraisal, AppraisalRecord } from "../policy/appraisal.js";
import type { Check } from "../policy/check.js";
import { TRUST_CLAIMS, type TrustClaim, type TrustTier, type TrustVector, worstTier } from "./vector.js";

/** What the rules look at. */
export interface Judged {
  readonly appraisal: Appraisal;
  readonly record: AppraisalRecord;
  /** True where the issuer's own data set has an advisory that the report shows to be open. */
  readonly advisoryOpen: boolean;
  /** The checks that the verdict rests on: those of alternatives that decide nothing are left out. */
  readonly counted: readonly Check[];
}

/** A number, and when a claim has it; of the rules of one claim the first that holds decides. */
interface Rule {
  readonly value: number;
  /** For docs/result.md. */
  readonly when: string;
  holds(judged: Judged): boolean;
}

/** True where a check of one of these names, or in one of these groups, refuses. */
function refused({ appraisal }: Judged, names: readonly string[]): boolean {
  return appraisal.failures.some(({ id }) => names.some((name) => id === name || id.startsWith(`${name}.`)));
}

/** The checks of one name that compared something, and passed. */
function passed({ counted }: Judged, name: string): readonly Check[] {
  return counted.filter(({ id, outcome, operator }) => id === name && outcome === "pass" && operator !== "any");
}

function failing(...names: readonly string[]): Pick<Rule, "when" | "holds"> {
  const list = names.map((name) => name.replace("snp.", "")).join(", ");
  return { when: `a check of ${list} refuses`, holds: (judged) => refused(judged, names) };
}

function hasTrustedIdKey(judged: Judged): boolean {
  return passed(judged, "snp.idBlock.idKeyDigests").length > 0;
}

/** A list that has the word "masked" accepts a CHIP_ID of zeros, which is no chip that anybody knows. */
function isListedChip(judged: Judged): boolean {
  return passed(judged, "snp.chipId").some(({ actual }) => actual !== "masked");
}

function hasOpenAdvisory({ appraisal, advisoryOpen }: Judged): boolean {
  const excused = [...appraisal.waived, ...appraisal.warnings].some(({ id }) => id.startsWith("snp.advisories."));
  return advisoryOpen || excused;
}

const ALWAYS: Pick<Rule, "when" | "holds"> = { when: "otherwise", holds: () => true };
const DEBUG: Pick<Rule, "when" | "holds"> = {
  when: "POLICY.DEBUG is set",
  holds: ({ record }) => record.evidence.report.policy.debug,
};

/** Every rule there is, by claim; a claim without one is 0. */
export const TRUST_RULES: Readonly<Partial<Record<TrustClaim, readonly Rule[]>>> = {
  "instance-identity": [
    { value: 97, ...failing("snp.chipId", "snp.idBlock") },
    {
      value: 2,
      when: "CHIP_ID is on the policy's list of chips and not masked, or ID_KEY_DIGEST on its list of trusted ID keys",
      holds: (judged) => isListedChip(judged) || hasTrustedIdKey(judged),
    },
  ],
  configuration: [
    { value: 96, ...DEBUG },
    {
      value: 96,
      when: "POLICY.MIGRATE_MA is set",
      holds: ({ record }) => record.evidence.report.policy.migrateMa,
    },
    { value: 96, ...failing("snp.guestPolicy", "snp.platformInfo", "snp.vmpl") },
    {
      value: 36,
      when: "POLICY has bits that this version does not know",
      holds: ({ record }) => record.evidence.report.policy.unknownBits !== 0n,
    },
    {
      value: 3,
      when: "PLATFORM_INFO.SMT_EN is set, or a waiver or a warning excuses a check",
      holds: ({ appraisal, record }) =>
        record.evidence.report.platformInfo.smtEn || appraisal.waived.length + appraisal.warnings.length > 0,
    },
    { value: 2, ...ALWAYS },
  ],
  executables: [
    { value: 33, ...failing("snp.measurement", "snp.imageId", "snp.familyId", "snp.guestSvn") },
    {
      value: 2,
      when: "MEASUREMENT is on the policy's list, or ID_KEY_DIGEST on its list of trusted ID keys",
      holds: (judged) => passed(judged, "snp.measurement").length > 0 || hasTrustedIdKey(judged),
    },
    { value: 33, ...ALWAYS },
  ],
  hardware: [
    { value: 96, ...failing("snp.denyChips", "snp.denyCertificates") },
    { value: 97, ...failing("snp.productLine", "snp.cpu", "snp.signingKey", "snp.cspId", "snp.revocation") },
    { value: 97, ...failing("time.crl", "time.leaf", "time.intermediate", "time.root") },
    {
      value: 32,
      when: "an advisory is open: by the issuer's data set, or by a check of the policy that was excused",
      holds: hasOpenAdvisory,
    },
    { value: 32, ...failing("snp.minimumTcb", "snp.minimumFirmware", "snp.mitigations", "snp.advisories") },
    { value: 2, ...ALWAYS },
  ],
  "runtime-opaque": [
    { value: 96, ...DEBUG },
    { value: 2, ...ALWAYS },
  ],
};

/** The vector of an appraisal. Pure; every number follows from checks and report alone. */
export function trustVector(judged: Judged): TrustVector {
  const entries = TRUST_CLAIMS.map((claim) => {
    const rule = TRUST_RULES[claim]?.find(({ holds }) => holds(judged));
    return [claim, rule?.value ?? 0] as const;
  });
  // Every claim has just been given its value.
  return Object.freeze(Object.fromEntries(entries) as Record<TrustClaim, number>);
}

/** The status of an appraisal: contraindicated where it refuses, else the worst tier of its vector. */
export function statusOf({ verdict }: Appraisal, vector: TrustVector): TrustTier {
  return verdict === "accept" ? worstTier(vector) : "contraindicated";
}

/** What an issuer says of advisories: a data set of his, or the word for none. */
export type AdvisoryChoice = AdvisoryData | "unassessed";
