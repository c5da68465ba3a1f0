import type { P384PublicKey } from "./engine.js";

/**
 * A P-384 private key at work, wherever it lives: in WebCrypto, in memory, in a module that lets nothing out.
 *
 * What it holds is the caller's business; nothing here reads, keeps or prints a private key.
 */
export interface P384Signer {
  /** The public half, on the curve. */
  readonly publicKey: P384PublicKey;
  /** ECDSA with SHA-384 over `message`: r then s, 48 bytes each, big-endian. `message` is not changed and not kept. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
