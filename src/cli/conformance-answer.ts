import { fromBase64 } from "../bytes/codecs.js";
import type { EvidenceCertificates } from "../evidence/evidence.js";
import { appraise } from "../policy/appraise.js";
import type { Check } from "../policy/check.js";
import { definePolicy } from "../policy/define.js";
import type { Policy } from "../policy/policy.js";
import { parseReport } from "../report/report.js";
import { verifyEvidence } from "../verify/evidence.js";
import type { VerifyOptions } from "../verify/types.js";
import { type ConformanceRequest, readRequest } from "./conformance-request.js";
import { errorData } from "./failure.js";
import { checkVerifyOptions } from "./verify-options.js";

/** How far a line came: its reading, its verification, its appraisal, the end. */
export type Stage = "parse" | "verify" | "policy" | "done";

/** The answer to a line but for its id. */
export interface Answer {
  readonly verdict: "accept" | "reject";
  readonly stage: Stage;
  /** An error code of the library, ERR_USAGE or ERR_INTERNAL; null on an accept. */
  readonly code: string | null;
  /** The failed checks, where the policy refused. */
  readonly failures?: readonly Check[];
}

/** An answer, and what was thrown on the way to it. */
export interface AnswerWithError {
  readonly answer: Answer;
  readonly error: unknown;
}

function decodeCertificates(texts: ConformanceRequest["certificates"]): EvidenceCertificates {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fromBase64(text, name)]));
}

function optionsOf({ now, revocation, anchors, productLine }: ConformanceRequest): VerifyOptions {
  return checkVerifyOptions({
    now,
    ...(revocation === undefined ? {} : { revocation }),
    ...(productLine === undefined ? {} : { productLine }),
    ...(anchors === undefined ? {} : { anchors: anchors.map((text) => fromBase64(text, "anchors")) }),
  });
}

/** Where the work stands, for an answer that must be given in the middle of it. */
interface Progress {
  stage: Stage;
}

async function judge(line: Uint8Array, progress: Progress): Promise<Answer> {
  const request = readRequest(line);
  const report = fromBase64(request.report, "report");
  const certificates = decodeCertificates(request.certificates);
  const options = optionsOf(request);
  parseReport(report);
  progress.stage = "policy";
  const policy: Policy | undefined = request.policy === undefined ? undefined : await definePolicy(request.policy);
  progress.stage = "verify";
  const verified = await verifyEvidence({ report, certificates }, options);
  if (policy === undefined) return { verdict: "accept", stage: "verify", code: null };
  progress.stage = "policy";
  const { verdict, failures } = appraise(verified, policy, { now: request.now });
  if (verdict === "accept") return { verdict, stage: "done", code: null };
  return { verdict: "reject", stage: "policy", code: "ERR_POLICY_REJECTED", failures };
}

/** Answers one line, whatever it holds. Never throws: what is thrown inside becomes a reject and is handed on. */
export async function answerLine(line: Uint8Array): Promise<AnswerWithError> {
  const progress: Progress = { stage: "parse" };
  try {
    return { answer: await judge(line, progress), error: undefined };
  } catch (error) {
    return { answer: { verdict: "reject", stage: progress.stage, code: errorData(error).code }, error };
  }
}
