import { createPublicKey, KeyObject, sign } from "node:crypto";
import { P384_POINT_BYTES, p384PublicKey } from "../crypto/p384.js";
import type { P384Signer } from "../crypto/signer.js";

/** What a `KeyObject` of `node:crypto` is at least; named so that our types need none of Node's. */
export interface NodeKey {
  readonly type: string;
  readonly asymmetricKeyType?: string | undefined;
}

/**
 * A signer on a private key of `node:crypto`, which keeps the key.
 *
 * @param privateKey - a private key on P-384, as `createPrivateKey` answers it
 * @throws TypeError for any other key. The error does not say what was found.
 */
export function nodeSigner(privateKey: NodeKey): P384Signer {
  if (!(privateKey instanceof KeyObject)) throw new TypeError("privateKey must be a KeyObject of node:crypto");
  const { type, asymmetricKeyType, asymmetricKeyDetails } = privateKey;
  if (type !== "private" || asymmetricKeyType !== "ec" || asymmetricKeyDetails?.namedCurve !== "secp384r1") {
    throw new TypeError("privateKey must be a private key on P-384");
  }
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const publicKey = p384PublicKey(new Uint8Array(spki.subarray(-P384_POINT_BYTES)));
  if (publicKey === null) throw new TypeError("privateKey must have an uncompressed public key");
  return Object.freeze({
    publicKey,
    sign: (message: Uint8Array) =>
      Uint8Array.from(sign("sha384", message, { key: privateKey, dsaEncoding: "ieee-p1363" })),
  });
}
