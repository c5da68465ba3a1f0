import { ChallengeError, type ErrorCode, type ErrorDetails } from "../errors.js";

type ChallengeCode = Extract<ErrorCode, `ERR_CHALLENGE_${string}`>;

/** What a later call may still put right: all of it says nothing against the challenge itself. */
const RETRYABLE: readonly ErrorCode[] = [
  "ERR_CHALLENGE_CLOCK",
  "ERR_CHALLENGE_STORE_UNAVAILABLE",
  "ERR_CHALLENGE_STORE_FULL",
];

/** Why a challenge does not count, and the error under it where there is one. */
export interface Refusal<Code extends ChallengeCode> {
  readonly message: string;
  readonly detail: ErrorDetails[Code];
  readonly cause?: unknown;
}

/** The error for a challenge that does not count. */
export function refusal<Code extends ChallengeCode>(code: Code, why: Refusal<Code>): ChallengeError<Code> {
  const options = { retryable: RETRYABLE.includes(code), ...("cause" in why ? { cause: why.cause } : {}) };
  return new ChallengeError(code, why.message, why.detail, options);
}
