import { compactVerify } from "jose";
import { fromBase64Url } from "../bytes/codecs.js";
import { readJson } from "../bytes/json.js";
import { isAttestationError } from "../errors.js";
import { isAlgorithm, KEY_SHAPES, type ResultAlgorithm } from "./algorithms.js";
import { malformed, refusal, shown, unusable } from "./fail.js";
import { MAX_TOKEN_LENGTH, TOKEN_TYPE } from "./profile.js";
import { isObject } from "./readers.js";

/** A token in its parts, with its header read. Nothing of it is verified. */
export interface SplitToken {
  readonly text: string;
  readonly algorithm: ResultAlgorithm;
  readonly keyId: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

const MAX_KEY_ID = 256;
/** All that a header has; `crit`, `jwk`, `jku`, `x5u`, `x5c`, `b64` and whatever else there is are no part of it. */
const HEADER: readonly string[] = ["alg", "kid", "typ"];

function decode(text: string, where: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    if (isAttestationError(cause)) throw malformed(where, "expected base64url without padding", cause);
    throw cause;
  }
}

/** An object of JSON in which no member stands twice. @throws ResultError `ERR_RESULT_MALFORMED` for anything else. */
export function readObject(bytes: Uint8Array, where: string): Readonly<Record<string, unknown>> {
  const outcome = readJson(bytes);
  if (!outcome.ok) {
    const { pointer, reason } = outcome.fault;
    throw malformed(pointer === "" ? where : `${where} ${pointer}`, reason);
  }
  if (isObject(outcome.value)) return outcome.value;
  throw malformed(where, "expected an object of JSON");
}

function headerFault(member: string, reason: string) {
  return refusal("ERR_RESULT_HEADER", `the token's header ${shown(member)}: ${reason}; refuse the token`, {
    member,
    reason,
  });
}

function readHeader(header: Readonly<Record<string, unknown>>): Pick<SplitToken, "algorithm" | "keyId"> {
  const foreign = Object.keys(header).find((name) => !HEADER.includes(name));
  if (foreign !== undefined) throw headerFault(foreign, "no token of this library has it, and it is not obeyed");
  const { alg, kid, typ } = header;
  if (typ !== TOKEN_TYPE) throw headerFault("typ", `expected ${TOKEN_TYPE}, found ${shown(typ)}`);
  if (typeof kid !== "string" || kid.length === 0 || kid.length > MAX_KEY_ID) {
    throw headerFault("kid", `expected the id of a key, text of 1 to ${MAX_KEY_ID} characters`);
  }
  if (isAlgorithm(alg)) return { algorithm: alg, keyId: kid };
  if (typeof alg !== "string") throw headerFault("alg", "expected the name of an algorithm");
  throw wrongAlgorithm(alg, Object.keys(KEY_SHAPES));
}

/** The error for an algorithm that is not accepted. */
export function wrongAlgorithm(algorithm: string, accepted: readonly string[]) {
  const message = `expected a token signed by ${accepted.join(" or ")}, found ${shown(algorithm)}; refuse the token`;
  return refusal("ERR_RESULT_ALGORITHM", message, { algorithm, accepted });
}

/**
 * A token's parts. The payload is not looked at before the signature holds.
 *
 * @throws ResultError `ERR_RESULT_TOO_LARGE`, `ERR_RESULT_MALFORMED`, `ERR_RESULT_HEADER`, `ERR_RESULT_ALGORITHM`.
 */
export function splitToken(text: string): SplitToken {
  const { length } = text;
  if (length > MAX_TOKEN_LENGTH) {
    const message = `expected a token of at most ${MAX_TOKEN_LENGTH} characters, found ${length}; refuse the token`;
    throw refusal("ERR_RESULT_TOO_LARGE", message, { length, limit: MAX_TOKEN_LENGTH });
  }
  const parts = text.split(".");
  const [header = "", payload = "", signature = ""] = parts;
  if (parts.length !== 3) throw malformed("token", `expected three parts between dots, found ${parts.length}`);
  return {
    text,
    ...readHeader(readObject(decode(header, "header"), "header")),
    payload: decode(payload, "payload"),
    signature: decode(signature, "signature"),
  };
}

function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

/**
 * Returns when the key signed the token.
 *
 * @throws ResultError `ERR_RESULT_SIGNATURE` when it did not.
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when WebCrypto failed, which says nothing of the signature.
 */
export async function checkSignature({ text, algorithm, keyId, signature }: SplitToken, key: CryptoKey): Promise<void> {
  const forged = () => {
    const message = `expected a signature by the key ${shown(keyId)}, found one that does not verify; refuse the token`;
    return refusal("ERR_RESULT_SIGNATURE", message, { keyId });
  };
  if (signature.length !== KEY_SHAPES[algorithm].signatureBytes) throw forged();
  try {
    await compactVerify(text, key, { algorithms: [algorithm] });
  } catch (cause) {
    // With a cause of its own it is WebCrypto that failed, and jose that calls it a bad signature.
    const verdict = codeOf(cause) === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";
    if (verdict && cause instanceof Error && cause.cause === undefined) throw forged();
    throw unusable(`verify ${algorithm}`, cause);
  }
}
