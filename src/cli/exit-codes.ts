import { type AttestationError, type ErrorCode, isAttestationError } from "../errors.js";
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

type FamilyOf<Code> = Code extends `ERR_${infer Family}_${string}` ? Family : never;

/** What each family of codes ends in; a new family does not compile until it stands here. */
const BY_FAMILY: Readonly<Record<FamilyOf<ErrorCode>, (error: AttestationError) => ExitCode>> = {
  UNTRUSTED: () => EXIT.untrusted,
  COLLATERAL: collateralExit,
  POLICY: () => EXIT.refused,
  MALFORMED: () => EXIT.malformed,
  UNSUPPORTED: () => EXIT.unsupported,
  // No verb of the command comes this far yet; what does not hold is not trusted.
  CHALLENGE: () => EXIT.untrusted,
  RESULT: () => EXIT.untrusted,
  RELEASE: () => EXIT.untrusted,
};
const FAMILIES: ReadonlyMap<string, (error: AttestationError) => ExitCode> = new Map(Object.entries(BY_FAMILY));

/** The exit code for whatever was thrown; 70 for everything that is no error of ours. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage;
  if (!isAttestationError(error)) return EXIT.internal;
  const [, family = ""] = error.code.split("_");
  return FAMILIES.get(family)?.(error) ?? EXIT.internal;
}
