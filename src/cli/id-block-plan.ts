import { isZero } from "../bytes/codecs.js";
import type { TrustedKeys } from "../id-block/trusted-keys.js";
import type { RevocationMode } from "../verify/types.js";
import { type ParsedArguments, requiredText } from "./arguments.js";
import { EVIDENCE_OPTIONS, type EvidencePlan, readEvidencePlan, refuseTwoStdins } from "./evidence-plan.js";
import { hexOption } from "./id-block-input.js";
import { UsageError } from "./usage-error.js";
import { revocationOf } from "./verify-plan.js";

/** Options that are about a report, and mean nothing without one. */
const REPORT_OPTIONS = {
  ...EVIDENCE_OPTIONS,
  revocation: { type: "string" },
  "id-key-digest": { type: "string" },
  "author-key-digest": { type: "string" },
} as const;

/** The options of `attestry id-block verify`. */
export const ID_BLOCK_VERIFY_OPTIONS = {
  ...REPORT_OPTIONS,
  block: { type: "string" },
  auth: { type: "string" },
  json: { type: "boolean" },
} as const;

/** A report to verify and to compare with the block. */
export interface MatchPlan extends EvidencePlan {
  readonly revocation: RevocationMode;
  readonly idKeyDigests: TrustedKeys;
  readonly authorKeyDigests: TrustedKeys;
}

/** What a run of `attestry id-block verify` is to do, before any file is opened. */
export interface IdBlockVerifyPlan {
  readonly block: string;
  readonly auth: string;
  readonly json: boolean;
  /** Null where there is no report. */
  readonly match: MatchPlan | null;
}

function digestOf(text: string, option: string): Uint8Array {
  const digest = hexOption(text, option, 48);
  if (!isZero(digest)) return digest;
  throw new UsageError(`${option}: all zero is what a report without a key says; it cannot be trusted`);
}

function trustedKeys(parsed: ParsedArguments, name: string): TrustedKeys {
  const text = requiredText(parsed, name);
  return text === "any" ? text : text.split(",").map((digest) => digestOf(digest, `--${name}`));
}

function matchPlan(parsed: ParsedArguments): MatchPlan | null {
  if (parsed.positionals.length > 0) {
    return {
      ...readEvidencePlan(parsed),
      revocation: revocationOf(parsed),
      idKeyDigests: trustedKeys(parsed, "id-key-digest"),
      authorKeyDigests: trustedKeys(parsed, "author-key-digest"),
    };
  }
  const idle = Object.keys(REPORT_OPTIONS).find((name) => parsed.flag(name) || parsed.text(name) !== undefined);
  if (idle === undefined) return null;
  throw new UsageError(`--${idle} is about a report; name one, or leave it out`);
}

/**
 * What the arguments ask for.
 *
 * @throws UsageError for every combination that would leave something unchecked that looks asked for.
 */
export function readIdBlockPlan(parsed: ParsedArguments): IdBlockVerifyPlan {
  const [block, auth] = [requiredText(parsed, "block"), requiredText(parsed, "auth")];
  const match = matchPlan(parsed);
  refuseTwoStdins([block, auth, match?.report, match?.certs, match?.crl, match?.anchors]);
  return { block, auth, json: parsed.flag("json"), match };
}
