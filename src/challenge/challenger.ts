import { equalBytes, toHex } from "../bytes/codecs.js";
import { addToStore, spentBefore } from "./ask-store.js";
import { macInput, randomBytes } from "./mac.js";
import { type ChallengerSettings, readChallengerOptions } from "./options.js";
import { type Purpose, readPurpose } from "./purpose.js";
import { refusal } from "./refuse.js";
import { checkLife, forwardClock } from "./time.js";
import { type DecodedToken, decodeToken, encodeToken } from "./token.js";
import type { Challenge, ChallengePurpose, Challenger, ChallengerOptions, VerifiedChallenge } from "./types.js";
import { assertVerifiedChallenge, keepVerified } from "./verified.js";

function challengeOf(id: string, nonce: Uint8Array, expiresAt: number): Challenge {
  return Object.freeze({
    id,
    get nonce() {
      return nonce.slice();
    },
    get expiresAt() {
      return new Date(expiresAt);
    },
  });
}

async function checkMac(
  { token, mac }: DecodedToken,
  purpose: Purpose,
  keys: ChallengerSettings["keys"],
): Promise<void> {
  const { keyId } = token;
  const key = keys.get(keyId);
  if (key === undefined) {
    throw refusal("ERR_CHALLENGE_UNKNOWN_KEY", {
      message: `the nonce names the key ${keyId}, which this challenger has not; give each copy the same keys`,
      detail: { keyId },
    });
  }
  if (equalBytes(mac, await key.mac(macInput(token, purpose)))) return;
  throw refusal("ERR_CHALLENGE_FORGED", {
    message: `the nonce's MAC is not that of key ${keyId} over it, this audience and this policy digest`,
    detail: { keyId },
  });
}

/**
 * A challenger: nonces are HMAC-SHA-256 tokens of WebCrypto, so that it remembers nothing until one is spent.
 *
 * @throws TypeError for a missing, unknown or wrong option.
 */
export function createChallenger(options: ChallengerOptions): Challenger {
  const settings = readChallengerOptions(options);
  const { signingKey, keys, ttlMs } = settings;
  const now = forwardClock(settings.now);
  const challenger: Challenger = {
    async issue(purpose: ChallengePurpose): Promise<Challenge> {
      const known = readPurpose(purpose);
      const expiresAt = now() + ttlMs;
      const random = await randomBytes();
      const token = { keyId: signingKey.id, random, expiresAt };
      const mac = await signingKey.mac(macInput(token, known));
      return challengeOf(toHex(random), encodeToken(token, mac), expiresAt);
    },
    async verify(nonce: Uint8Array, purpose: ChallengePurpose): Promise<VerifiedChallenge> {
      const known = readPurpose(purpose);
      const decoded = decodeToken(nonce);
      const time = now();
      await checkMac(decoded, known, keys);
      const { random, expiresAt } = decoded.token;
      checkLife(expiresAt, time, ttlMs);
      const { audience, policyDigest } = known;
      const id = toHex(random);
      return keepVerified({ id, nonce: decoded.nonce, expiresAt, audience, policyDigest, challenger, spent: false });
    },
    async spend(verified: VerifiedChallenge): Promise<void> {
      const record = assertVerifiedChallenge(verified);
      if (record.challenger !== challenger) {
        throw new TypeError(
          "verified must be what this challenger's own verify returned; spend it where it was verified",
        );
      }
      const { id, expiresAt } = record;
      if (record.spent) throw spentBefore(id);
      const time = now();
      checkLife(expiresAt, time, ttlMs);
      await addToStore(settings, { id, expiresAt, now: time });
      // A store may have done it as late as it answers. After the expiry it may have forgotten who was first.
      checkLife(expiresAt, now(), ttlMs);
      record.spent = true;
    },
  };
  return Object.freeze(challenger);
}
