import { ReleaseError } from "../errors.js";

/** What errors call the key that an appraisal or a token speaks for. */
export const ATTESTED_KEY = "attested key";

/** The refusal of a key; `reason` says what was expected and found. */
export function unfitKey(what: string, reason: string, options?: ErrorOptions): ReleaseError<"ERR_RELEASE_KEY"> {
  return new ReleaseError("ERR_RELEASE_KEY", `${what}: ${reason}`, { what, reason }, options);
}
