import { copyBytes } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { AttestationError, CollateralError, type ErrorCode } from "../errors.js";
import { MAX_CERTIFICATE_BYTES } from "../x509/certificate.js";
import { MAX_CRL_BYTES } from "../x509/crl.js";
import type { Context } from "./context.js";
import { tell } from "./events.js";
import { abortable, type Steps } from "./steps.js";
import type { CollateralRequest } from "./types.js";

/** A private copy of what the source has; undefined where it has nothing or there is no source; its own failure. */
export function* askCollateral(
  request: CollateralRequest,
  context: Context,
): Steps<Uint8Array | CollateralError | undefined> {
  const { collateral, onEvent } = context.settings;
  const { signal } = context;
  if (collateral === undefined) return undefined;
  const { role } = request;
  const told = (outcome: "found" | "missing" | "failed", code: ErrorCode | null = null) =>
    tell(onEvent, { type: "collateral", role, outcome, code });
  try {
    const answer = yield () => abortable(collateral.get(request, signal === undefined ? {} : { signal }), signal);
    if (answer === undefined) {
      told("missing");
      return undefined;
    }
    const copy = copyBytes(answer, `collateral ${role}`, role === "crl" ? MAX_CRL_BYTES : MAX_CERTIFICATE_BYTES);
    told("found");
    return copy;
  } catch (cause) {
    const error = cause instanceof AttestationError ? cause : unavailable(role, cause);
    told("failed", error.code);
    const isFailure = cause instanceof CollateralError && cause.code !== "ERR_COLLATERAL_ABORTED";
    if (isFailure) return cause;
    throw error;
  }
}

/** An error that no source should throw: it says nothing of the evidence, and nothing of whether a retry helps. */
function unavailable(role: string, cause: unknown): CollateralError {
  const reason = textOf(cause);
  return new CollateralError(
    "ERR_COLLATERAL_UNAVAILABLE",
    `the collateral source failed to give the ${role}: ${reason}; see the error's cause`,
    { role, reason },
    { cause, retryable: true },
  );
}
