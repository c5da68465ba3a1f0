import type { RevocationMode } from "../verify/types.js";
import type { ParsedArguments } from "./arguments.js";
import {
  EVIDENCE_OPTIONS,
  type EvidencePlan,
  optionalText,
  readEvidencePlan,
  refuseTwoStdins,
} from "./evidence-plan.js";
import { printable } from "./printable.js";
import { UsageError } from "./usage-error.js";

/** The options of `attestry verify`. */
export const VERIFY_OPTIONS = {
  ...EVIDENCE_OPTIONS,
  policy: { type: "string" },
  "report-data": { type: "string" },
  advisories: { type: "string" },
  "signature-only": { type: "boolean" },
  revocation: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** What a run of `attestry verify` is to do, before any file is opened. */
export interface VerifyPlan extends EvidencePlan {
  /** Undefined with `--signature-only`. */
  readonly policy: string | undefined;
  readonly reportData: string | undefined;
  /** Undefined: the built-in data set. */
  readonly advisories: string | undefined;
  readonly revocation: RevocationMode;
  readonly json: boolean;
}

const MODES: readonly unknown[] = ["require", "if-available", "skip"] satisfies RevocationMode[];

function isMode(value: unknown): value is RevocationMode {
  return MODES.includes(value);
}

function policyOf(parsed: ParsedArguments): Pick<VerifyPlan, "policy" | "reportData" | "advisories"> {
  const policy = optionalText(parsed, "policy");
  const reportData = optionalText(parsed, "report-data");
  const advisories = optionalText(parsed, "advisories");
  const signatureOnly = parsed.flag("signature-only");
  if (policy === undefined && !signatureOnly) {
    throw new UsageError("say what to accept with --policy FILE, or --signature-only for no more than who signed");
  }
  if (policy !== undefined && signatureOnly) throw new UsageError("--policy and --signature-only exclude each other");
  if (reportData !== undefined && signatureOnly) {
    throw new UsageError("--report-data is for a policy; with --signature-only nothing would look at it");
  }
  if (advisories !== undefined && signatureOnly) {
    throw new UsageError("--advisories is for a policy; attestry advisories needs none");
  }
  return { policy, reportData, advisories };
}

/** The word of `--revocation`. @throws UsageError for any other than the three. */
export function revocationOf(parsed: ParsedArguments): RevocationMode {
  const word = optionalText(parsed, "revocation") ?? "require";
  if (isMode(word)) return word;
  throw new UsageError(`--revocation: expected require, if-available or skip, found ${printable(word, 100)}`);
}

/**
 * What the arguments ask for.
 *
 * @throws UsageError for every combination that would leave something unchecked that looks asked for.
 */
export function readVerifyPlan(parsed: ParsedArguments): VerifyPlan {
  const plan: VerifyPlan = {
    ...readEvidencePlan(parsed),
    ...policyOf(parsed),
    revocation: revocationOf(parsed),
    json: parsed.flag("json"),
  };
  const { report, certs, crl, anchors, policy, advisories } = plan;
  refuseTwoStdins([report, certs, crl, anchors, policy, advisories]);
  return plan;
}
