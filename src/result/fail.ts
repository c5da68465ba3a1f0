import { printable } from "../bytes/text.js";
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
  const message = `the token at ${oneLine(where)}: ${oneLine(reason)}; ask the issuer for another one`;
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

const MAX_SHOWN = 80;
const MAX_LINE = 150;

/** Foreign text in an error: one line of plain text, not long. */
export function oneLine(text: string): string {
  return printable(text, MAX_LINE);
}

/** A value in an error: quoted where it is text, short, and on one line. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return printable(text, MAX_SHOWN);
}
