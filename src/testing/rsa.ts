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
const HASHES = { "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 } as const;

/** Object identifiers of the digests. */
export const HASH_OIDS: Readonly<Record<PssHash, string>> = {
  "SHA-256": "2.16.840.1.101.3.4.2.1",
  "SHA-384": "2.16.840.1.101.3.4.2.2",
  "SHA-512": "2.16.840.1.101.3.4.2.3",
};

/** Signatures made so far: the same key, message and parameters give the same bytes, and each costs about 30 ms. */
const remembered = new Map<string, Uint8Array>();
const REMEMBERED_AT_MOST = 2048;

interface PrivateNumbers {
  p: bigint;
  q: bigint;
  dp: bigint;
  dq: bigint;
  qInverse: bigint;
}

/** RFC 8017 section 5.1.2, the second form of RSASP1. */
function rsaPrivate(numbers: PrivateNumbers, message: bigint): bigint {
  const { p, q, dp, dq, qInverse } = numbers;
  const first = powerModulo(message % p, dp, p);
  const second = powerModulo(message % q, dq, q);
  const difference = (((first - second) % p) + p) % p;
  return second + q * ((difference * qInverse) % p);
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
  const secret = numberToBytes(numbers.p, MODULUS_BYTES / 2);
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

/** The RSA-4096 test key made of two different primes of the pool. */
export function rsaKeyOfPrimes(first: number, second: number): ForgedRsaKey {
  if (first === second) throw new TypeError("first and second must differ: a square is no RSA modulus");
  const [p, q] = [testPrime(first), testPrime(second)];
  const numbers: PrivateNumbers = {
    p,
    q,
    dp: inverseModulo(EXPONENT, p - 1n),
    dq: inverseModulo(EXPONENT, q - 1n),
    qInverse: inverseModulo(q, p),
  };
  const modulus = numberToBytes(p * q, MODULUS_BYTES);
  const exponent = numberToBytes(EXPONENT, 3);
  const signers = signersOf(numbers, `${first}.${second}`);
  return Object.freeze({ kind: "rsa" as const, modulus, exponent, spki: rsaSpki(modulus, exponent), ...signers });
}
