import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import type { WebCryptoKeyPair } from "../crypto/web-crypto-key.js";
import { CHALLENGE_ID, contextOf, DIGEST } from "./context.js";
import { hpkeOpener } from "./hpke.js";
import { jweOpener } from "./jwe-open.js";
import { copyReport, reportDigestOf } from "./report-digest.js";
import { checkFormat, type SealFormat } from "./seal.js";
import type { GuestKeyPair, Opener } from "./sealing.js";

/** Options of `openSealed`; all of them are required, and an unknown name is a TypeError. */
export interface OpenOptions {
  /** What the guest asked for: a message of the other format is refused. */
  format: SealFormat;
  /**
   * The guest's own keys, of X25519 or ECDH on P-384 for HPKE, of ECDH or RSA-OAEP with SHA-256 for a JWE. The private
   * one need not be extractable, and is for `deriveBits`, or `decrypt` for RSA.
   */
  keyPair: WebCryptoKeyPair;
  /** The id of the challenge that the guest answered. */
  challengeId: string;
  /** The digest of the policy that the guest expects to be judged by, or the word `"any"`. */
  policyDigest: string;
  /** The report that the guest sent, 1184 bytes. */
  report: Uint8Array;
}

const OPENERS: Readonly<Record<SealFormat, (sealed: unknown, keyPair: GuestKeyPair) => Opener>> = {
  hpke: hpkeOpener,
  jwe: jweOpener,
};

function checkText(value: unknown, name: string, form: RegExp): string {
  if (typeof value === "string" && form.test(value)) return value;
  throw new TypeError(`options.${name} must be lower-case hex of its full length, found ${textOf(value).slice(0, 40)}`);
}

function checkCryptoKey(value: unknown, type: KeyType): CryptoKey {
  if (Object.prototype.toString.call(value) === "[object CryptoKey]" && Reflect.get(Object(value), "type") === type) {
    // WebCrypto itself refuses what only calls itself a CryptoKey.
    return value as CryptoKey;
  }
  throw new TypeError(`options.keyPair.${type}Key must be a ${type} CryptoKey`);
}

function readKeyPair(value: unknown): GuestKeyPair {
  const given = readOptions(value, "options.keyPair", ["privateKey", "publicKey"]);
  const privateKey = checkCryptoKey(given.privateKey, "private");
  const use = privateKey.algorithm.name === "RSA-OAEP" ? "decrypt" : "deriveBits";
  if (!privateKey.usages.includes(use)) throw new TypeError(`options.keyPair.privateKey must be for ${use}`);
  return { privateKey, publicKey: checkCryptoKey(given.publicKey, "public") };
}

/**
 * The secret that `sealTo` sealed to the guest's key, for the guest's own challenge and report.
 *
 * Not checked: who sealed it. Whoever knows the guest's public key, challenge and report can seal something to them; a
 * guest that must know who speaks learns it from the connection, or from what the secret is.
 *
 * @param sealed - what was received, parsed from JSON
 * @throws TypeError for an option that is missing, unknown or of another kind than it must be.
 * @throws ReleaseError `ERR_RELEASE_MALFORMED` for what is no message of this format, or not for this kind of key;
 * `ERR_RELEASE_CONTEXT` for one that says it is for another challenge, policy or report; `ERR_RELEASE_NOT_OPENED` for
 * one that was changed or sealed to another key.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where WebCrypto cannot do it.
 */
export async function openSealed(sealed: unknown, options: OpenOptions): Promise<Uint8Array> {
  const given = readOptions(options, "options", ["format", "keyPair", "challengeId", "policyDigest", "report"]);
  const opener = OPENERS[checkFormat(given.format)];
  const keyPair = readKeyPair(given.keyPair);
  const challengeId = checkText(given.challengeId, "challengeId", CHALLENGE_ID);
  const policy = given.policyDigest === "any" ? "any" : checkText(given.policyDigest, "policyDigest", DIGEST);
  const report = copyReport(given.report, "options.report");
  const open = opener(sealed, keyPair);
  return open(contextOf(challengeId, policy, await reportDigestOf(report)));
}
