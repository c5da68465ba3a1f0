import type { CryptoEngine } from "../crypto/engine.js";

/** A key of a challenger. */
export interface ChallengeKey {
  /** Names the key inside every nonce; 1 to 32 of A-Z, a-z, 0-9, dot, hyphen and underscore; unique. No secret. */
  id: string;
  /** 32 to 1024 random bytes, the same in every copy of a service; copied. */
  secret: Uint8Array;
}

/** What a challenge is for; it is verified for the very same. */
export interface ChallengePurpose {
  /** Who appraises or releases: 1 to 1024 bytes of UTF-8, compared byte for byte. */
  audience: string;
  /** The policy that evidence will be appraised by: its `digest`, 96 lower-case hex digits. */
  policyDigest: string;
}

/** A challenge for one guest: it sends its evidence with the nonce in REPORT_DATA, and the nonce back with it. */
export interface Challenge {
  /** Names the challenge in logs and in the store; 64 lower-case hex digits. */
  readonly id: string;
  /** The whole token, 75 to 106 bytes; a fresh copy at each access. */
  readonly nonce: Uint8Array;
  /** From then on it is refused; a fresh copy at each access. */
  readonly expiresAt: Date;
}

declare const verifiedBrand: unique symbol;

/**
 * A challenge that a challenger issued for this audience and policy, in its time. Made by `verify` alone; a cast object
 * is refused at run time. Whether it was spent is not known before `spend`.
 */
export interface VerifiedChallenge extends Challenge {
  readonly [verifiedBrand]: true;
  readonly audience: string;
  readonly policyDigest: string;
}

/** Remembers spent challenges, for every copy of a service together. */
export interface SpentStore {
  /**
   * Keeps the id at least until `expiresAt`, atomically: of all calls with one id, ever, exactly one answers `true`,
   * and the others `false`. It rejects when it cannot tell.
   *
   * @param now - the challenger's time at the call, which it always passes; without it, this machine's
   */
  add(id: string, expiresAt: Date, now?: Date): Promise<boolean>;
}

/** Options of `createChallenger`; an unknown name is a TypeError. */
export interface ChallengerOptions {
  /** 1 to 16 keys: the first signs, all of them verify. */
  keys: readonly ChallengeKey[];
  /** How long a challenge lives, in milliseconds; 1 to 86,400,000. Minutes are enough for a guest. */
  ttlMs: number;
  /** The present time: for expiry alone. Going back behind a time it told before, it refuses everything. */
  clock: () => Date;
  /** Where spent challenges are remembered. */
  spentStore: SpentStore;
  /** The longest that `spend` waits for the store, in milliseconds; default 2000. */
  storeTimeoutMs?: number;
  /** Whose SHA-256 makes the MACs; default: WebCrypto's HMAC. `nodeEngine` makes one in a fraction of the time. */
  engine?: CryptoEngine;
}

/** Issues challenges, verifies and spends them. Stateless but for its clock: N copies with the same keys are one. */
export interface Challenger {
  /**
   * A fresh challenge.
   *
   * @throws TypeError for a purpose that is not whole; ChallengeError `ERR_CHALLENGE_CLOCK`; UnsupportedError
   * `ERR_UNSUPPORTED_CRYPTO`.
   */
  issue(purpose: ChallengePurpose): Promise<Challenge>;
  /**
   * What the nonce says, once MAC, audience, policy digest and expiry hold. Not checked: whether it was spent, and
   * whether any evidence holds the nonce; that is `bindReportData`'s and the policy's to do.
   *
   * @throws TypeError for a purpose that is not whole, or a nonce that is no `Uint8Array`; ChallengeError
   * `ERR_CHALLENGE_MALFORMED`, `_UNKNOWN_KEY`, `_FORGED`, `_EXPIRED`, `_CLOCK`; UnsupportedError
   * `ERR_UNSUPPORTED_CRYPTO`.
   */
  verify(nonce: Uint8Array, purpose: ChallengePurpose): Promise<VerifiedChallenge>;
  /**
   * Spends a challenge that this challenger verified: resolves once in the life of its nonce, whoever else tries. Spend
   * before releasing anything. After a failure it may count as spent all the same: have the guest ask again.
   *
   * @throws TypeError for anything that this challenger's `verify` did not return; ChallengeError
   * `ERR_CHALLENGE_SPENT`, `_EXPIRED`, `_CLOCK`, `_STORE_UNAVAILABLE`, `_STORE_FULL`.
   */
  spend(verified: VerifiedChallenge): Promise<void>;
}
