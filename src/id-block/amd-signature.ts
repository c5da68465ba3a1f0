import { concatBytes } from "../bytes/codecs.js";
import { encodeLayout } from "../bytes/layout-encode.js";
import type { CryptoEngine, P384PublicKey } from "../crypto/engine.js";
import { isP384Scalar, P384_BYTES } from "../crypto/p384.js";
import { only, runAsync, verifyEcdsa } from "../verify/steps.js";
import { signatureLayout } from "./layouts.js";

/** An ECDSA P-384 signature. */
export interface P384Signature {
  /** 48 bytes, big-endian. */
  readonly r: Uint8Array;
  /** 48 bytes, big-endian. */
  readonly s: Uint8Array;
}

/** Unverified: a signature as AMD writes it; r and s are not judged. */
export function readAmdSignature(bytes: Uint8Array, what: string): P384Signature {
  const { r, s } = signatureLayout(what).parse(bytes).values;
  // The parser made these arrays for us alone.
  return Object.freeze({ r: r.reverse(), s: s.reverse() });
}

/** The 0x200 bytes of a signature (96 bytes, r then s, big-endian) as AMD writes it. */
export function writeAmdSignature(signature: Uint8Array): Uint8Array {
  return encodeLayout(signatureLayout("signature"), {
    r: signature.slice(0, P384_BYTES).reverse(),
    s: signature.slice(P384_BYTES, 2 * P384_BYTES).reverse(),
  });
}

/** A signature, and what it should be of. */
export interface SignedBytes {
  readonly key: P384PublicKey;
  readonly message: Uint8Array;
  readonly signature: P384Signature;
}

/**
 * Why a signature does not hold, or null when it does. High s is as good as low s.
 *
 * r and s are compared with the order of the group here, since not every runtime does it alike.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine fails.
 */
export async function signatureFault(
  engine: CryptoEngine,
  { key, message, signature }: SignedBytes,
): Promise<string | null> {
  const { r, s } = signature;
  if (!isP384Scalar(r) || !isP384Scalar(s)) return "r or s is not in 1..n-1";
  const holds = (await runAsync(only(verifyEcdsa(key, message, concatBytes(r, s))), engine)) === true;
  return holds ? null : "the key did not sign these bytes";
}
