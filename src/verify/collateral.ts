import { copyBytes } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { AttestationError, CollateralError } from "../errors.js";
import { MAX_CERTIFICATE_BYTES } from "../x509/certificate.js";
import { MAX_CRL_BYTES } from "../x509/crl.js";
import type { Context } from "./context.js";
import { abortable, type Steps } from "./steps.js";
import type { CollateralRequest } from "./types.js";

/** A private copy of what the source has; undefined where it has nothing or there is no source; its own failure. */
export function* askCollateral(
  request: CollateralRequest,
  context: Context,
): Steps<Uint8Array | CollateralError | undefined> {
  const { collateral } = context.settings;
  const { signal } = context;
  if (collateral === undefined) return undefined;
  const { role } = request;
  try {
    const answer = yield () => abortable(collateral.get(request, signal === undefined ? {} : { signal }), signal);
    if (answer === undefined) return undefined;
    return copyBytes(answer, `collateral ${role}`, role === "crl" ? MAX_CRL_BYTES : MAX_CERTIFICATE_BYTES);
  } catch (error) {
    if (error instanceof CollateralError && error.code !== "ERR_COLLATERAL_ABORTED") return error;
    if (error instanceof AttestationError) throw error;
    throw unavailable(role, error);
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
