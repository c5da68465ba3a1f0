import { ReleaseError } from "../errors.js";

/** The one refusal for a secret that was changed, or sealed to another key: which it was, nobody can tell. */
export function notOpened(format: string, cause: unknown): ReleaseError<"ERR_RELEASE_NOT_OPENED"> {
  const message = `the secret does not open by ${format}: it was changed, or sealed to another key; ask for a new one`;
  return new ReleaseError("ERR_RELEASE_NOT_OPENED", message, { format }, { cause });
}
