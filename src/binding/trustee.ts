import { canonicalJson, type Json } from "../bytes/canonical-json.js";
import { toBase64 } from "../bytes/codecs.js";
import { MalformedError } from "../errors.js";
import { defineScheme, GREATEST_PART, LEAST_NONCE, padded } from "./scheme.js";

const WHAT = "parts.teePublicKey";

function malformed(reason: string, cause?: unknown): MalformedError<"ERR_MALFORMED_ENCODING"> {
  return new MalformedError("ERR_MALFORMED_ENCODING", `${WHAT}: ${reason}`, { what: WHAT, reason }, { cause });
}

function parse(text: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (cause) {
    throw malformed("expected JSON in UTF-8; pass the key as the guest sent it", cause);
  }
}

function isFlat(value: Json): boolean {
  return typeof value !== "object" || (Array.isArray(value) && value.every((entry) => typeof entry === "string"));
}

/** A JWK has scalars and lists of text: anything deeper is none, and would only make the reader recurse. */
function readJwk(text: Uint8Array): Json {
  const jwk = parse(text);
  const members = typeof jwk === "object" && jwk !== null && !Array.isArray(jwk) ? Object.values(jwk) : [];
  if (members.length > 0 && members.every(isFlat)) return jwk;
  throw malformed("expected a JWK: an object of text, numbers, booleans and lists of text");
}

/**
 * `trustee`: SHA-384 of the canonical JSON (RFC 8785) of `{ "nonce", "tee-pubkey" }`, then 16 zeros. The nonce goes
 * in as padded base64, as the key broker hands it out; `teePublicKey` is the JWK as JSON text in UTF-8.
 *
 * The key that counts as bound is the JWK in canonical form: a text in which a member stands twice has two readings,
 * and only one of them was hashed.
 *
 * Source: the key broker protocol of Trustee (confidential-containers).
 */
export const trusteeScheme = /* @__PURE__ */ defineScheme({
  parts: { nonce: { min: LEAST_NONCE, max: 1024 }, teePublicKey: { min: 2, max: GREATEST_PART } },
  async bind({ nonce, teePublicKey }, digest) {
    const key = readJwk(teePublicKey);
    const text = canonicalJson({ nonce: toBase64(nonce), "tee-pubkey": key });
    const bytes = padded(await digest("SHA-384", new TextEncoder().encode(text)));
    return { bytes, publicKey: new TextEncoder().encode(canonicalJson(key)) };
  },
});
