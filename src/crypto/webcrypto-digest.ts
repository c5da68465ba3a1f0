import { UnsupportedError } from "../errors.js";
import type { DigestAlgorithm } from "./engine.js";

/** What errors call the runtime's own WebCrypto. */
export const WEBCRYPTO = "webcrypto";

/** Runs one operation; a failure of WebCrypto itself says nothing about the evidence and is no verdict. */
export async function withSubtle<T>(operation: string, run: (subtle: SubtleCrypto) => Promise<T>): Promise<T> {
  try {
    return await run(globalThis.crypto.subtle);
  } catch (cause) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `WebCrypto cannot ${operation} here; pass the engine of attestry/noble, which needs nothing of the runtime`,
      { engine: WEBCRYPTO, operation },
      { cause },
    );
  }
}

/** TypeScript tells shared buffers from others; the bytes that reach an engine are private copies, never shared. */
export function ownBuffer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

/**
 * The digest of `data` by the runtime's own WebCrypto: for whoever needs no signatures.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where `crypto.subtle` is missing or refuses to work.
 */
export async function webCryptoDigest(algorithm: DigestAlgorithm, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await withSubtle("digest", (subtle) => subtle.digest(algorithm, ownBuffer(data))));
}
