import { digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { webCryptoDigest } from "../crypto/webcrypto-digest.js";

/** SHA-384. @throws UnsupportedError (a rejection) `ERR_UNSUPPORTED_CRYPTO` where it cannot be had. */
export type Sha384 = (data: Uint8Array) => Promise<Uint8Array>;

/** SHA-384 by an engine; without one, by WebCrypto. */
export function sha384By(engine: CryptoEngine | undefined): Sha384 {
  if (engine === undefined) return (data) => webCryptoDigest("SHA-384", data);
  return (data) => digestWith(engine, "SHA-384", data);
}
