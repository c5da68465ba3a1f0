import { CollateralError, type ErrorCode, UntrustedError } from "../errors.js";
import type { RootAnchor } from "./anchors.js";
import type { Steps } from "./steps.js";

/** How far a chain came before it failed; later tells more. What is not named here tells most. */
const TELLING: readonly ErrorCode[] = [
  "ERR_UNTRUSTED_ROOT",
  "ERR_UNTRUSTED_CERTIFICATE_NAME",
  "ERR_COLLATERAL_MISSING",
  "ERR_UNTRUSTED_CERTIFICATE_SIGNATURE",
  "ERR_UNTRUSTED_CERTIFICATE_PROFILE",
  "ERR_UNTRUSTED_CRL_ISSUER",
  "ERR_UNTRUSTED_CRL_SIGNATURE",
];

/**
 * Tries each anchor in turn and answers the first that holds. When none does, the most telling refusal is thrown;
 * any other error ends it at once.
 */
export function* underAnchors<T>(anchors: readonly RootAnchor[], run: (anchor: RootAnchor) => Steps<T>): Steps<T> {
  let telling: { error: unknown; rank: number } = { error: undefined, rank: -1 };
  for (const anchor of anchors) {
    try {
      return yield* run(anchor);
    } catch (error) {
      const rank = rankOf(error);
      if (rank === null) throw error;
      if (rank > telling.rank) telling = { error, rank };
    }
  }
  throw telling.error;
}

/** Null for what is no refusal of the chain and must not be tried around. */
function rankOf(error: unknown): number | null {
  if (!(error instanceof UntrustedError || error instanceof CollateralError)) return null;
  if (error.code === "ERR_COLLATERAL_ABORTED") return null;
  const rank = TELLING.indexOf(error.code);
  return rank === -1 ? TELLING.length : rank;
}
