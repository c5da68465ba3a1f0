import { fromHex } from "../bytes/codecs.js";
import { type AcceptedAppraisal, type Appraisal, assertAccepted, assertAppraisal } from "../policy/appraisal.js";
import { endOfAppraisal } from "../result/lifetime.js";
import { assertVerifiedResult, isVerifiedResult, type VerifiedResult } from "../result/verified-result.js";
import type { AttestedKey } from "./attested-key.js";
import { reportDigestOf } from "./report-digest.js";

/** When a recipient counts: from `begin` on, until right before `end`. */
interface Life {
  readonly what: "appraisal" | "result";
  readonly begin: number;
  readonly end: number;
}

/** What a secret is sealed for: all of it was proved before, and none of it is an argument. */
export interface RecipientRecord {
  /** Null where nothing shows which key the guest holds. */
  readonly key: AttestedKey | null;
  /** The scheme of REPORT_DATA; null where the policy asks for none. */
  readonly scheme: string | null;
  /** The nonce that REPORT_DATA binds; null where none is known to be in it. */
  readonly nonce: Uint8Array | null;
  /** Lower-case hex. */
  readonly policyDigest: string;
  /** Its own time, in milliseconds since 1970; its challenge bounds it besides. */
  readonly life: Life;
  /** SHA-384 of the report's signed bytes. */
  readonly reportDigest: () => Promise<Uint8Array>;
}

function ofAppraisal(appraisal: AcceptedAppraisal): RecipientRecord {
  const record = assertAppraisal(appraisal);
  const { evidence, bound } = record;
  const bytes = bound?.publicKey ?? null;
  return {
    key: bound === null || bytes === null ? null : { scheme: bound.scheme, bytes },
    scheme: bound?.scheme ?? null,
    nonce: bound?.nonce ?? null,
    policyDigest: appraisal.policyDigest,
    life: {
      what: "appraisal",
      begin: Date.parse(appraisal.appraisedAt),
      end: endOfAppraisal(appraisal, record),
    },
    reportDigest: () => reportDigestOf(evidence.bytes),
  };
}

function ofResult(result: VerifiedResult): RecipientRecord {
  const { publicKey, nonce, policyDigest, issuedAt, reliableUntil, reportDigest } = assertVerifiedResult(result);
  return {
    key: publicKey,
    scheme: publicKey?.scheme ?? null,
    nonce,
    policyDigest,
    life: { what: "result", begin: issuedAt, end: reliableUntil },
    reportDigest: async () => fromHex(reportDigest),
  };
}

function genuineAppraisal(recipient: unknown): Appraisal {
  try {
    assertAppraisal(recipient);
  } catch (cause) {
    const message =
      "recipient must be an accepted appraisal or a verified result; verified evidence, a look-alike or a copy is none";
    throw new TypeError(message, { cause });
  }
  // assertAppraisal returned, so appraise made it.
  return recipient as Appraisal;
}

/**
 * What stands behind a recipient.
 *
 * @throws TypeError for anything that is neither; PolicyError `ERR_POLICY_REJECTED` for an appraisal that refuses.
 */
export function recipientRecord(recipient: unknown): RecipientRecord {
  if (isVerifiedResult(recipient)) return ofResult(recipient);
  const appraisal = genuineAppraisal(recipient);
  assertAccepted(appraisal);
  return ofAppraisal(appraisal);
}
