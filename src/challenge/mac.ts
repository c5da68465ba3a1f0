import { lengthPrefixed } from "../bytes/codecs.js";
import { ownBuffer, WEBCRYPTO } from "../crypto/webcrypto-digest.js";
import { UnsupportedError } from "../errors.js";
import type { Purpose } from "./purpose.js";
import { expiryBytes, RANDOM_LENGTH, TOKEN_VERSION, type Token } from "./token.js";

const LABEL = "attestry challenge v1";
const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** A key that makes MACs; the runtime holds the secret as soon as it was used once. */
export interface MacKey {
  readonly id: string;
  mac(data: Uint8Array): Promise<Uint8Array>;
}

async function withCrypto<T>(operation: string, run: (crypto: Crypto) => T | Promise<T>): Promise<T> {
  try {
    return await run(globalThis.crypto);
  } catch (cause) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `WebCrypto cannot ${operation} here; challenges need a runtime that has it`,
      { engine: WEBCRYPTO, operation },
      { cause },
    );
  }
}

/** A key of a private copy of its secret. */
export function createMacKey(id: string, secret: Uint8Array): MacKey {
  let imported: Promise<CryptoKey> | undefined;
  const importKey = () => {
    const fresh = withCrypto("import an HMAC key", ({ subtle }) =>
      subtle.importKey("raw", ownBuffer(secret), HMAC, false, ["sign"]),
    );
    fresh.catch(() => {
      imported = undefined;
    });
    return fresh;
  };
  return {
    id,
    async mac(data) {
      imported ??= importKey();
      const key = await imported;
      return new Uint8Array(
        await withCrypto("sign with HMAC", ({ subtle }) => subtle.sign(HMAC, key, ownBuffer(data))),
      );
    },
  };
}

/** What the MAC covers: everything that the nonce says, and what it says nothing of. */
export function macInput({ keyId, random, expiresAt }: Token, purpose: Purpose): Uint8Array {
  const utf8 = new TextEncoder();
  return lengthPrefixed(
    utf8.encode(LABEL),
    Uint8Array.of(TOKEN_VERSION),
    utf8.encode(keyId),
    random,
    expiryBytes(expiresAt),
    purpose.audienceBytes,
    purpose.policyDigestBytes,
  );
}

/** Random bytes for one nonce. @throws UnsupportedError (a rejection) `ERR_UNSUPPORTED_CRYPTO` where there are none. */
export function randomBytes(): Promise<Uint8Array> {
  return withCrypto("make random bytes", (crypto) => crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH)));
}
