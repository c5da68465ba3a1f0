import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { concatBytes, toHex } from "../bytes/codecs.js";
import { nil, objectIdentifier, octetString, sequence } from "./der.js";
import { bytesToNumber, inverseModulo, numberToBytes, powerModulo } from "./numbers.js";
import { testPrime } from "./rsa-primes.js";
import { rsaSpki } from "./spki.js";

/** The digests that a forged RSASSA-PSS signature may use; AMD's is SHA-384. */
export type PssHash = "SHA-256" | "SHA-384" | "SHA-512";

/** How to make an RSASSA-PSS signature. AMD's are SHA-384 with a salt of 48 bytes. */
export interface PssParameters {
  hash: PssHash;
  saltLength: number;
}

/** A test key of RSA-4096 with exponent 65537. Its primes are public: worthless for trust. */
export interface ForgedRsaKey {
  readonly kind: "rsa";
  /** 512 bytes, big-endian. */
  readonly modulus: Uint8Array;
  /** 3 bytes, big-endian. */
  readonly exponent: Uint8Array;
  /** SubjectPublicKeyInfo, rsaEncryption, DER. */
  readonly spki: Uint8Array;
  /** RSASSA-PSS over the message, 512 bytes; the salt is made from key and message, so the answer never changes. */
  signPss(message: Uint8Array, parameters?: PssParameters): Uint8Array;
  /** RSASSA-PKCS1-v1_5 with SHA-384, 512 bytes: what AMD does not use, for tests of refusal. */
  signPkcs1(message: Uint8Array): Uint8Array;
}

/** What AMD signs with. */
export const AMD_PSS: Readonly<PssParameters> = { hash: "SHA-384", saltLength: 48 };

const EXPONENT = 65537n;
const MODULUS_BYTES = 512;
/** How many primes of the pool make a key. */
export const PRIMES_PER_KEY = 4;
const PRIME_BYTES = MODULUS_BYTES / PRIMES_PER_KEY;
const HASHES = { "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 } as const;

/** Object identifiers of the digests. */
export const HASH_OIDS: Readonly<Record<PssHash, string>> = {
  "SHA-256": "2.16.840.1.101.3.4.2.1",
  "SHA-384": "2.16.840.1.101.3.4.2.2",
  "SHA-512": "2.16.840.1.101.3.4.2.3",
};

/** Signatures made so far: the same key, message and parameters give the same bytes, and each costs some 10 ms. */
const remembered = new Map<string, Uint8Array>();
const REMEMBERED_AT_MOST = 2048;

interface PrivateNumbers {
  readonly modulus: bigint;
  readonly factors: readonly Factor[];
}

/** A prime, the private exponent modulo it less one, and the number that is 1 modulo it and 0 modulo the others. */
interface Factor {
  readonly prime: bigint;
  readonly exponent: bigint;
  readonly coefficient: bigint;
}

/** RFC 8017 section 5.1.2, by the Chinese remainder theorem over all primes: four short powers, not one long. */
function rsaPrivate({ modulus, factors }: PrivateNumbers, message: bigint): bigint {
  const parts = factors.map(
    ({ prime, exponent, coefficient }) => powerModulo(message % prime, exponent, prime) * coefficient,
  );
  return parts.reduce((sum, part) => sum + part, 0n) % modulus;
}

function factorOf(prime: bigint, modulus: bigint): Factor {
  const others = modulus / prime;
  const coefficient = others * inverseModulo(others, prime);
  return { prime, exponent: inverseModulo(EXPONENT, prime - 1n), coefficient };
}

function mask(seed: Uint8Array, length: number, hash: PssHash): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let have = 0, counter = 0n; have < length; have += blocks.at(-1)?.length ?? 0, counter++) {
    blocks.push(HASHES[hash](concatBytes(seed, numberToBytes(counter, 4))));
  }
  return concatBytes(...blocks).subarray(0, length);
}

/** EMSA-PSS-ENCODE of RFC 8017 section 9.1.1 for 4095 bits, with the salt given. */
function encodePss(message: Uint8Array, salt: Uint8Array, hash: PssHash): Uint8Array {
  const digest = HASHES[hash];
  const h = digest(concatBytes(new Uint8Array(8), digest(message), salt));
  const data = new Uint8Array(MODULUS_BYTES - h.length - 1);
  data[data.length - salt.length - 1] = 0x01;
  data.set(salt, data.length - salt.length);
  const masked = mask(h, data.length, hash).map((byte, index) => byte ^ (data[index] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return concatBytes(masked, h, Uint8Array.of(0xbc));
}

function saltFor(numbers: PrivateNumbers, message: Uint8Array, parameters: PssParameters): Uint8Array {
  const secret = concatBytes(...numbers.factors.map(({ prime }) => numberToBytes(prime, PRIME_BYTES)));
  const salt = mask(hmac(sha384, secret, message), parameters.saltLength, parameters.hash);
  return salt.slice();
}

/** EMSA-PKCS1-v1_5-ENCODE of RFC 8017 section 9.2 with SHA-384. */
function encodePkcs1(message: Uint8Array): Uint8Array {
  const algorithm = sequence(objectIdentifier(HASH_OIDS["SHA-384"]), nil());
  const info = sequence(algorithm, octetString(sha384(message)));
  const padding = new Uint8Array(MODULUS_BYTES - info.length - 3).fill(0xff);
  return concatBytes(Uint8Array.of(0, 1), padding, Uint8Array.of(0), info);
}

function remember(id: string, make: () => Uint8Array): Uint8Array {
  const known = remembered.get(id);
  if (known !== undefined) return known.slice();
  const made = make();
  const [oldest] = remembered.keys();
  if (remembered.size >= REMEMBERED_AT_MOST && oldest !== undefined) remembered.delete(oldest);
  remembered.set(id, made);
  return made.slice();
}

function signersOf(numbers: PrivateNumbers, name: string): Pick<ForgedRsaKey, "signPss" | "signPkcs1"> {
  const sign = (scheme: string, message: Uint8Array, encode: () => Uint8Array) =>
    remember(`${name} ${scheme} ${toHex(sha384(message))}`, () =>
      numberToBytes(rsaPrivate(numbers, bytesToNumber(encode())), MODULUS_BYTES),
    );
  return {
    signPss: (message, parameters = AMD_PSS) => {
      const { hash, saltLength } = parameters;
      const salt = () => saltFor(numbers, message, parameters);
      return sign(`PSS ${hash} ${saltLength}`, message, () => encodePss(message, salt(), hash));
    },
    signPkcs1: (message) => sign("PKCS1", message, () => encodePkcs1(message)),
  };
}

/**
 * The RSA-4096 test key made of four different primes of the pool.
 *
 * Four and not two: whoever verifies sees the product alone, and signing takes a quarter of the time.
 */
export function rsaKeyOfPrimes(indices: readonly number[]): ForgedRsaKey {
  if (indices.length !== PRIMES_PER_KEY || new Set(indices).size !== PRIMES_PER_KEY) {
    throw new TypeError(`indices must be ${PRIMES_PER_KEY} different numbers, not ${indices.join(", ")}`);
  }
  const primes = indices.map(testPrime);
  const product = primes.reduce((all, prime) => all * prime, 1n);
  const numbers = { modulus: product, factors: primes.map((prime) => factorOf(prime, product)) };
  const modulus = numberToBytes(product, MODULUS_BYTES);
  const exponent = numberToBytes(EXPONENT, 3);
  const signers = signersOf(numbers, indices.join("."));
  return Object.freeze({ kind: "rsa" as const, modulus, exponent, spki: rsaSpki(modulus, exponent), ...signers });
}
