import { flattenedDecrypt } from "jose/jwe/flattened/decrypt";
import { concatBytes } from "../bytes/codecs.js";
import { readJson } from "../bytes/json.js";
import { matchContext, readContext } from "./context.js";
import { findCurve } from "./curves.js";
import type { JweAlgorithm, SealedJwe } from "./jwe.js";
import { MAX_SECRET_BYTES, TAG_BYTES } from "./limits.js";
import { exactMembers, malformed, sealedBytes } from "./malformed.js";
import { notOpened } from "./not-opened.js";
import type { GuestKeyPair, Opener } from "./sealing.js";
import { withWebCrypto } from "./web-crypto.js";

const MEMBERS = ["protected", "encrypted_key", "iv", "ciphertext", "tag"] as const;
const MAX_HEADER_BYTES = 4096;
/** An RSA key of 8192 bits wraps into as many; AES-KW takes 40 bytes. */
const MAX_WRAPPED_BYTES = 1024;
const EPK = "sealed.protected: epk";
const IV_BYTES = 12;

function algorithmOf({ algorithm }: CryptoKey): JweAlgorithm {
  if (algorithm.name === "ECDH") return "ECDH-ES+A256KW";
  const hash: unknown = Reflect.get(algorithm, "hash");
  if (algorithm.name === "RSA-OAEP" && Reflect.get(Object(hash), "name") === "SHA-256") return "RSA-OAEP-256";
  throw new TypeError(`options.keyPair must be of ECDH or RSA-OAEP with SHA-256 for a JWE, found ${algorithm.name}`);
}

/** The protected header: strict JSON, these members and no others, so that nothing in it goes unread. */
function readHeader(text: Uint8Array, alg: JweAlgorithm): Readonly<Record<string, unknown>> {
  const outcome = readJson(text);
  if (!outcome.ok) throw malformed("sealed.protected", "expected strict JSON, no member twice");
  const more = alg === "ECDH-ES+A256KW" ? ["epk"] : [];
  const header = exactMembers(outcome.value, "sealed.protected", ["alg", "enc", "attestry", ...more]);
  if (header["alg"] === alg && header["enc"] === "A256GCM") return header;
  throw malformed("sealed.protected", `expected alg ${alg}, as the guest's key is, and enc A256GCM`);
}

/** The ephemeral key must lie on the guest's curve: with another point the agreement would tell of the private key. */
function checkEpk(epk: unknown, { algorithm }: CryptoKey): void {
  const { crv, kty, x, y } = exactMembers(epk, EPK, ["crv", "kty", "x", "y"]);
  const curve = findCurve(Reflect.get(algorithm, "namedCurve"));
  if (curve === undefined || crv !== curve.name || kty !== "EC") throw malformed(EPK, "expected the guest key's curve");
  const [left, right] = [sealedBytes(x, EPK, curve.bytes), sealedBytes(y, EPK, curve.bytes)];
  const point = concatBytes(Uint8Array.of(0x04), left, right);
  if (left.length !== curve.bytes || !curve.isPoint(point)) throw malformed(EPK, `expected a point on ${crv}`);
}

function checkLengths(members: Readonly<Record<(typeof MEMBERS)[number], unknown>>): void {
  sealedBytes(members.encrypted_key, "sealed.encrypted_key", MAX_WRAPPED_BYTES);
  sealedBytes(members.ciphertext, "sealed.ciphertext", MAX_SECRET_BYTES);
  for (const [name, expected] of [
    ["iv", IV_BYTES],
    ["tag", TAG_BYTES],
  ] as const) {
    const { length } = sealedBytes(members[name], `sealed.${name}`, expected);
    if (length !== expected) throw malformed(`sealed.${name}`, `expected ${expected} bytes, found ${length}`);
  }
}

function isDecryptionFailure(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ERR_JWE_DECRYPTION_FAILED";
}

async function decrypt(sealed: SealedJwe, alg: JweAlgorithm, key: CryptoKey): Promise<Uint8Array> {
  const algorithms = { keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: ["A256GCM"] };
  try {
    const { plaintext } = await flattenedDecrypt(sealed, key, algorithms);
    return new Uint8Array(plaintext);
  } catch (cause) {
    if (!isDecryptionFailure(cause)) throw cause;
    throw notOpened("jwe", cause);
  }
}

/**
 * Reads at once what `jweSealer` made, and answers what opens it, through jose, for a context later.
 *
 * @throws as `openSealed`
 */
export function jweOpener(sealed: unknown, { privateKey }: GuestKeyPair): Opener {
  const alg = algorithmOf(privateKey);
  const members = exactMembers(sealed, "sealed", MEMBERS);
  const header = readHeader(sealedBytes(members.protected, "sealed.protected", MAX_HEADER_BYTES), alg);
  if (alg === "ECDH-ES+A256KW") checkEpk(header["epk"], privateKey);
  const context = readContext(header["attestry"], "sealed.protected: attestry");
  checkLengths(members);
  // Each of them was found to be text just now.
  const text = members as Readonly<Record<(typeof MEMBERS)[number], string>>;
  return (expected) => {
    matchContext(context, expected);
    return withWebCrypto(`open by ${alg}`, () => decrypt(text, alg, privateKey));
  };
}
