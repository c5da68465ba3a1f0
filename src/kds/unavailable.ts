import { CollateralError } from "../errors.js";

/** The error of a download that came to nothing. */
export function unavailable(
  role: string,
  reason: string,
  options: ErrorOptions & { retryable: boolean } = { retryable: true },
): CollateralError {
  const message = `KDS gave no ${role}: ${reason}`;
  return new CollateralError("ERR_COLLATERAL_UNAVAILABLE", message, { role, reason }, options);
}
