import { isAttestationError, UnsupportedError } from "../errors.js";

/**
 * Runs one operation of WebCrypto; that it fails says nothing about keys or secrets, and is no verdict.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO`
 */
export async function withWebCrypto<T>(operation: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (isAttestationError(cause)) throw cause;
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `WebCrypto cannot ${operation} here; it needs a secure context, and a runtime that knows the key's algorithm`,
      { engine: "webcrypto", operation },
      { cause },
    );
  }
}
