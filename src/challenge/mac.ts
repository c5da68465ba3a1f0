import { concatBytes, lengthPrefixed } from "../bytes/codecs.js";
import { digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
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

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** HMAC by an engine's digest. Source: RFC 2104, section 2. */
function engineMacKey(id: string, secret: Uint8Array, engine: CryptoEngine): MacKey {
  const sha256 = (...parts: readonly Uint8Array[]) => digestWith(engine, "SHA-256", concatBytes(...parts));
  return {
    id,
    async mac(data) {
      const key = secret.length > BLOCK_BYTES ? await sha256(secret) : secret;
      const block = concatBytes(key, new Uint8Array(BLOCK_BYTES - key.length));
      const inner = await sha256(
        block.map((byte) => byte ^ INNER_PAD),
        data,
      );
      return sha256(
        block.map((byte) => byte ^ OUTER_PAD),
        inner,
      );
    },
  };
}

/** A key of a private copy of its secret. */
export function createMacKey(id: string, secret: Uint8Array, engine: CryptoEngine | undefined): MacKey {
  return engine === undefined ? webCryptoMacKey(id, secret) : engineMacKey(id, secret, engine);
}

function webCryptoMacKey(id: string, secret: Uint8Array): MacKey {
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
