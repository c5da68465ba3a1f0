/** The command line, or a file it names, is wrong: exit code 1. Says nothing about the evidence. */
export class UsageError extends Error {
  override name = "UsageError";
  /** Stands where an attestation error has its code. */
  readonly code = "ERR_USAGE";
}
