import { p384PublicKey } from "../crypto/p384.js";
import type { P384Signer } from "../crypto/signer.js";
import type { WebCryptoKeyPair } from "../crypto/web-crypto-key.js";
import { UnsupportedError } from "../errors.js";

const ECDSA = { name: "ECDSA", hash: "SHA-384" } as const;

function keyOf(value: unknown, type: "private" | "public", usage: KeyUsage | null): CryptoKey {
  const name = `pair.${type}Key`;
  if (typeof value !== "object" || value === null || !("algorithm" in value)) {
    throw new TypeError(`${name} must be a CryptoKey`);
  }
  // Only WebCrypto makes objects that WebCrypto takes; a look-alike fails there, and its failure is told as one.
  const key = value as CryptoKey;
  const { name: algorithm, namedCurve }: { name?: unknown; namedCurve?: unknown } = { ...key.algorithm };
  if (algorithm !== ECDSA.name || namedCurve !== "P-384" || key.type !== type) {
    throw new TypeError(`${name} must be a ${type} CryptoKey for ECDSA on P-384`);
  }
  if (usage !== null && !key.usages.includes(usage)) throw new TypeError(`${name} must have the usage "${usage}"`);
  return key;
}

async function pointOf(key: CryptoKey): Promise<Uint8Array> {
  try {
    return new Uint8Array(await globalThis.crypto.subtle.exportKey("raw", key));
  } catch (cause) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      "WebCrypto does not hand out pair.publicKey; import it as extractable",
      { engine: "webcrypto", operation: "export P-384" },
      { cause },
    );
  }
}

/**
 * A signer on a key pair of WebCrypto. The private key need not be extractable, and is used to sign alone.
 *
 * @param pair - ECDSA on P-384: the private key with the usage `sign`, and the public key that belongs to it
 * @throws TypeError (a rejection) for keys of another kind, curve or usage.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where WebCrypto does not export the public key.
 */
export async function webCryptoSigner(pair: WebCryptoKeyPair): Promise<P384Signer> {
  const given: unknown = pair;
  if (typeof given !== "object" || given === null) throw new TypeError("pair must be an object with two CryptoKeys");
  const { privateKey, publicKey } = pair;
  const secret = keyOf(privateKey, "private", "sign");
  const key = p384PublicKey(await pointOf(keyOf(publicKey, "public", null)));
  if (key === null) throw new TypeError("pair.publicKey must be a point of P-384");
  return Object.freeze({
    publicKey: key,
    sign: async (message: Uint8Array) =>
      new Uint8Array(await globalThis.crypto.subtle.sign(ECDSA, secret, new Uint8Array(message))),
  });
}
