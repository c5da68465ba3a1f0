import type { BindingSchemeName } from "../binding/expected.js";
import { type JwkRecipient, recipientFromJson } from "./jwk.js";
import { ATTESTED_KEY } from "./key-error.js";
import { x25519Recipient } from "./recipient-key.js";
import { recipientFromSpki } from "./spki.js";
import { X25519_BYTES } from "./x25519.js";

/** The key that REPORT_DATA was shown to bind, as its scheme took it. */
export interface AttestedKey {
  readonly scheme: BindingSchemeName;
  readonly bytes: Uint8Array;
}

/**
 * An attested key as one that secrets are sealed to: a JWK for the scheme `trustee`; for every other 32 bytes are
 * X25519, and anything longer is SubjectPublicKeyInfo in DER, which no key spells in 32 bytes.
 *
 * @throws ReleaseError `ERR_RELEASE_KEY`
 */
export function readAttestedKey({ scheme, bytes }: AttestedKey): JwkRecipient {
  if (scheme === "trustee") return recipientFromJson(bytes, ATTESTED_KEY);
  const key = bytes.length === X25519_BYTES ? x25519Recipient(bytes, ATTESTED_KEY) : recipientFromSpki(bytes);
  return { key, algorithm: null };
}
