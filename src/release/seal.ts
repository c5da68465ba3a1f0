import { byteLengthOf, checkNow, copyBytes, readOptions } from "../bytes/arguments.js";
import { equalBytes } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import type { VerifiedChallenge } from "../challenge/types.js";
import { assertVerifiedChallenge, type ChallengeRecord } from "../challenge/verified.js";
import { ReleaseError } from "../errors.js";
import type { AcceptedAppraisal } from "../policy/appraisal.js";
import type { VerifiedResult } from "../result/verified-result.js";
import { readAttestedKey } from "./attested-key.js";
import { contextOf } from "./context.js";
import { hpkeSealer, type SealedHpke } from "./hpke.js";
import { jweSealer, type SealedJwe } from "./jwe.js";
import type { JwkRecipient } from "./jwk.js";
import { MAX_SECRET_BYTES } from "./limits.js";
import { type RecipientRecord, recipientRecord } from "./recipient.js";
import type { Sealing } from "./sealing.js";

/** What each format makes of a secret. */
export interface SealedAs {
  readonly hpke: SealedHpke;
  readonly jwe: SealedJwe;
}

/** How a secret is sealed: `hpke` for X25519 and P-384, `jwe` for P-256, P-384, P-521 and RSA. */
export type SealFormat = keyof SealedAs;

/** Options of `sealTo`; all of them are required, and an unknown name is a TypeError. */
export interface SealOptions<Format extends SealFormat = SealFormat> {
  /** The challenge that the evidence answers: verified, and spent. It releases one secret. */
  challenge: VerifiedChallenge;
  format: Format;
  /** The present time, for the end of the challenge, of a result, and of what an appraisal rests on. */
  now: Date;
}

const SEALERS: { readonly [F in SealFormat]: (key: JwkRecipient) => (sealing: Sealing) => Promise<SealedAs[F]> } = {
  hpke: hpkeSealer,
  jwe: jweSealer,
};

/** Challenges that have released a secret, for as long as somebody keeps them. */
const used = new WeakSet<ChallengeRecord>();

/** @throws TypeError for anything but the name of a format. */
export function checkFormat(value: unknown): SealFormat {
  if (value === "hpke" || value === "jwe") return value;
  throw new TypeError(`options.format must be "hpke" or "jwe", found ${textOf(value)}`);
}

function copySecret(value: unknown): Uint8Array {
  const length = byteLengthOf(value, "secret");
  if (length >= 1 && length <= MAX_SECRET_BYTES) return copyBytes(value, "secret");
  throw new TypeError(`secret must have 1 to ${MAX_SECRET_BYTES} bytes, found ${length}`);
}

function checkEnd(what: "challenge" | RecipientRecord["life"]["what"], end: number, now: number): void {
  if (now < end) return;
  const detail = { what, expiresAt: new Date(end).toISOString(), now: new Date(now).toISOString() };
  const message = `the ${what} ended at ${detail.expiresAt}, it is ${detail.now}; have the guest attest anew`;
  throw new ReleaseError("ERR_RELEASE_EXPIRED", message, detail);
}

function checkLife({ life: { what, begin, end } }: RecipientRecord, now: number): void {
  if (now < begin) {
    throw new TypeError(`options.now must not be before the appraisal at ${new Date(begin).toISOString()}`);
  }
  checkEnd(what, end, now);
}

function checkChallenge({ id, spent, policyDigest }: ChallengeRecord, recipient: RecipientRecord): void {
  if (!spent) {
    const message = `challenge ${id} was not spent; await spend before anything is released for it`;
    throw new ReleaseError("ERR_RELEASE_UNSPENT", message, { challengeId: id });
  }
  if (policyDigest !== recipient.policyDigest) {
    const detail = { challenge: policyDigest, recipient: recipient.policyDigest };
    const message = `the challenge is for policy ${detail.challenge}, ${detail.recipient} accepted; issue a new challenge`;
    throw new ReleaseError("ERR_RELEASE_OTHER_POLICY", message, detail);
  }
}

function checkNonce({ id, nonce }: ChallengeRecord, recipient: RecipientRecord): void {
  if (recipient.nonce === null) {
    const scheme = String(recipient.scheme);
    const message = `nothing shows that REPORT_DATA (scheme ${scheme}) holds a nonce; bind the challenge's by attestry-v1`;
    throw new ReleaseError("ERR_RELEASE_NO_NONCE", message, { scheme });
  }
  if (equalBytes(nonce, recipient.nonce)) return;
  const message = `the evidence answers another challenge than ${id}; hand in the one whose nonce it holds`;
  throw new ReleaseError("ERR_RELEASE_OTHER_NONCE", message, { challengeId: id });
}

function checkKey({ key, scheme }: RecipientRecord): JwkRecipient {
  if (key !== null) return readAttestedKey(key);
  const found = scheme === null ? "the policy asks for no binding scheme" : `scheme ${scheme} bound no key`;
  const message = `nothing shows which key the guest holds: ${found}; ask for reportData by a scheme with a public key`;
  throw new ReleaseError("ERR_RELEASE_NO_KEY", message, { scheme });
}

/** The right to release for a challenge, once in its life. */
function useUp(challenge: ChallengeRecord): void {
  if (used.has(challenge)) {
    const message = `challenge ${challenge.id} has released a secret before; issue a new one, or seal both as one`;
    throw new ReleaseError("ERR_RELEASE_USED", message, { challengeId: challenge.id });
  }
  used.add(challenge);
}

/**
 * A secret for the one key that an accepted appraisal, or a verified result, speaks for: nobody else opens it, and the
 * guest opens it for this challenge, policy and report alone.
 *
 * Everything is judged, and the challenge used up, before this function waits for anything. A challenge releases one
 * secret, whatever becomes of it; several secrets are sealed as one. An appraisal thereby releases once as well, since
 * its evidence holds the nonce of one challenge.
 *
 * Not checked: the challenge's audience, which is for `verify`; whether the policy still is the one in force, and what
 * was revoked since the appraisal, which the challenge's life bounds.
 *
 * @param secret - 1 to 65,536 bytes; copied
 * @throws TypeError for a recipient that is neither, verified evidence alone among them, a challenge that `verify` did
 * not return, a secret of another length, an option that is missing or unknown, a `now` before the appraisal.
 * @throws PolicyError `ERR_POLICY_REJECTED` for an appraisal that refuses.
 * @throws ReleaseError `ERR_RELEASE_UNSPENT`, `_EXPIRED`, `_OTHER_POLICY`, `_NO_KEY`, `_NO_NONCE`, `_OTHER_NONCE`,
 * `_KEY`, `_USED`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where WebCrypto cannot do it; the challenge is used up all the same.
 */
export async function sealTo<Format extends SealFormat>(
  recipient: AcceptedAppraisal | VerifiedResult,
  secret: Uint8Array,
  options: SealOptions<Format>,
): Promise<SealedAs[Format]> {
  const given = readOptions(options, "options", ["challenge", "format", "now"]);
  const sealer = SEALERS[checkFormat(given.format) as Format];
  const now = checkNow(given.now, "options.now");
  const challenge = assertVerifiedChallenge(given.challenge);
  const found = recipientRecord(recipient);
  const copy = copySecret(secret);
  checkChallenge(challenge, found);
  checkEnd("challenge", challenge.expiresAt, now);
  checkLife(found, now);
  const key = checkKey(found);
  checkNonce(challenge, found);
  const seal = sealer(key);
  useUp(challenge);
  const context = contextOf(challenge.id, found.policyDigest, await found.reportDigest());
  return seal({ secret: copy, context });
}
