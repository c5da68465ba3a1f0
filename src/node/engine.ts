import { constants, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { DigestAlgorithm, P384PublicKey, RsaPublicKey, SyncCryptoEngine } from "../crypto/engine.js";
import { p384Spki } from "../crypto/p384.js";
import { hash } from "./hash.js";

const HASHES = { "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" } as const;
const SALT_BYTES = 48;

/** OpenSSL's form of a key, for as long as somebody keeps the key itself. */
const imported = new WeakMap<P384PublicKey | RsaPublicKey, KeyObject>();

/** An engine on Node's own crypto (OpenSSL): synchronous, and the fastest there is on Node. */
export const nodeEngine: SyncCryptoEngine = Object.freeze({
  name: "node",
  digest: (algorithm: DigestAlgorithm, data: Uint8Array) => Uint8Array.from(hash(HASHES[algorithm], data)),
  verifyEcdsaP384: (key: P384PublicKey, message: Uint8Array, signature: Uint8Array) =>
    verify("sha384", message, { key: keep(key, importP384), dsaEncoding: "ieee-p1363" }, signature),
  verifyRsaPss: (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array) =>
    verify("sha384", message, { key: keep(key, importRsa), padding: PSS_PADDING, saltLength: SALT_BYTES }, signature),
});

const PSS_PADDING = constants.RSA_PKCS1_PSS_PADDING;

// As SPKI, which OpenSSL takes in a quarter of the time of a JWK: the point is known to lie on the curve.
function importP384(key: P384PublicKey): KeyObject {
  return createPublicKey({ format: "der", type: "spki", key: Buffer.from(p384Spki(key).buffer) });
}

function importRsa({ modulus, exponent }: RsaPublicKey): KeyObject {
  return createPublicKey({
    format: "jwk",
    key: { kty: "RSA", n: base64Url(modulus), e: base64Url(exponent) },
  });
}

function keep<Key extends P384PublicKey | RsaPublicKey>(key: Key, importKey: (key: Key) => KeyObject): KeyObject {
  const known = imported.get(key) ?? importKey(key);
  imported.set(key, known);
  return known;
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
