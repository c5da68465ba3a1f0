import { importJWK } from "jose";
import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { unusable } from "./fail.js";

/** The algorithms of tokens: ECDSA on P-256 and P-384, and Ed25519, which JWS calls EdDSA. */
export const RESULT_ALGORITHMS = ["ES256", "ES384", "EdDSA"] as const;

/** The name of one algorithm. Source: RFC 7518, RFC 8037. */
export type ResultAlgorithm = (typeof RESULT_ALGORITHMS)[number];

/** What a key of an algorithm looks like. */
interface KeyShape {
  readonly kty: "EC" | "OKP";
  readonly crv: string;
  /** Names of the numbers of a public key. */
  readonly numbers: readonly string[];
  /** Characters of each number in base64url, that of `d` too. */
  readonly characters: number;
  /** The name that WebCrypto has for it. */
  readonly webCrypto: string;
  readonly signatureBytes: number;
}

/** What keys and signatures of each algorithm look like. */
export const KEY_SHAPES: Readonly<Record<ResultAlgorithm, KeyShape>> = {
  ES256: { kty: "EC", crv: "P-256", numbers: ["x", "y"], characters: 43, webCrypto: "ECDSA", signatureBytes: 64 },
  ES384: { kty: "EC", crv: "P-384", numbers: ["x", "y"], characters: 64, webCrypto: "ECDSA", signatureBytes: 96 },
  EdDSA: { kty: "OKP", crv: "Ed25519", numbers: ["x"], characters: 43, webCrypto: "Ed25519", signatureBytes: 64 },
};

/** True for the name of an algorithm. */
export function isAlgorithm(value: unknown): value is ResultAlgorithm {
  return RESULT_ALGORITHMS.some((name) => name === value);
}

/** The algorithm that a caller named. @throws TypeError for any other value. */
export function checkAlgorithm(value: unknown, name: string): ResultAlgorithm {
  if (isAlgorithm(value)) return value;
  throw new TypeError(`${name} must be one of ${RESULT_ALGORITHMS.join(", ")}, found ${textOf(value)}`);
}

/** Everything that a JWK of a caller may carry; what is not part of the key is looked at and not passed on. */
const JWK_MEMBERS = ["kty", "crv", "x", "y", "d", "alg", "kid", "use", "key_ops", "ext"] as const;

/** A key of EC or OKP as JSON Web Key (RFC 7517); what is not part of the key may be there and is not used. */
export interface KeyJwk {
  readonly kty?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  /** Of private keys alone. */
  readonly d?: string;
  readonly alg?: string;
  readonly kid?: string;
  readonly use?: string;
  readonly key_ops?: readonly string[];
  readonly ext?: boolean;
}

/** Which half of a key is asked for. */
export type KeyHalf = "private" | "public";

/** What a half of a key does. */
const OPERATIONS = { private: "sign", public: "verify" } as const;

/** A key that is known to be of its algorithm, not imported yet. */
export type UsableKey = CryptoKey | Readonly<Record<string, string>>;

function isCryptoKey(value: unknown): value is CryptoKey {
  return Object.prototype.toString.call(value) === "[object CryptoKey]";
}

/** Why a CryptoKey is not for an algorithm; null where it is. */
function faultOfCryptoKey(key: CryptoKey, algorithm: ResultAlgorithm, half: KeyHalf): string | null {
  const { webCrypto, crv } = KEY_SHAPES[algorithm];
  const { name, namedCurve }: { name: string; namedCurve?: string } = key.algorithm;
  if (name !== webCrypto || (namedCurve ?? name) !== crv) return `a key of ${crv}, found ${namedCurve ?? name}`;
  const usage = OPERATIONS[half];
  return key.type === half && key.usages.includes(usage) ? null : `a ${half} key that may ${usage}`;
}

/** True for a JWK whose `key_ops`, if it has any, are those of signatures. Source: RFC 7517, section 4.3. */
export function mayDo(operations: unknown, half: KeyHalf): boolean {
  return operations === undefined || (Array.isArray(operations) && operations.includes(OPERATIONS[half]));
}

type JwkParts = Readonly<Record<(typeof JWK_MEMBERS)[number], unknown>>;

/** Why the members of a JWK are not for an algorithm; null where they are. */
function faultOfJwk(jwk: JwkParts, algorithm: ResultAlgorithm, half: KeyHalf): string | null {
  const { kty, crv, numbers, characters } = KEY_SHAPES[algorithm];
  if (jwk.kty !== kty || jwk.crv !== crv) return `a key of ${kty} ${crv}, found ${textOf(jwk.kty)} ${textOf(jwk.crv)}`;
  if (jwk.alg !== undefined && jwk.alg !== algorithm) return `a key for ${algorithm}, found one for ${textOf(jwk.alg)}`;
  if (jwk.use !== undefined && jwk.use !== "sig") return 'a key whose "use" is "sig"';
  if (!mayDo(jwk.key_ops, half)) return `a key whose "key_ops" have "${OPERATIONS[half]}"`;
  if (half === "public" && jwk.d !== undefined) return "a public key, found a private one";
  const wanted = half === "private" ? [...numbers, "d"] : numbers;
  const number = new RegExp(`^[A-Za-z0-9_-]{${characters}}$`);
  const bad = wanted.find((name) => {
    const value: unknown = Reflect.get(jwk, name);
    return typeof value !== "string" || !number.test(value);
  });
  return bad === undefined ? null : `${bad} of ${characters} characters of base64url`;
}

/**
 * A caller's key, known to be of its algorithm. A JWK is copied: its numbers and nothing else.
 *
 * @throws TypeError for a key of another kind, a private key where a public one is asked for, and the reverse.
 */
export function checkKey(
  value: unknown,
  name: string,
  [algorithm, half]: readonly [ResultAlgorithm, KeyHalf],
): UsableKey {
  const refuse = (wanted: string) => new TypeError(`${name} must be for ${algorithm}: expected ${wanted}`);
  if (isCryptoKey(value)) {
    const fault = faultOfCryptoKey(value, algorithm, half);
    if (fault === null) return value;
    throw refuse(fault);
  }
  const jwk = readOptions(value, name, JWK_MEMBERS);
  const fault = faultOfJwk(jwk, algorithm, half);
  if (fault !== null) throw refuse(fault);
  const { kty, crv, numbers } = KEY_SHAPES[algorithm];
  const parts = (half === "private" ? [...numbers, "d"] : numbers).map((part) => [
    part,
    String(Reflect.get(jwk, part)),
  ]);
  return Object.fromEntries([["kty", kty], ["crv", crv], ...parts]);
}

/** What WebCrypto says of numbers that are no key. */
function isNoKey(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  return ("name" in error && error.name === "DataError") || ("code" in error && error.code === "ERR_JWK_INVALID");
}

/**
 * A key that was checked, as WebCrypto has it.
 *
 * @param refuse - makes the error for numbers that are no key of their curve
 * @throws UnsupportedError `ERR_UNSUPPORTED_CRYPTO` where the runtime lacks the algorithm.
 */
export async function importKey(
  key: UsableKey,
  algorithm: ResultAlgorithm,
  refuse: (cause: unknown) => Error,
): Promise<CryptoKey> {
  if (isCryptoKey(key)) return key;
  try {
    // A JWK of EC or OKP, which checkKey made: jose answers a CryptoKey.
    return (await importJWK({ ...key }, algorithm)) as CryptoKey;
  } catch (cause) {
    throw isNoKey(cause) ? refuse(cause) : unusable(`import a key for ${algorithm}`, cause);
  }
}
