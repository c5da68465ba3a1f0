import { type AttestationError, isAttestationError } from "../errors.js";
import { UsageError } from "./usage-error.js";

/** What each exit code says. */
export const EXIT = {
  /** Accepted, or asked for nothing that could be refused. */
  accepted: 0,
  /** The command line is wrong. */
  usage: 1,
  /** Signature, chain or binding does not hold. */
  untrusted: 2,
  /** A certificate is missing or unavailable. */
  certificates: 3,
  /** The CRL is missing, stale or unavailable. */
  revocation: 4,
  /** The policy refused. */
  refused: 5,
  /** Evidence or policy is malformed. */
  malformed: 6,
  /** Perhaps genuine, not handled here. */
  unsupported: 7,
  /** A fault of this program or of the machine. */
  internal: 70,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

function collateralExit(error: AttestationError): ExitCode {
  if (error.code.startsWith("ERR_COLLATERAL_CRL_")) return EXIT.revocation;
  return "role" in error.detail && error.detail.role === "crl" ? EXIT.revocation : EXIT.certificates;
}

/** The exit code for whatever was thrown; 70 for everything that is no error of ours. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (!isAttestationError(error)) return EXIT.internal;
  if (error.code.startsWith("ERR_UNTRUSTED_")) return EXIT.untrusted;
  if (error.code.startsWith("ERR_COLLATERAL_")) return collateralExit(error);
  if (error.code.startsWith("ERR_POLICY_")) return EXIT.refused;
  if (error.code.startsWith("ERR_CHALLENGE_")) return EXIT.untrusted;
  if (error.code.startsWith("ERR_RESULT_")) return EXIT.untrusted;
  if (error.code.startsWith("ERR_MALFORMED_")) return EXIT.malformed;
  return error.code.startsWith("ERR_UNSUPPORTED_") ? EXIT.unsupported : EXIT.internal;
}
