import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { mgf1, PSS } from "micro-rsa-dsa-dh/rsa.js";
import type { DigestAlgorithm, RsaPublicKey, SyncCryptoEngine } from "../crypto/engine.js";
import { toBigInt, verifyEcdsa } from "./ecdsa.js";

const HASHES = { "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 } as const;
const SALT_BYTES = 48;
const pss = /* @__PURE__ */ PSS(sha384, mgf1(sha384), SALT_BYTES);

/**
 * An engine in JavaScript alone: synchronous, and at work where `crypto.subtle` is missing. Slower than the
 * runtime's own by a factor of about seven on Node, for a key that is used again and again by two to three: it keeps
 * tables of the last sixteen such keys, half a megabyte each.
 */
export const nobleEngine: SyncCryptoEngine = Object.freeze({
  name: "noble",
  digest: (algorithm: DigestAlgorithm, data: Uint8Array) => HASHES[algorithm](data),
  verifyEcdsaP384: verifyEcdsa,
  verifyRsaPss: (key: RsaPublicKey, message: Uint8Array, signature: Uint8Array) =>
    pss.verify(numbersOf(key), message, signature),
});

/** The numbers of a key, for as long as somebody keeps the key itself. */
const NUMBERS = /* @__PURE__ */ new WeakMap<RsaPublicKey, { readonly n: bigint; readonly e: bigint }>();

function numbersOf(key: RsaPublicKey): { readonly n: bigint; readonly e: bigint } {
  const numbers = NUMBERS.get(key) ?? { n: toBigInt(key.modulus), e: toBigInt(key.exponent) };
  NUMBERS.set(key, numbers);
  return numbers;
}
