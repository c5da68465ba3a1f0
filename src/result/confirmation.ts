import type { ExpectedRecord } from "../binding/expected.js";
import { canonicalJson, type Json } from "../bytes/canonical-json.js";
import { fromBase64Url, toBase64Url } from "../bytes/codecs.js";
import { isAttestationError } from "../errors.js";
import type { KeyForm } from "./claims.js";
import { malformed, refusal } from "./fail.js";
import { checked, isObject, members, pattern, type Reader, word } from "./readers.js";
import { jwkToSpki, type PublicJwk, spkiToJwk, X25519_BYTES } from "./spki.js";

/** The member of `cnf` for keys that no JWK gives back: their bytes in base64url. */
const BYTES_MEMBER = "attestry.key";

/** Members of JWKs that are nobody's business. Source: RFC 7518, RFC 8037, RFC 9964. */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] as const;

/** The value of `cnf` (RFC 7800), and how it gives back the bytes of the key. */
export interface Confirmation {
  readonly form: KeyForm;
  readonly cnf: { readonly [member: string]: Json };
}

function confirmJwk(bytes: Uint8Array, scheme: string): Confirmation {
  // The scheme `trustee` keeps the canonical JSON of an object and nothing else.
  const jwk: Readonly<Record<string, Json>> = JSON.parse(new TextDecoder().decode(bytes));
  const secret = PRIVATE_MEMBERS.find((name) => Object.hasOwn(jwk, name));
  if (secret === undefined) return { form: "jwk", cnf: { jwk } };
  const reason = `the JWK has the private member ${secret}`;
  throw refusal("ERR_RESULT_KEY", `expected a public key from the guest, but ${reason}; correct the guest`, {
    scheme,
    reason,
  });
}

/**
 * How a token confirms the key that REPORT_DATA binds. Nobody has shown to hold the key's private half.
 *
 * @throws ResultError `ERR_RESULT_KEY` for a JWK that tells a secret.
 */
export function confirm(scheme: ExpectedRecord["scheme"], key: Uint8Array): Confirmation {
  if (scheme === "trustee") return confirmJwk(key, scheme);
  if (key.length === X25519_BYTES) {
    return { form: "raw", cnf: { jwk: { kty: "OKP", crv: "X25519", x: toBase64Url(key) } } };
  }
  const jwk = spkiToJwk(key);
  if (jwk !== null) return { form: "spki", cnf: { jwk: { ...jwk } } };
  return { form: "bytes", cnf: { [BYTES_MEMBER]: toBase64Url(key) } };
}

const number = pattern("base64url", /^[A-Za-z0-9_-]+$/);
const okp = members({ kty: word("OKP"), crv: word("X25519"), x: number });

/** A JWK of a kind that `spkiToJwk` makes. */
const publicJwk: Reader<PublicJwk> = (value, where) => {
  const kty = isObject(value) ? value["kty"] : undefined;
  if (kty === "RSA") return members({ kty: word("RSA"), n: number, e: number })(value, where);
  if (kty === "OKP") return okp(value, where);
  return members({ kty: word("EC"), crv: word("P-384"), x: number, y: number })(value, where);
};

const anyJwk = checked("a JWK", isObject);

function decode(text: string, where: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch (cause) {
    if (isAttestationError(cause)) throw malformed(where, "expected base64url", cause);
    throw cause;
  }
}

function fromJwkOf(spki: Uint8Array | null): Uint8Array {
  if (spki !== null) return spki;
  throw malformed("/cnf/jwk", "expected a public key, found numbers that are none");
}

/**
 * The bytes of the confirmed key, exactly as the binding scheme took them.
 *
 * @throws ResultError `ERR_RESULT_MALFORMED` for a `cnf` that is not of the form.
 */
export function confirmed(form: KeyForm, cnf: unknown): Uint8Array {
  if (form === "bytes") return decode(members({ [BYTES_MEMBER]: number })(cnf, "/cnf")[BYTES_MEMBER] ?? "", "/cnf");
  if (form === "jwk") {
    const { jwk } = members({ jwk: anyJwk })(cnf, "/cnf");
    // Read by JSON.parse, so JSON it is.
    return new TextEncoder().encode(canonicalJson(jwk as Json));
  }
  if (form === "spki") return fromJwkOf(jwkToSpki(members({ jwk: publicJwk })(cnf, "/cnf").jwk));
  return fromJwkOf(jwkToSpki(members({ jwk: okp })(cnf, "/cnf").jwk)).slice(-X25519_BYTES);
}
