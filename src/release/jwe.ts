import { concatBytes, toBase64Url } from "../bytes/codecs.js";
import { ownBuffer, webCryptoDigest } from "../crypto/webcrypto-digest.js";
import type { ReleaseContext } from "./context.js";
import type { JwkRecipient } from "./jwk.js";
import { ATTESTED_KEY, shown, unfitKey } from "./key-error.js";
import { TAG_BYTES } from "./limits.js";
import type { EcRecipient } from "./recipient-key.js";
import type { RsaRecipient } from "./rsa.js";
import type { Sealing } from "./sealing.js";
import { withWebCrypto } from "./web-crypto.js";

/** How the content key is wrapped: by key agreement for EC, by RSA-OAEP with SHA-256 for RSA. */
export type JweAlgorithm = "ECDH-ES+A256KW" | "RSA-OAEP-256";

/**
 * A secret sealed as a JWE in flattened JSON (RFC 7516, section 7.2.2), content by A256GCM: the answer that a Trustee
 * client expects for a resource. Every member is base64url.
 *
 * The protected header holds `alg`, `enc`, the release's context as `attestry`, and for EC `epk`, in this order and
 * without spaces: Trustee's clients parse the header and authenticate what they would have written themselves.
 */
export interface SealedJwe {
  readonly protected: string;
  readonly encrypted_key: string;
  readonly iv: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/** The content key in its wrapping, and what the header says of it. */
interface Wrapped {
  readonly key: CryptoKey;
  readonly encryptedKey: Uint8Array;
  readonly header: object;
}

/** A point's members, in the order of the alphabet. */
interface EpkMembers {
  readonly crv: string;
  readonly kty: "EC";
  readonly x: string;
  readonly y: string;
}

const IV_BYTES = 12;
const CONTENT = { name: "AES-GCM", length: 256 } as const;
const KEY_BITS = 256;

function epkOf(point: Uint8Array, curve: string): EpkMembers {
  const middle = (point.length + 1) / 2;
  const [x, y] = [point.subarray(1, middle), point.subarray(middle)];
  return { crv: curve, kty: "EC", x: toBase64Url(x), y: toBase64Url(y) };
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** The one block of Concat KDF that 256 bits take; both parties' info is empty. Source: RFC 7518, section 4.6.2. */
function concatKdf(agreed: Uint8Array, algorithm: JweAlgorithm): Promise<Uint8Array> {
  const id = new TextEncoder().encode(algorithm);
  const parties = [uint32(0), uint32(0)];
  const input = concatBytes(uint32(1), agreed, uint32(id.length), id, ...parties, uint32(KEY_BITS));
  return webCryptoDigest("SHA-256", input);
}

async function wrapByEcdh({ curve, point }: EcRecipient, key: CryptoKey): Promise<Wrapped> {
  const { subtle } = globalThis.crypto;
  const algorithm = { name: "ECDH", namedCurve: curve.name } as const;
  const recipient = await subtle.importKey("jwk", { ...epkOf(point, curve.name) }, algorithm, false, []);
  const ephemeral = await subtle.generateKey(algorithm, false, ["deriveBits"]);
  const agreement = { name: "ECDH", public: recipient };
  const agreed = new Uint8Array(await subtle.deriveBits(agreement, ephemeral.privateKey, 8 * curve.bytes));
  const wrapping = ownBuffer(await concatKdf(agreed, "ECDH-ES+A256KW"));
  const wrappingKey = await subtle.importKey("raw", wrapping, "AES-KW", false, ["wrapKey"]);
  const encryptedKey = new Uint8Array(await subtle.wrapKey("raw", key, wrappingKey, "AES-KW"));
  const epk = epkOf(new Uint8Array(await subtle.exportKey("raw", ephemeral.publicKey)), curve.name);
  return { key, encryptedKey, header: { epk } };
}

async function wrapByRsa({ modulus, exponent }: RsaRecipient, key: CryptoKey): Promise<Wrapped> {
  const { subtle } = globalThis.crypto;
  const jwk = { kty: "RSA", n: toBase64Url(modulus), e: toBase64Url(exponent) };
  const algorithm = { name: "RSA-OAEP", hash: "SHA-256" } as const;
  const recipient = await subtle.importKey("jwk", jwk, algorithm, false, ["wrapKey"]);
  const encryptedKey = new Uint8Array(await subtle.wrapKey("raw", key, recipient, { name: "RSA-OAEP" }));
  return { key, encryptedKey, header: {} };
}

/** The header's text; no other order of its members is read alike by every client. */
function headerText(alg: JweAlgorithm, context: ReleaseContext, more: object): string {
  const { challenge, policy, report } = context;
  return JSON.stringify({ alg, enc: "A256GCM", attestry: { challenge, policy, report }, ...more });
}

type Wrap = (key: CryptoKey) => Promise<Wrapped>;

function wrappingFor({ key, algorithm }: JwkRecipient): { alg: JweAlgorithm; wrap: Wrap } {
  if (key.kind === "x25519")
    throw unfitKey(ATTESTED_KEY, "a JWE takes EC and RSA, found X25519; seal by the format hpke");
  const alg: JweAlgorithm = key.kind === "ec" ? "ECDH-ES+A256KW" : "RSA-OAEP-256";
  if (algorithm !== null && algorithm !== alg) {
    throw unfitKey(ATTESTED_KEY, `its JWK is for ${shown(algorithm)}, secrets are sealed by ${alg}`);
  }
  return {
    alg,
    wrap: key.kind === "ec" ? (content) => wrapByEcdh(key, content) : (content) => wrapByRsa(key, content),
  };
}

async function sealJwe({ secret, context }: Sealing, alg: JweAlgorithm, wrap: Wrap): Promise<SealedJwe> {
  const { subtle } = globalThis.crypto;
  const { key, encryptedKey, header } = await wrap(await subtle.generateKey(CONTENT, true, ["encrypt"]));
  const protectedHeader = toBase64Url(new TextEncoder().encode(headerText(alg, context, header)));
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const additionalData = new TextEncoder().encode(protectedHeader);
  const sealed = new Uint8Array(await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, ownBuffer(secret)));
  return Object.freeze({
    protected: protectedHeader,
    encrypted_key: toBase64Url(encryptedKey),
    iv: toBase64Url(iv),
    ciphertext: toBase64Url(sealed.subarray(0, -TAG_BYTES)),
    tag: toBase64Url(sealed.subarray(-TAG_BYTES)),
  });
}

/**
 * Checks a recipient for a JWE at once, and answers what seals to it later.
 *
 * Written on WebCrypto: jose puts the members of `epk` into another order than Trustee's clients write them in, and
 * these would not authenticate its header. jose opens what is written here.
 *
 * @throws ReleaseError `ERR_RELEASE_KEY`
 */
export function jweSealer(recipient: JwkRecipient): (sealing: Sealing) => Promise<SealedJwe> {
  const { alg, wrap } = wrappingFor(recipient);
  return (sealing) => withWebCrypto(`seal by ${alg}`, () => sealJwe(sealing, alg, wrap));
}
