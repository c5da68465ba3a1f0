import { checkText, readOptions } from "../bytes/arguments.js";
import { fromHex } from "../bytes/codecs.js";

const MAX_AUDIENCE = 1024;

/** With the u flag a whole pair is one character, which is no surrogate. */
const HALF_PAIR = /\p{Surrogate}/u;

/** SHA-384 of a policy, as policies and appraisals spell it. */
const POLICY_DIGEST = /^[0-9a-f]{96}$/;

/** A purpose as text, and as the bytes that the MAC covers. */
export interface Purpose {
  readonly audience: string;
  readonly policyDigest: string;
  readonly audienceBytes: Uint8Array;
  readonly policyDigestBytes: Uint8Array;
}

function checkAudience(value: unknown): { audience: string; audienceBytes: Uint8Array } {
  const audience = checkText(value, "purpose.audience");
  // A character has at least a byte: of a text that is too long, enough is encoded to show it.
  const audienceBytes = new TextEncoder().encode(audience.slice(0, MAX_AUDIENCE + 1));
  if (audience === "" || audienceBytes.length > MAX_AUDIENCE) {
    throw new TypeError(`purpose.audience must have 1 to ${MAX_AUDIENCE} bytes of UTF-8`);
  }
  // Halves of a surrogate pair would all become the same three bytes, and two audiences one.
  if (HALF_PAIR.test(audience)) {
    throw new TypeError("purpose.audience must be well-formed Unicode, found half a surrogate pair");
  }
  return { audience, audienceBytes };
}

/** What a challenge is for. @throws TypeError for anything missing, unknown or not of its form. */
export function readPurpose(value: unknown): Purpose {
  const raw = readOptions(value, "purpose", ["audience", "policyDigest"]);
  const policyDigest = checkText(raw.policyDigest, "purpose.policyDigest");
  if (!POLICY_DIGEST.test(policyDigest)) {
    throw new TypeError("purpose.policyDigest must be the digest of a policy, 96 lower-case hex digits");
  }
  return { ...checkAudience(raw.audience), policyDigest, policyDigestBytes: fromHex(policyDigest) };
}
