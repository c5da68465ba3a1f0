import { copyBytes, readOptions } from "../bytes/arguments.js";
import { encodeLayout } from "../bytes/layout-encode.js";
import type { CryptoEngine } from "../crypto/engine.js";
import { P384_BYTES } from "../crypto/p384.js";
import type { P384Signer } from "../crypto/signer.js";
import { UnsupportedError } from "../errors.js";
import { checkP384Key, keyToAmd } from "./amd-key.js";
import { signatureFault, writeAmdSignature } from "./amd-signature.js";
import { engineOrDefault } from "./engine-option.js";
import { parseIdBlock } from "./id-block.js";
import { ALGO_ECDSA_P384, ALGO_NONE, AMD_KEY_LENGTH, AMD_SIGNATURE_LENGTH, ID_AUTH_LAYOUT } from "./layouts.js";

/** What `buildIdAuth` takes; an unknown name is a TypeError. */
export interface IdAuthInputs {
  /** The 96 bytes of the ID block, as `buildIdBlock` makes them. */
  block: Uint8Array;
  /** Signs the ID block. */
  idKey: P384Signer;
  /** Signs the ID key. Default: no author key. */
  authorKey?: P384Signer;
  /** Checks what the signers answer. Default: WebCrypto. */
  engine?: CryptoEngine;
}

/** A signer, its key checked; the signer itself is asked for nothing but signatures. */
interface CheckedSigner extends P384Signer {
  readonly name: string;
}

function signerOf(value: unknown, name: string): CheckedSigner {
  if (typeof value !== "object" || value === null || !("publicKey" in value) || !("sign" in value)) {
    throw new TypeError(`${name} must be a P384Signer with publicKey and sign`);
  }
  const { sign } = value;
  if (typeof sign !== "function") throw new TypeError(`${name}.sign must be a function`);
  const publicKey = checkP384Key(value.publicKey, `${name}.publicKey`);
  return { name, publicKey, sign: (message) => Reflect.apply(sign, value, [message]) };
}

/** What the signer answers. It may be a device; that it fails says nothing about the arguments. */
async function askSigner({ name, sign }: CheckedSigner, message: Uint8Array): Promise<unknown> {
  try {
    return await sign(message.slice());
  } catch (cause) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `${name} failed to sign; nothing was built`,
      { engine: name, operation: "sign" },
      { cause },
    );
  }
}

/** A signature of the signer, in AMD's form. One that does not verify would cost a launch, so none is let through. */
async function signWith(engine: CryptoEngine, signer: CheckedSigner, message: Uint8Array): Promise<Uint8Array> {
  const answer = copyBytes(await askSigner(signer, message), `what ${signer.name}.sign returned`);
  if (answer.length !== 2 * P384_BYTES) {
    throw new TypeError(`${signer.name}.sign must return ${2 * P384_BYTES} bytes, r then s, found ${answer.length}`);
  }
  const signature = { r: answer.slice(0, P384_BYTES), s: answer.slice(P384_BYTES) };
  const fault = await signatureFault(engine, { key: signer.publicKey, message, signature });
  if (fault === null) return writeAmdSignature(answer);
  throw new TypeError(`${signer.name}.sign must sign for ${signer.name}.publicKey: ${fault}`);
}

/**
 * The 4096 bytes of an ID_AUTH: the ID key and its signature of the block and, where one is given, the author key and
 * its signature of the ID key. Every signature is verified before it is handed out.
 *
 * The keys stay where the signers keep them; see `webCryptoSigner`, and `nobleSigner` of `attestry/noble`.
 *
 * @throws TypeError (a rejection) for an option that is wrong or unknown, and for a signer whose signature is not of 96
 * bytes or does not verify under its public key.
 * @throws MalformedError, UnsupportedError for a block that `parseIdBlock` refuses.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine or a signer fails.
 *
 * Source: AMD 56860, SNP_LAUNCH_FINISH, ID authentication information.
 */
export async function buildIdAuth(inputs: IdAuthInputs): Promise<Uint8Array> {
  const raw = readOptions(inputs, "inputs", ["block", "idKey", "authorKey", "engine"]);
  const block = copyBytes(raw.block, "inputs.block");
  parseIdBlock(block);
  const idSigner = signerOf(raw.idKey, "inputs.idKey");
  const author = raw.authorKey === undefined ? null : signerOf(raw.authorKey, "inputs.authorKey");
  const engine = engineOrDefault(raw.engine, "inputs.engine");
  const idKey = keyToAmd(idSigner.publicKey);
  return encodeLayout(ID_AUTH_LAYOUT, {
    idKeyAlgo: ALGO_ECDSA_P384,
    authorKeyAlgo: author === null ? ALGO_NONE : ALGO_ECDSA_P384,
    idBlockSignature: await signWith(engine, idSigner, block),
    idKey,
    idKeySignature: author === null ? new Uint8Array(AMD_SIGNATURE_LENGTH) : await signWith(engine, author, idKey),
    authorKey: author === null ? new Uint8Array(AMD_KEY_LENGTH) : keyToAmd(author.publicKey),
  });
}
