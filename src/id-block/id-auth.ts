import { copyBytes } from "../bytes/arguments.js";
import { isZero } from "../bytes/codecs.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { MalformedError } from "../errors.js";
import { readAmdKey } from "./amd-key.js";
import { type P384Signature, readAmdSignature } from "./amd-signature.js";
import { ALGO_ECDSA_P384, ALGO_NONE, ID_AUTH_LAYOUT } from "./layouts.js";
import { expectNumber } from "./unsupported.js";

/** The author key of an ID_AUTH, and what it signed. */
export interface IdAuthor {
  readonly key: P384PublicKey;
  /** ID_KEY_SIG: over the 0x404 bytes of ID_KEY. */
  readonly signature: P384Signature;
}

/** Who stands behind an ID block. */
export interface IdAuth {
  readonly idKey: P384PublicKey;
  /** ID_BLOCK_SIG: over the 96 bytes of the ID block. */
  readonly signature: P384Signature;
  /** Null where there is no author key. */
  readonly author: IdAuthor | null;
}

type AuthValues = ReturnType<typeof ID_AUTH_LAYOUT.parse>["values"];

function authorOf({ authorKeyAlgo, authorKey, idKeySignature }: AuthValues): IdAuthor | null {
  if (authorKeyAlgo !== ALGO_NONE) {
    expectNumber(authorKeyAlgo, { what: "ID_AUTH", field: "AUTH_KEY_ALGO", supported: ALGO_ECDSA_P384 });
    const key = readAmdKey(authorKey, "AUTHOR_KEY");
    return Object.freeze({ key, signature: readAmdSignature(idKeySignature, "ID_KEY_SIG") });
  }
  const field = isZero(authorKey) ? "ID_KEY_SIG" : "AUTHOR_KEY";
  if (isZero(authorKey) && isZero(idKeySignature)) return null;
  const reason = "it is not zero although AUTH_KEY_ALGO says that there is no author key";
  throw new MalformedError("ERR_MALFORMED_ID_BLOCK", `ID_AUTH: ${field}: ${reason}`, {
    what: "ID_AUTH",
    field,
    reason,
  });
}

/**
 * Unverified: the keys and signatures of an ID_AUTH. Both keys lie on the curve; neither signature is checked, and
 * nothing says whose the keys are.
 *
 * @param bytes - exactly 4096 bytes; copied
 * @throws TypeError when `bytes` is no `Uint8Array`.
 * @throws MalformedError `ERR_MALFORMED_LENGTH`; `ERR_MALFORMED_RESERVED` for reserved bytes that are not zero, those
 * above x, y, r and s among them; `ERR_MALFORMED_PUBLIC_KEY` for a point that is not on the curve;
 * `ERR_MALFORMED_ID_BLOCK` for an author key or its signature where AUTH_KEY_ALGO says that there is none.
 * @throws UnsupportedError `ERR_UNSUPPORTED_ID_BLOCK` for another algorithm or curve.
 *
 * Source: AMD 56860, SNP_LAUNCH_FINISH, ID authentication information.
 */
export function parseIdAuth(bytes: Uint8Array): IdAuth {
  const { values } = ID_AUTH_LAYOUT.parse(copyBytes(bytes, "bytes"));
  expectNumber(values.idKeyAlgo, { what: "ID_AUTH", field: "ID_KEY_ALGO", supported: ALGO_ECDSA_P384 });
  return Object.freeze({
    idKey: readAmdKey(values.idKey, "ID_KEY"),
    signature: readAmdSignature(values.idBlockSignature, "ID_BLOCK_SIG"),
    author: authorOf(values),
  });
}
