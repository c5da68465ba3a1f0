import { constants, createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { DigestAlgorithm, P384PublicKey, RsaPublicKey, SyncCryptoEngine } from "../crypto/engine.js";

const HASHES = { "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512" } as const;
const P384_BYTES = 48;
const SALT_BYTES = 48;

/** OpenSSL's form of a key, for as long as somebody keeps the key itself. */
const imported = new WeakMap<P384PublicKey | RsaPublicKey, KeyObject>();

/** An engine on Node's own crypto (OpenSSL): synchronous, and the fastest there is on Node. */
export const nodeEngine: SyncCryptoEngine = Object.freeze({
  name: "node",
  digest: (algorithm: DigestAlgorithm, data: Uint8Array) =>
    Uint8Array.from(createHash(HASHES[algorithm]).update(data).digest()),
  verifyEcdsaP384: (key: P384PublicKey, message: Uint8Array, signature: Uint8Array) =>
    verify("sha384", message, { key: keep(key, importP384), dsaEncoding: "ieee-p1363" }, signature),
  verifyRsaPss: (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array) =>
    verify("sha384", message, { key: keep(key, importRsa), padding: PSS_PADDING, saltLength: SALT_BYTES }, signature),
});

const PSS_PADDING = constants.RSA_PKCS1_PSS_PADDING;

function importP384({ point }: P384PublicKey): KeyObject {
  const [x, y] = [base64Url(point.subarray(1, 1 + P384_BYTES)), base64Url(point.subarray(1 + P384_BYTES))];
  return createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-384", x, y } });
}

function importRsa({ modulus, exponent }: RsaPublicKey): KeyObject {
  return createPublicKey({ format: "jwk", key: { kty: "RSA", n: base64Url(modulus), e: base64Url(exponent) } });
}

function keep<Key extends P384PublicKey | RsaPublicKey>(key: Key, importKey: (key: Key) => KeyObject): KeyObject {
  const known = imported.get(key) ?? importKey(key);
  imported.set(key, known);
  return known;
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
