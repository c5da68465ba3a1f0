import { MalformedError } from "../../errors.js";

const MAX_SHOWN = 100;

/** Foreign text in an error: one short line of visible ASCII. */
export function shortLine(text: string): string {
  const line = text.replaceAll(/[^ -~]/g, "?");
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}...` : line;
}

/** A foreign value in an error. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "string") return shortLine(JSON.stringify(value));
  return typeof value === "object" && value !== null ? "an object" : shortLine(String(value));
}

/**
 * The error of an input that is not what its format says, or says what no policy here may mean.
 *
 * @param format - the importer's name for the input
 * @param where - the place in the input; empty for the whole
 */
export function malformedImport(format: string, where: string, reason: string): MalformedError<"ERR_MALFORMED_IMPORT"> {
  const place = shortLine(where);
  const message = place === "" ? `${format}: ${reason}` : `${format} at ${place}: ${reason}`;
  return new MalformedError("ERR_MALFORMED_IMPORT", message, { format, where: place, reason });
}
