import { type ErrorCode, type ErrorDetails, ResultError, UnsupportedError } from "../errors.js";

type ResultCode = Extract<ErrorCode, `ERR_RESULT_${string}`>;

/** The error for a token that does not count. */
export function refusal<Code extends ResultCode>(
  code: Code,
  message: string,
  detail: ErrorDetails[Code],
): ResultError<Code> {
  return new ResultError(code, message, detail);
}

/**
 * The error for a token that is not of its form.
 *
 * @param where - `header`, `payload`, `signature`, or the JSON Pointer of a claim
 */
export function malformed(where: string, reason: string, cause?: unknown): ResultError<"ERR_RESULT_MALFORMED"> {
  const message = `the token at ${where}: ${reason}; ask the issuer for another one`;
  return new ResultError("ERR_RESULT_MALFORMED", message, { where, reason }, { cause });
}

/** The error for cryptography that cannot work here, which says nothing about a token. */
export function unusable(operation: string, cause: unknown): UnsupportedError<"ERR_UNSUPPORTED_CRYPTO"> {
  return new UnsupportedError(
    "ERR_UNSUPPORTED_CRYPTO",
    `WebCrypto cannot ${operation} here; use a runtime that has the algorithm, or another key`,
    { engine: "webcrypto", operation },
    { cause },
  );
}

/** A text in an error: short. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
