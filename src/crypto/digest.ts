import { copyBytes } from "../bytes/arguments.js";
import { isAttestationError, UnsupportedError } from "../errors.js";
import type { CryptoEngine, DigestAlgorithm } from "./engine.js";

const LENGTHS: Readonly<Record<DigestAlgorithm, number>> = { "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

/**
 * The digest of `data` by an engine, of the length that the algorithm has.
 *
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` when the engine fails or answers with another length.
 */
export async function digestWith(
  engine: CryptoEngine,
  algorithm: DigestAlgorithm,
  data: Uint8Array,
): Promise<Uint8Array> {
  const digest = await engineDigest(engine, algorithm, data);
  if (digest.length === LENGTHS[algorithm]) return digest;
  throw unusable(engine, `expected ${LENGTHS[algorithm]} bytes of ${algorithm}, found ${digest.length}`);
}

async function engineDigest(engine: CryptoEngine, algorithm: DigestAlgorithm, data: Uint8Array): Promise<Uint8Array> {
  try {
    // A copy for the engine as well: one that hands its input to another thread may leave nothing of it.
    return copyBytes(await engine.digest(algorithm, data.slice()), "digest");
  } catch (cause) {
    if (isAttestationError(cause)) throw cause;
    throw unusable(engine, `it failed at ${algorithm}`, { cause });
  }
}

function unusable(engine: CryptoEngine, reason: string, options?: ErrorOptions): UnsupportedError {
  const name = String(engine.name);
  return new UnsupportedError(
    "ERR_UNSUPPORTED_CRYPTO",
    `the crypto engine "${name}" cannot digest: ${reason}; pass another engine`,
    { engine: name, operation: "digest" },
    options,
  );
}

/**
 * The engine that a caller passed.
 *
 * @param name - the argument's name, for the error
 * @throws TypeError for anything without the three verbs of an engine.
 */
export function checkEngine(value: unknown, name: string): CryptoEngine {
  if (isEngine(value)) return value;
  throw new TypeError(`${name} must be a CryptoEngine with digest, verifyEcdsaP384 and verifyRsaPss`);
}

function isEngine(value: unknown): value is CryptoEngine {
  if (typeof value !== "object" || value === null) return false;
  return ["digest", "verifyEcdsaP384", "verifyRsaPss"].every((verb) => typeof Reflect.get(value, verb) === "function");
}
