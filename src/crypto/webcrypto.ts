import { toBase64 } from "../bytes/codecs.js";
import { UnsupportedError } from "../errors.js";
import type { CryptoEngine, DigestAlgorithm, P384PublicKey, RsaPublicKey } from "./engine.js";
import { p384Spki } from "./p384.js";

const NAME = "webcrypto";
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
  name: NAME,
  digest: async (algorithm: DigestAlgorithm, data: Uint8Array) =>
    new Uint8Array(await guard("digest", (subtle) => subtle.digest(algorithm, source(data)))),
  verifyEcdsaP384: async (key: P384PublicKey, message: Uint8Array, signature: Uint8Array) => {
    const cryptoKey = await keep(key, importP384);
    return guard("verify ECDSA", (subtle) => subtle.verify(ECDSA, cryptoKey, source(signature), source(message)));
  },
  verifyRsaPss: async (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array) => {
    const cryptoKey = await keep(key, importRsa);
    return guard("verify RSA-PSS", (subtle) => subtle.verify(RSA_PSS, cryptoKey, source(signature), source(message)));
  },
});

// SPKI and not "raw": runtimes differ in the points that they take as raw.
function importP384(key: P384PublicKey): Promise<CryptoKey> {
  return guard("import P-384", (subtle) => subtle.importKey("spki", p384Spki(key), ECDSA, false, ["verify"]));
}

// JWK and not SPKI: it says nothing of the algorithm that some runtimes want to find in an SPKI.
function importRsa(key: RsaPublicKey): Promise<CryptoKey> {
  const jwk = { kty: "RSA", alg: "PS384", n: base64Url(key.modulus), e: base64Url(key.exponent) };
  return guard("import RSA", (subtle) => subtle.importKey("jwk", jwk, RSA_PSS, false, ["verify"]));
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

/** Runs one operation; a failure of WebCrypto itself says nothing about the evidence and is no verdict. */
async function guard<T>(operation: string, run: (subtle: SubtleCrypto) => Promise<T>): Promise<T> {
  try {
    return await run(globalThis.crypto.subtle);
  } catch (cause) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `WebCrypto cannot ${operation} here; pass the engine of attestry/noble, which needs nothing of the runtime`,
      { engine: NAME, operation },
      { cause },
    );
  }
}

function base64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** TypeScript tells shared buffers from others; the bytes that reach an engine are private copies, never shared. */
function source(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
