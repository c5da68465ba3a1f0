import { assertDataSet } from "../advisories/data-set.js";
import { placedAdvisories } from "../advisories/define.js";
import { judgeAdvisory } from "../advisories/judge.js";
import { processorKey } from "../advisories/processors.js";
import { isZero, toHex } from "../bytes/codecs.js";
import type { Appraisal, AppraisalRecord } from "../policy/appraisal.js";
import type { Check } from "../policy/check.js";
import { hexWord, isoText } from "../policy/json.js";
import type { FirmwareVersion } from "../report/report.js";
import type { VerifiedRecord } from "../verify/record.js";
import type { KeyForm, ResultAdvisories, ResultBinding, ResultClaims, ResultWaiver } from "./claims.js";
import type { Sha384 } from "./digest.js";
import type { AdvisoryChoice } from "./trust-rules.js";

/** The part of a report that its signature covers. Source: AMD 56860, ATTESTATION_REPORT. */
const SIGNED_BYTES = 0x2a0;

/** What a description needs beside the appraisal. */
export interface Description {
  readonly advisories: ResultAdvisories | null;
  /** How `cnf` gives back the attested key; null where there is none to confirm. */
  readonly key: KeyForm | null;
  /** True where chip and provider may be named. */
  readonly platformIdentity: boolean;
  readonly sha384: Sha384;
}

/** What the issuer's data set says of the evidence; null for the word "unassessed". */
export function assess(choice: AdvisoryChoice, record: VerifiedRecord): ResultAdvisories | null {
  if (choice === "unassessed") return null;
  const { document, digest } = assertDataSet(choice);
  const judged = placedAdvisories(document).map((placed) => {
    return { id: placed.advisory.id, status: judgeAdvisory(placed, record).status };
  });
  const idsOf = (...statuses: readonly string[]) =>
    judged.filter(({ status }) => statuses.includes(status)).map(({ id }) => id);
  return {
    dataSet: digest,
    vulnerable: idsOf("vulnerable"),
    notProvable: idsOf("not-provable"),
    fixed: idsOf("fixed", "not-affected"),
  };
}

function waiverOf({ id, waiver }: Check): readonly ResultWaiver[] {
  return waiver === null ? [] : [{ check: id, pointer: waiver.pointer, until: waiver.until }];
}

/** The id of the chip or its provider, as far as the report's signer vouches for one. */
function identityOf({ signingKey, report, chain }: VerifiedRecord): Pick<ResultClaims, "chipId" | "cspId"> {
  const masked = signingKey === "VLEK" || isZero(report.chipId);
  return { chipId: masked ? null : toHex(report.chipId), cspId: chain.leaf.cspId };
}

function guestOf({ report }: VerifiedRecord) {
  return {
    vmId: toHex(report.reportId),
    reportVersion: report.version,
    measurement: toHex(report.measurement),
    idKeyDigest: isZero(report.idKeyDigest) ? null : toHex(report.idKeyDigest),
    vmpl: report.vmpl,
    guestPolicy: hexWord(report.policy.raw),
  };
}

function versionText({ major, minor, build }: FirmwareVersion): string {
  return `${major}.${minor}.${build}`;
}

function platformOf({ report, productLine, signingKey, tcb }: VerifiedRecord) {
  return {
    platformInfo: hexWord(report.platformInfo.raw),
    productLine,
    cpuid: report.cpuid === null ? null : processorKey(report.cpuid),
    tcb: { current: tcb.current, reported: tcb.reported, committed: tcb.committed, launch: tcb.launch },
    firmware: { current: versionText(report.currentFirmware), committed: versionText(report.committedFirmware) },
    signingKey,
  };
}

function bindingOf({ bound }: AppraisalRecord, key: KeyForm | null): ResultBinding | null {
  return bound === null ? null : { scheme: bound.scheme, fromEvidence: bound.fromEvidence, key };
}

/**
 * What a token says of an appraisal beside its trust vector.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where the digest cannot be had.
 */
export async function describe(
  appraisal: Appraisal,
  record: AppraisalRecord,
  { advisories, key, platformIdentity, sha384 }: Description,
): Promise<ResultClaims> {
  const { evidence } = record;
  const { chain } = evidence;
  return {
    ...guestOf(evidence),
    reportDigest: toHex(await sha384(evidence.bytes.subarray(0, SIGNED_BYTES))),
    ...platformOf(evidence),
    ...(platformIdentity ? identityOf(evidence) : {}),
    anchors: chain.anchors,
    revocation: chain.revocation.status,
    verifiedAt: isoText(chain.verifiedAt),
    policy: { id: appraisal.policyId, digest: appraisal.policyDigest },
    binding: bindingOf(record, key),
    waivers: [...appraisal.waived, ...appraisal.warnings].flatMap(waiverOf),
    failures: appraisal.failures.map(({ id }) => id),
    advisories,
  };
}
