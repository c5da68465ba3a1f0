import { textOf } from "../bytes/text.js";
import { MalformedError, UnsupportedError, UntrustedError } from "../errors.js";

/** A foreign text in an error is cut after this many characters: a container may be megabytes of one string. */
const MAX_SHOWN = 80;

/** A foreign value for a message: as JSON where it is a text, cut where it is long. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  const text = textOf(value);
  const short = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
  return typeof value === "string" ? JSON.stringify(short) : short;
}

/**
 * The error for a container that is not what its format says.
 *
 * @param where - the field, or an offset such as "0x4c0"
 * @param reason - what was expected and what was found
 */
export function malformedContainer(
  container: string,
  where: string,
  reason: string,
): MalformedError<"ERR_MALFORMED_CONTAINER"> {
  return new MalformedError("ERR_MALFORMED_CONTAINER", `${container}: ${where}: ${reason}`, {
    container,
    where,
    reason,
  });
}

/**
 * The error for a container of a version, or with a content, that is not handled.
 *
 * @param found - what stands there, already fit to be shown
 */
export function unsupportedContainer(
  container: string,
  where: string,
  found: string,
): UnsupportedError<"ERR_UNSUPPORTED_CONTAINER"> {
  return new UnsupportedError("ERR_UNSUPPORTED_CONTAINER", `${container}: ${where}: ${found} is not handled`, {
    container,
    where,
    found,
  });
}

/**
 * The error for a part of a container that the container's own rule does not find in REPORT_DATA.
 *
 * @param expected - what REPORT_DATA should be by the rule, as hex
 * @param actual - what it is, as hex
 */
export function unboundContainer(
  container: string,
  expected: string,
  actual: string,
): UntrustedError<"ERR_UNTRUSTED_CONTAINER_BINDING"> {
  return new UntrustedError(
    "ERR_UNTRUSTED_CONTAINER_BINDING",
    `${container}: expected REPORT_DATA ${expected}, found ${actual}: what stands beside the report is not the guest's`,
    { container, expected, actual },
  );
}
