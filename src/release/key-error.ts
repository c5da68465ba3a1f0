import { printable } from "../bytes/text.js";
import { ReleaseError } from "../errors.js";

/** What errors call the key that an appraisal or a token speaks for. */
export const ATTESTED_KEY = "attested key";

/** The refusal of a key; `reason` says what was expected and found. */
export function unfitKey(what: string, reason: string, options?: ErrorOptions): ReleaseError<"ERR_RELEASE_KEY"> {
  return new ReleaseError("ERR_RELEASE_KEY", `${what}: ${reason}`, { what, reason }, options);
}

const MAX_SHOWN = 40;

/** Foreign text for a message: quoted, on one line, and cut. */
export function shown(text: string): string {
  return printable(JSON.stringify(text.slice(0, MAX_SHOWN)));
}
