import type { BindingSchemeName } from "../binding/expected.js";
import type { ResultClaims } from "./claims.js";
import type { ResultProfile } from "./profile.js";
import type { TrustVector } from "./vector.js";

declare const resultBrand: unique symbol;

/**
 * A token that `verifyResult` has verified, and what it says: frozen and JSON-safe. A cast object is refused at run
 * time. Times are RFC 3339, bytes lower-case hex.
 */
export interface VerifiedResult {
  readonly [resultBrand]: true;
  readonly status: "affirming";
  readonly profile: ResultProfile;
  readonly issuer: string;
  readonly audience: string;
  /** When the issuer appraised the evidence. */
  readonly issuedAt: string;
  /** The first moment at which the token no longer counts. */
  readonly expiresAt: string;
  readonly keyId: string;
  readonly verifier: { readonly developer: string; readonly build: string };
  readonly trustVector: TrustVector;
  /** True where a nonce was compared, and the issuer says that REPORT_DATA binds it. */
  readonly nonceInReport: boolean;
  /** The key that REPORT_DATA binds, as the scheme took it; null where it binds none. */
  readonly publicKey: { readonly scheme: BindingSchemeName; readonly bytes: string } | null;
  readonly claims: ResultClaims;
}

/** A public key that REPORT_DATA was shown to bind. */
export interface ConfirmedKey {
  readonly scheme: BindingSchemeName;
  /** As the scheme took them. */
  readonly bytes: Uint8Array;
}

/** What stands behind a verified result; its bytes are never handed out. Read by releases. */
export interface ResultRecord {
  readonly issuer: string;
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970; the first moment at which the token no longer counts. */
  readonly expiresAt: number;
  /** The same, or the moment at which it gets older than the caller of `verifyResult` accepts, if that is sooner. */
  readonly reliableUntil: number;
  readonly policyId: string;
  /** SHA-384 of the policy's canonical form, lower-case hex. */
  readonly policyDigest: string;
  /** SHA-384 of report bytes 0x000 to 0x29F, lower-case hex. */
  readonly reportDigest: string;
  /** The key that REPORT_DATA binds; null where the token confirms none. */
  readonly publicKey: ConfirmedKey | null;
  /** The parts of the binding scheme that the issuer took from the evidence. */
  readonly fromEvidence: readonly string[];
  /**
   * The nonce that the caller of `verifyResult` compared, where the token says that REPORT_DATA binds that nonce; null
   * where "any" was accepted, or the issuer merely echoed it.
   */
  readonly nonce: Uint8Array | null;
}

const records = new WeakMap<object, ResultRecord>();

/** Makes a verified result; called by `verifyResult` alone. `shown` is frozen all the way down. */
export function keepResult(shown: Omit<VerifiedResult, typeof resultBrand>, record: ResultRecord): VerifiedResult {
  records.set(shown, record);
  // The brand exists in types alone; at run time the WeakMap above is the brand.
  return shown as VerifiedResult;
}

/**
 * The private record behind a verified result.
 *
 * @throws TypeError for anything that `verifyResult` did not make, whatever its shape.
 */
export function assertVerifiedResult(result: unknown): ResultRecord {
  const record = typeof result === "object" && result !== null ? records.get(result) : undefined;
  if (record !== undefined) return record;
  throw new TypeError("result must be what verifyResult returned; a token, a look-alike or a copy does not count");
}

/** True for what `verifyResult` made; false for everything else, look-alikes too. Never throws. */
export function isVerifiedResult(value: unknown): value is VerifiedResult {
  return typeof value === "object" && value !== null && records.has(value);
}
