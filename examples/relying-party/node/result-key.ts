import { importJWK, type JWK } from "jose";
import type { ResultKey } from "../service/results.js";
import { EnvironmentError } from "./environment.js";

/** Members of a JWK that anybody may see. */
const PUBLIC = ["kty", "crv", "x", "y"] as const;

/** A private JWK with `kid` and `alg` as a key for results. @throws EnvironmentError */
export async function importResultKey(jwk: JWK & { kid: string; alg: ResultKey["algorithm"] }): Promise<ResultKey> {
  const privateKey = await importJWK(jwk, jwk.alg, { extractable: false }).catch(() => {
    throw new EnvironmentError(`RESULT_KEY: expected a private JWK for ${jwk.alg}`);
  });
  if (privateKey instanceof Uint8Array) throw new EnvironmentError("RESULT_KEY: expected a private key, not a secret");
  const publicJwk: JWK = Object.fromEntries(
    PUBLIC.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]])),
  );
  const publicKey = await importJWK(publicJwk, jwk.alg);
  if (publicKey instanceof Uint8Array) throw new EnvironmentError("RESULT_KEY: expected a private key, not a secret");
  return { keyId: jwk.kid, algorithm: jwk.alg, privateKey, publicKey, publicJwk };
}
