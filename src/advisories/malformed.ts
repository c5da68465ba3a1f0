import { MalformedError } from "../errors.js";

/**
 * The error of a data set; `reason` says what was expected, what was found and what to do.
 *
 * @param pointer - JSON Pointer (RFC 6901) of the mistake
 */
export function malformed(
  pointer: string,
  reason: string,
  cause?: unknown,
): MalformedError<"ERR_MALFORMED_ADVISORIES"> {
  const place = pointer === "" ? "the advisories" : `the advisories at ${pointer}`;
  return new MalformedError("ERR_MALFORMED_ADVISORIES", `${place}: ${reason}`, { pointer, reason }, { cause });
}
