import { concatBytes, fromHex, lengthPrefixed, toHex } from "../bytes/codecs.js";
import { ReleaseError } from "../errors.js";
import { exactMembers, malformed } from "./malformed.js";

/** What a sealed secret is for. It is authenticated: with any of it changed the secret does not open. */
export interface ReleaseContext {
  /** The challenge's id. */
  readonly challenge: string;
  /** The policy's digest, lower-case hex. */
  readonly policy: string;
  /** SHA-384 of report bytes 0x000 to 0x29F, lower-case hex. */
  readonly report: string;
}

/** The members in the order of the alphabet, in which a JWE's header spells them. */
const FIELDS = ["challenge", "policy", "report"] as const;

/** A policy's digest, or a report's. */
export const DIGEST = /^[0-9a-f]{96}$/;
/** The id of a challenge. */
export const CHALLENGE_ID = /^[0-9a-f]{64}$/;

const LABEL = "attestry release v1";

/** The context of a release. */
export function contextOf(challenge: string, policy: string, reportDigest: Uint8Array): ReleaseContext {
  return Object.freeze({ challenge, policy, report: toHex(reportDigest) });
}

/**
 * The context as HPKE's `info`: the ASCII label `attestry release v1`, then the challenge's id in UTF-8, the policy's
 * digest (48 bytes) and the report's (48 bytes), each behind its length as 32 bits big-endian.
 */
export function infoOf({ challenge, policy, report }: ReleaseContext): Uint8Array {
  const utf8 = new TextEncoder();
  const parts = [utf8.encode(challenge), fromHex(policy), fromHex(report)];
  return concatBytes(utf8.encode(LABEL), lengthPrefixed(...parts));
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === "string" && form.test(value);
}

/**
 * The context that a sealed secret says it is for.
 *
 * @throws ReleaseError `ERR_RELEASE_MALFORMED`
 */
export function readContext(value: unknown, what: string): ReleaseContext {
  const { challenge, policy, report } = exactMembers(value, what, FIELDS);
  if (isText(challenge, CHALLENGE_ID) && isText(policy, DIGEST) && isText(report, DIGEST)) {
    return { challenge, policy, report };
  }
  throw malformed(what, "expected a challenge's id, and SHA-384 of policy and report in lower-case hex");
}

/**
 * Compares the context of a sealed secret with the guest's own, whose policy may be `"any"`.
 *
 * @throws ReleaseError `ERR_RELEASE_CONTEXT`
 */
export function matchContext(found: ReleaseContext, expected: ReleaseContext): void {
  for (const field of FIELDS) {
    if (found[field] === expected[field] || (field === "policy" && expected.policy === "any")) continue;
    const message = `the secret was sealed for another ${field} than this guest's; ask for one with a new challenge`;
    const detail = { field, expected: expected[field], actual: found[field] };
    throw new ReleaseError("ERR_RELEASE_CONTEXT", message, detail);
  }
}
