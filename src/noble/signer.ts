import { p384 } from "@noble/curves/nist.js";
import { copyBytes } from "../bytes/arguments.js";
import { isP384Scalar, P384_BYTES, p384PublicKey } from "../crypto/p384.js";
import type { P384Signer } from "../crypto/signer.js";

/**
 * A signer in JavaScript alone, deterministic (RFC 6979). Its time depends on the key: sign on a machine of your own,
 * with nobody beside you who measures.
 *
 * The signer keeps a copy of the key for as long as it lives; it hands it to nobody.
 *
 * @param secretKey - the private scalar, 48 bytes, big-endian
 * @throws TypeError for anything but 48 bytes that stand for 1..n-1. The error does not say what was found.
 */
export function nobleSigner(secretKey: Uint8Array): P384Signer {
  const secret = copyBytes(secretKey, "secretKey");
  if (secret.length !== P384_BYTES || !isP384Scalar(secret)) {
    throw new TypeError("secretKey must be the private scalar of a P-384 key, 48 bytes, big-endian");
  }
  const publicKey = p384PublicKey(p384.getPublicKey(secret, false));
  if (publicKey === null) throw new TypeError("secretKey must have a public key on P-384");
  return Object.freeze({ publicKey, sign: (message: Uint8Array) => p384.sign(message, secret, { lowS: false }) });
}
