import type { VerifiedChallenge } from "./types.js";

/** The private record behind a `VerifiedChallenge`; its bytes are never handed out. */
export interface ChallengeRecord {
  readonly id: string;
  readonly nonce: Uint8Array;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly audience: string;
  readonly policyDigest: string;
  /** The challenger that verified it, and alone may spend it. */
  readonly challenger: object;
  /** True once `spend` resolved for this handle. */
  spent: boolean;
}

const records = new WeakMap<object, ChallengeRecord>();

/** Makes the handle of a record; called by `verify` alone. */
export function keepVerified(record: ChallengeRecord): VerifiedChallenge {
  const { id, audience, policyDigest } = record;
  const handle = Object.freeze({
    id,
    get nonce() {
      return record.nonce.slice();
    },
    get expiresAt() {
      return new Date(record.expiresAt);
    },
    audience,
    policyDigest,
  });
  records.set(handle, record);
  // The brand exists in types alone; at run time the WeakMap above is the brand.
  return handle as unknown as VerifiedChallenge;
}

/**
 * The private record behind a verified challenge; `spent` says whether `spend` resolved for it.
 *
 * @throws TypeError for anything that `verify` did not return, whatever its shape.
 */
export function assertVerifiedChallenge(handle: unknown): ChallengeRecord {
  const record = typeof handle === "object" && handle !== null ? records.get(handle) : undefined;
  if (record !== undefined) return record;
  throw new TypeError("challenge must be what a challenger's verify returned; a nonce, a look-alike or a copy is none");
}
