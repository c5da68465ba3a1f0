import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { ResultSigner } from "attestry/result";
import { importJWK, type JWK } from "jose";
import type { ResultKey } from "../service/results.js";
import { EnvironmentError } from "./environment.js";

type Algorithm = ResultKey["signing"]["algorithm"];

/** Members of a JWK that anybody may see. */
const PUBLIC = ["kty", "crv", "x", "y"] as const;
/** The hash of each algorithm; Ed25519 has its own. */
const HASHES = { ES256: "sha256", ES384: "sha384", EdDSA: null } as const;

/** Signs at once, in Node's own crypto: WebCrypto's trip through the thread pool costs more than the signature. */
function signerOf(privateKey: KeyObject, algorithm: Algorithm): ResultSigner {
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  return { sign: (message) => sign(HASHES[algorithm], message, key) };
}

/** A private JWK with `kid` and `alg` as a key for results. @throws EnvironmentError */
export async function importResultKey(jwk: JWK & { kid: string; alg: Algorithm }): Promise<ResultKey> {
  const { kid: keyId, alg: algorithm } = jwk;
  const refuse = () => {
    throw new EnvironmentError(`RESULT_KEY: expected a private JWK for ${algorithm}`);
  };
  // jose knows which key is for which algorithm.
  const privateKey = await importJWK(jwk, algorithm, { extractable: false }).catch(refuse);
  if (privateKey instanceof Uint8Array || privateKey.type !== "private") return refuse();
  const publicJwk: JWK = Object.fromEntries(
    PUBLIC.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]])),
  );
  const publicKey = await importJWK(publicJwk, algorithm);
  if (publicKey instanceof Uint8Array) return refuse();
  const signer = signerOf(createPrivateKey({ key: { ...jwk }, format: "jwk" }), algorithm);
  return { signing: { keyId, algorithm, signer }, publicKey, publicJwk };
}
