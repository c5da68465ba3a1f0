import type { ReleaseContext } from "./context.js";

/** What is sealed, and what for; the secret is a private copy. */
export interface Sealing {
  readonly secret: Uint8Array;
  readonly context: ReleaseContext;
}

/** A guest's keys. */
export interface GuestKeyPair {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** Opens one message, for the context that the guest expects; its policy may be `"any"`. */
export type Opener = (expected: ReleaseContext) => Promise<Uint8Array>;
