import type { RevocationMode } from "../verify/types.js";
import { onlyOperand, type ParsedArguments, requiredText } from "./arguments.js";
import { printable } from "./printable.js";
import { parseTime } from "./time.js";
import { UsageError } from "./usage-error.js";

/** The options of `attestry verify`. */
export const VERIFY_OPTIONS = {
  certs: { type: "string" },
  crl: { type: "string" },
  policy: { type: "string" },
  "report-data": { type: "string" },
  "signature-only": { type: "boolean" },
  at: { type: "string" },
  revocation: { type: "string" },
  anchors: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** What a run of `attestry verify` is to do, before any file is opened. */
export interface VerifyPlan {
  readonly report: string;
  readonly certs: string;
  readonly crl: string | undefined;
  readonly anchors: string | undefined;
  /** Undefined with `--signature-only`. */
  readonly policy: string | undefined;
  readonly reportData: string | undefined;
  /** Undefined: the clock. */
  readonly at: Date | undefined;
  readonly revocation: RevocationMode;
  readonly json: boolean;
}

const MODES: readonly unknown[] = ["require", "if-available", "skip"] satisfies RevocationMode[];

function isMode(value: unknown): value is RevocationMode {
  return MODES.includes(value);
}

/** An option's value, undefined where the option is not there; empty text is nobody's wish. */
function textOf(parsed: ParsedArguments, name: string): string | undefined {
  return parsed.text(name) === undefined ? undefined : requiredText(parsed, name);
}

function policyOf(parsed: ParsedArguments): Pick<VerifyPlan, "policy" | "reportData"> {
  const policy = textOf(parsed, "policy");
  const reportData = textOf(parsed, "report-data");
  const signatureOnly = parsed.flag("signature-only");
  if (policy === undefined && !signatureOnly) {
    throw new UsageError("say what to accept with --policy FILE, or --signature-only for no more than who signed");
  }
  if (policy !== undefined && signatureOnly) throw new UsageError("--policy and --signature-only exclude each other");
  if (reportData !== undefined && signatureOnly) {
    throw new UsageError("--report-data is for a policy; with --signature-only nothing would look at it");
  }
  return { policy, reportData };
}

function revocationOf(parsed: ParsedArguments): RevocationMode {
  const word = textOf(parsed, "revocation") ?? "require";
  if (isMode(word)) return word;
  throw new UsageError(`--revocation: expected require, if-available or skip, found ${printable(word, 100)}`);
}

function refuseTwoStdins(plan: VerifyPlan): void {
  const { report, certs, crl, anchors, policy } = plan;
  if ([report, certs, crl, anchors, policy].filter((path) => path === "-").length > 1) {
    throw new UsageError("only one of the files can be - (stdin)");
  }
}

/**
 * What the arguments ask for.
 *
 * @throws UsageError for every combination that would leave something unchecked that looks asked for.
 */
export function readVerifyPlan(parsed: ParsedArguments): VerifyPlan {
  const at = textOf(parsed, "at");
  const plan: VerifyPlan = {
    report: onlyOperand(parsed, "REPORT"),
    certs: requiredText(parsed, "certs"),
    crl: textOf(parsed, "crl"),
    anchors: textOf(parsed, "anchors"),
    ...policyOf(parsed),
    at: at === undefined ? undefined : parseTime(at, "--at"),
    revocation: revocationOf(parsed),
    json: parsed.flag("json"),
  };
  refuseTwoStdins(plan);
  return plan;
}
