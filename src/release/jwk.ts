import { concatBytes, fromBase64Url } from "../bytes/codecs.js";
import { readJson } from "../bytes/json.js";
import { isAttestationError } from "../errors.js";
import { findCurve } from "./curves.js";
import { unfitKey } from "./key-error.js";
import { ecRecipient, type RecipientKey, x25519Recipient } from "./recipient-key.js";
import { rsaRecipient } from "./rsa.js";

/** Members of private keys. Source: RFC 7518, section 6; RFC 8037, section 2. */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** What a key does that is not for secrets. Source: RFC 7517, section 4.3. */
const SIGNATURES = ["sign", "verify"];

/** One JWK and what errors call it. */
interface Jwk {
  readonly what: string;
  readonly members: object;
}

/** A public key, and the one algorithm that its JWK says it is for; null where it says none. */
export interface JwkRecipient {
  readonly key: RecipientKey;
  readonly algorithm: string | null;
}

function memberOf({ members }: Jwk, name: string): unknown {
  return Object.hasOwn(members, name) ? Reflect.get(members, name) : undefined;
}

function bytesOf(jwk: Jwk, name: string): Uint8Array {
  const text = memberOf(jwk, name);
  if (typeof text !== "string") throw unfitKey(jwk.what, `expected ${name} in base64url`);
  try {
    return fromBase64Url(text, name);
  } catch (cause) {
    if (!isAttestationError(cause, "ERR_MALFORMED_ENCODING")) throw cause;
    throw unfitKey(jwk.what, `expected ${name} in base64url: ${cause.detail.reason}`, { cause });
  }
}

/** A number big-endian without leading zeros. Source: RFC 7518, section 2 (Base64urlUInt). */
function numberOf(jwk: Jwk, name: string): Uint8Array {
  const bytes = bytesOf(jwk, name);
  if (bytes.length > 0 && bytes[0] !== 0) return bytes;
  throw unfitKey(jwk.what, `expected ${name} without leading zeros, and not empty`);
}

function readEc(jwk: Jwk): RecipientKey {
  const curve = findCurve(memberOf(jwk, "crv"));
  if (curve === undefined) throw unfitKey(jwk.what, "expected crv P-256, P-384 or P-521");
  const [x, y] = [bytesOf(jwk, "x"), bytesOf(jwk, "y")];
  // Checked one by one: together they could have the right length and be cut at the wrong place.
  if (x.length !== curve.bytes || y.length !== curve.bytes) {
    throw unfitKey(jwk.what, `expected x and y of ${curve.bytes} bytes each, found ${x.length} and ${y.length}`);
  }
  return ecRecipient(curve, concatBytes(Uint8Array.of(0x04), x, y), jwk.what);
}

function readKey(jwk: Jwk): RecipientKey {
  const type = memberOf(jwk, "kty");
  if (type === "EC") return readEc(jwk);
  if (type === "RSA") return rsaRecipient(numberOf(jwk, "n"), numberOf(jwk, "e"), jwk.what);
  if (type === "OKP" && memberOf(jwk, "crv") === "X25519") return x25519Recipient(bytesOf(jwk, "x"), jwk.what);
  throw unfitKey(jwk.what, "expected kty EC, RSA, or OKP with crv X25519");
}

function checkPurpose(jwk: Jwk): void {
  const secret = PRIVATE.find((name) => Object.hasOwn(jwk.members, name));
  if (secret !== undefined) throw unfitKey(jwk.what, `it has the private member ${secret}, so others may know it`);
  const use = memberOf(jwk, "use");
  if (use !== undefined && use !== "enc") throw unfitKey(jwk.what, "expected no use, or use enc");
  const operations = memberOf(jwk, "key_ops") ?? [];
  if (!Array.isArray(operations) || SIGNATURES.some((name) => operations.includes(name))) {
    throw unfitKey(jwk.what, "expected no key_ops, or a list of those of encryption");
  }
}

function readJwk(jwk: Jwk): JwkRecipient {
  checkPurpose(jwk);
  const algorithm = memberOf(jwk, "alg");
  if (algorithm !== undefined && typeof algorithm !== "string") throw unfitKey(jwk.what, "expected alg to be text");
  return { key: readKey(jwk), algorithm: algorithm ?? null };
}

/**
 * The key of a JSON Web Key in strict JSON: EC on P-256, P-384 or P-521, RSA, or X25519; no private key, none for
 * signing.
 *
 * Other members than `kty`, `crv`, `x`, `y`, `n`, `e`, `use`, `key_ops` and `alg` are not looked at.
 *
 * @throws ReleaseError `ERR_RELEASE_KEY`
 * @see RFC 7517, RFC 7518 section 6, RFC 8037 section 2
 */
export function recipientFromJson(json: Uint8Array, what: string): JwkRecipient {
  const outcome = readJson(json);
  const members = outcome.ok ? outcome.value : null;
  if (typeof members === "object" && members !== null && !Array.isArray(members)) return readJwk({ what, members });
  throw unfitKey(what, "expected a JWK in JSON");
}
