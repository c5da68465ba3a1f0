import { toBase64Url } from "../bytes/codecs.js";
import type { CryptoEngine, P384PublicKey, RsaPublicKey } from "./engine.js";
import { p384Spki } from "./p384.js";
import { ownBuffer, WEBCRYPTO, webCryptoDigest, withSubtle } from "./webcrypto-digest.js";

const ECDSA = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" } as const;
const RSA_PSS = { name: "RSA-PSS", hash: "SHA-384", saltLength: 48 } as const;

/** Imported keys, for as long as somebody keeps the key itself. */
const imported = new WeakMap<P384PublicKey | RsaPublicKey, Promise<CryptoKey>>();

/**
 * The default engine: the runtime's own WebCrypto, on whatever thread the runtime likes.
 *
 * @throws UnsupportedError ERR_UNSUPPORTED_CRYPTO from its verbs where `crypto.subtle` is missing (an insecure
 * browser context, an old runtime) or refuses to work; `attestry/noble` works there.
 */
export const webCryptoEngine: CryptoEngine = Object.freeze({
  name: WEBCRYPTO,
  digest: webCryptoDigest,
  verifyEcdsaP384: async (key: P384PublicKey, message: Uint8Array, signature: Uint8Array) => {
    const cryptoKey = await keep(key, importP384);
    return withSubtle("verify ECDSA", (subtle) =>
      subtle.verify(ECDSA, cryptoKey, ownBuffer(signature), ownBuffer(message)),
    );
  },
  verifyRsaPss: async (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array) => {
    const cryptoKey = await keep(key, importRsa);
    return withSubtle("verify RSA-PSS", (subtle) =>
      subtle.verify(RSA_PSS, cryptoKey, ownBuffer(signature), ownBuffer(message)),
    );
  },
});

// SPKI and not "raw": runtimes differ in the points that they take as raw.
function importP384(key: P384PublicKey): Promise<CryptoKey> {
  return withSubtle("import P-384", (subtle) => subtle.importKey("spki", p384Spki(key), ECDSA, false, ["verify"]));
}

// JWK and not SPKI: it says nothing of the algorithm that some runtimes want to find in an SPKI.
function importRsa(key: RsaPublicKey): Promise<CryptoKey> {
  const jwk = { kty: "RSA", alg: "PS384", n: toBase64Url(key.modulus), e: toBase64Url(key.exponent) };
  return withSubtle("import RSA", (subtle) => subtle.importKey("jwk", jwk, RSA_PSS, false, ["verify"]));
}

function keep<Key extends P384PublicKey | RsaPublicKey>(
  key: Key,
  importKey: (key: Key) => Promise<CryptoKey>,
): Promise<CryptoKey> {
  const known = imported.get(key);
  if (known !== undefined) return known;
  const fresh = importKey(key);
  imported.set(key, fresh);
  fresh.catch(() => imported.delete(key));
  return fresh;
}
