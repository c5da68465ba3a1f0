import { copyBytes, readOptions } from "../bytes/arguments.js";
import { digestWith } from "../crypto/digest.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { UntrustedError } from "../errors.js";
import { keyToAmd } from "./amd-key.js";
import { signatureFault } from "./amd-signature.js";
import { engineOrDefault } from "./engine-option.js";
import { type IdAuth, parseIdAuth } from "./id-auth.js";
import { type IdBlock, parseIdBlock } from "./id-block.js";

/** An ID block and its ID_AUTH as bytes; an unknown name is a TypeError. */
export interface IdBlockPair {
  /** 96 bytes. */
  block: Uint8Array;
  /** 4096 bytes. */
  auth: Uint8Array;
  /** Default: WebCrypto. */
  engine?: CryptoEngine;
}

/** An ID block whose signatures hold, under keys that nobody has said to trust. */
export interface SignedIdBlock {
  readonly block: IdBlock;
  readonly auth: IdAuth;
  /** SHA-384 of the ID key in AMD's form: compare it with those you trust. */
  readonly idKeyDigest: Uint8Array;
  /** The same of the author key; null where there is none. */
  readonly authorKeyDigest: Uint8Array | null;
}

/** What is known of a pair before anybody is trusted: the fields, the digests, and what is wrong with the signatures. */
export interface JudgedPair extends SignedIdBlock {
  /** Null where the ID key signed the block. */
  readonly blockFault: string | null;
  /** Null where the author key signed the ID key, or there is none. */
  readonly authorFault: string | null;
}

/** The parts of a pair, digests and signatures included. @throws as `verifyIdAuth`, but not for a signature. */
export async function judgePair(block: Uint8Array, auth: Uint8Array, engine: CryptoEngine): Promise<JudgedPair> {
  const message = copyBytes(block, "block");
  const [fields, keys] = [parseIdBlock(message), parseIdAuth(auth)];
  const { idKey, signature, author } = keys;
  const amdKey = keyToAmd(idKey);
  return {
    block: fields,
    auth: keys,
    idKeyDigest: await digestWith(engine, "SHA-384", amdKey),
    authorKeyDigest: author === null ? null : await digestWith(engine, "SHA-384", keyToAmd(author.key)),
    blockFault: await signatureFault(engine, { key: idKey, message, signature }),
    authorFault:
      author === null
        ? null
        : await signatureFault(engine, { key: author.key, message: amdKey, signature: author.signature }),
  };
}

function signatureError(signature: string, signer: string, reason: string): UntrustedError {
  return new UntrustedError(
    "ERR_UNTRUSTED_ID_BLOCK_SIGNATURE",
    `${signature} of the ${signer} does not hold: ${reason}; firmware would refuse this launch`,
    { signature, signer, reason },
  );
}

/**
 * An ID block whose signatures hold: the ID key signed the block and, where there is an author key, that one signed
 * the ID key. Anybody can make such a pair with keys of his own: the digests say whose keys they are, and comparing
 * them with those that you trust is up to you, to a policy's `idBlock`, or to `matchesIdBlock`.
 *
 * @throws TypeError (a rejection) for an option that is wrong or unknown.
 * @throws UntrustedError `ERR_UNTRUSTED_ID_BLOCK_SIGNATURE`.
 * @throws MalformedError, UnsupportedError as `parseIdBlock` and `parseIdAuth`; `ERR_UNSUPPORTED_CRYPTO` when the engine
 * fails.
 */
export async function verifyIdAuth(pair: IdBlockPair): Promise<SignedIdBlock> {
  const raw = readOptions(pair, "pair", ["block", "auth", "engine"]);
  const [block, auth] = [copyBytes(raw.block, "pair.block"), copyBytes(raw.auth, "pair.auth")];
  const judged = await judgePair(block, auth, engineOrDefault(raw.engine, "pair.engine"));
  if (judged.blockFault !== null) throw signatureError("ID_BLOCK_SIG", "ID key", judged.blockFault);
  if (judged.authorFault !== null) throw signatureError("ID_KEY_SIG", "author key", judged.authorFault);
  const { block: fields, auth: keys, idKeyDigest, authorKeyDigest } = judged;
  return Object.freeze({ block: fields, auth: keys, idKeyDigest, authorKeyDigest });
}
