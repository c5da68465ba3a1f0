import { MalformedError } from "../errors.js";

/**
 * The error of a policy document; `reason` says what was expected, what was found and what to do.
 *
 * @param pointer - JSON Pointer (RFC 6901) of the mistake
 */
export function malformed(pointer: string, reason: string, cause?: unknown): MalformedError<"ERR_MALFORMED_POLICY"> {
  const place = pointer === "" ? "the policy" : `the policy at ${pointer}`;
  return new MalformedError("ERR_MALFORMED_POLICY", `${place}: ${reason}`, { pointer, reason }, { cause });
}

/** One more token of a JSON Pointer. */
export function pointerTo(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A JSON value in an error: short, on one line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) {
    return Object.keys(value).length === 0 ? "an empty object" : "an object";
  }
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}... (${text.length} characters)` : text;
}
