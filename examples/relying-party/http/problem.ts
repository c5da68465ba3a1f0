import { CollateralError, type ErrorCode, isAttestationError } from "attestry";
import { adviceOf, codeOf } from "./advice.js";
import { Refusal, type RefusalCode } from "./refusal.js";

/** A problem answer (RFC 9457) with three members of ours: the code, what to do, and what the policy found. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The request, as the log knows it. */
  readonly instance: string;
  readonly code: RefusalCode | ErrorCode;
  readonly action: string;
  readonly failures: readonly string[];
}

/** The header that names the request, in every answer. */
export const REQUEST_ID = "x-request-id";

/** Seconds after which a refusal that may pass is worth another attempt. */
const RETRY_AFTER = "5";

function detailOf(error: unknown): string {
  if (error instanceof Refusal) return error.detail;
  // Whatever else was thrown may speak of the inside of the service: it goes to the log alone.
  return isAttestationError(error) ? error.message : "Something went wrong here.";
}

function headersOf(error: unknown, status: number): Readonly<Record<string, string>> {
  if (error instanceof Refusal) return error.headers;
  return status === 503 ? { "retry-after": RETRY_AFTER } : {};
}

function statusOf(error: unknown, usual: number): number {
  const final = error instanceof CollateralError && !error.retryable && usual === 503;
  return final ? 502 : usual;
}

/** An error as a problem. */
function problemOf(error: unknown, instance: string): Problem {
  const code = codeOf(error);
  const { title, action, status } = adviceOf(code);
  return {
    type: `urn:attestry:problem:${code}`,
    title,
    status: statusOf(error, status),
    detail: detailOf(error),
    instance: `urn:uuid:${instance}`,
    code,
    action,
    failures: isAttestationError(error, "ERR_POLICY_REJECTED") ? error.detail.failures : [],
  };
}

/** An error as the answer to a request. */
export function problemAnswer(error: unknown, instance: string): Response {
  const problem = problemOf(error, instance);
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      "content-type": "application/problem+json",
      [REQUEST_ID]: instance,
      ...headersOf(error, problem.status),
    },
  });
}
