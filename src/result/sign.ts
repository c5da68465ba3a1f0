import { CompactSign } from "jose";
import { copyBytes, readOptions } from "../bytes/arguments.js";
import { toBase64Url } from "../bytes/codecs.js";
import type { WebCryptoKey } from "../crypto/web-crypto-key.js";
import { UnsupportedError } from "../errors.js";
import {
  checkAlgorithm,
  checkKey,
  importKey,
  KEY_SHAPES,
  type KeyJwk,
  type ResultAlgorithm,
  type UsableKey,
} from "./algorithms.js";
import { unusable } from "./fail.js";
import { checkName } from "./names.js";
import { TOKEN_TYPE } from "./profile.js";

/** A private key at work, wherever it lives: in a key service, in a module that lets nothing out, in `node:crypto`. */
export interface ResultSigner {
  /**
   * The signature of `message` by the algorithm that stands beside the signer, hash included: r then s, big-endian and
   * of 32 (ES256) or 48 bytes (ES384) each, or the 64 bytes of Ed25519. `message` is a copy. Whether the signature is
   * one is for the readers of the token: nothing here has the public key.
   */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** What every key of an issuer has. */
export interface NamedIssuerKey {
  readonly algorithm: ResultAlgorithm;
  /** What readers find the public half by; 1 to 256 characters. */
  readonly keyId: string;
}

/** The key that signs tokens: a key, or a signer that has it. Both at once are a TypeError. */
export type IssuerKey =
  | (NamedIssuerKey & {
      /** A CryptoKey that may sign, or a private JWK. */
      readonly privateKey: WebCryptoKey | KeyJwk;
      readonly signer?: undefined;
    })
  | (NamedIssuerKey & { readonly signer: ResultSigner; readonly privateKey?: undefined });

type Sign = (message: Uint8Array) => unknown;

/** A key that was checked, not imported yet, or the checked signer's method. */
export interface CheckedIssuerKey {
  readonly with: { readonly usable: UsableKey } | { readonly sign: Sign };
  readonly algorithm: ResultAlgorithm;
  readonly keyId: string;
}

function readSigner(signer: unknown, name: string): Sign {
  const sign: unknown = typeof signer === "object" && signer !== null ? Reflect.get(signer, "sign") : undefined;
  if (typeof sign === "function") return (message) => Reflect.apply(sign, signer, [message]);
  throw new TypeError(`${name} must be a ResultSigner: an object with a function sign`);
}

/** The caller's key, each member read once. @throws TypeError for one that is no key of its algorithm */
export function readIssuerKey(value: unknown, name: string): CheckedIssuerKey {
  const key = readOptions(value, name, ["privateKey", "signer", "algorithm", "keyId"]);
  const algorithm = checkAlgorithm(key.algorithm, `${name}.algorithm`);
  const keyId = checkName(key.keyId, `${name}.keyId`);
  if (key.signer === undefined) {
    const usable = checkKey(key.privateKey, `${name}.privateKey`, [algorithm, "private"]);
    return { with: { usable }, algorithm, keyId };
  }
  if (key.privateKey !== undefined) throw new TypeError(`${name} must have privateKey or signer, found both`);
  return { with: { sign: readSigner(key.signer, `${name}.signer`) }, algorithm, keyId };
}

/** The header of every token. */
function headerOf({ algorithm, keyId }: CheckedIssuerKey) {
  return { alg: algorithm, kid: keyId, typ: TOKEN_TYPE };
}

async function signByJose(payload: Uint8Array, usable: UsableKey, key: CheckedIssuerKey): Promise<string> {
  const { algorithm } = key;
  const privateKey = await importKey(usable, algorithm, (cause) => {
    return new TypeError(`options.key.privateKey must be a key of ${algorithm}, found numbers that are none`, {
      cause,
    });
  });
  try {
    return await new CompactSign(payload).setProtectedHeader(headerOf(key)).sign(privateKey);
  } catch (cause) {
    throw unusable(`sign with ${algorithm}`, cause);
  }
}

/** What the signer answers. It may be a device or a service; that it fails says nothing about the appraisal. */
async function askSigner(sign: Sign, message: Uint8Array, algorithm: ResultAlgorithm): Promise<unknown> {
  try {
    return await sign(message);
  } catch (cause) {
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `options.key.signer failed to sign with ${algorithm}; there is no token, look at the cause and try again`,
      { engine: "options.key.signer", operation: `sign with ${algorithm}` },
      { cause },
    );
  }
}

/** Source: RFC 7515, section 5.1. */
async function signBySigner(payload: Uint8Array, sign: Sign, key: CheckedIssuerKey): Promise<string> {
  const { algorithm } = key;
  const text = new TextEncoder();
  const signed = `${toBase64Url(text.encode(JSON.stringify(headerOf(key))))}.${toBase64Url(payload)}`;
  const answer = await askSigner(sign, text.encode(signed), algorithm);
  const signature = copyBytes(answer, "what options.key.signer.sign returned");
  const { signatureBytes } = KEY_SHAPES[algorithm];
  if (signature.length === signatureBytes) return `${signed}.${toBase64Url(signature)}`;
  throw new TypeError(
    `options.key.signer.sign must return the ${signatureBytes} bytes of ${algorithm}, found ${signature.length}`,
  );
}

/** A payload as JWS in its compact form. */
export function signToken(payload: Uint8Array, key: CheckedIssuerKey): Promise<string> {
  return "sign" in key.with ? signBySigner(payload, key.with.sign, key) : signByJose(payload, key.with.usable, key);
}
