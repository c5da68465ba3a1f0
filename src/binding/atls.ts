import { concatBytes } from "../bytes/codecs.js";
import { DerCursor, TAG } from "../der/cursor.js";
import { defineScheme, GREATEST_PART, LEAST_NONCE } from "./scheme.js";

/**
 * `atls`: SHA-512 of the public key and the nonce, one after the other, as Contrast and Constellation do. The key is
 * its SubjectPublicKeyInfo in DER, which says where it ends: so no byte can pass from the one to the other.
 *
 * @throws MalformedError `ERR_MALFORMED_DER` when the key is not one DER sequence, whole.
 */
export const atlsScheme = /* @__PURE__ */ defineScheme({
  parts: { publicKey: { min: 1, max: GREATEST_PART }, nonce: { min: LEAST_NONCE, max: 64 } },
  async bind({ publicKey, nonce }, digest) {
    const cursor = DerCursor.over(publicKey, "parts.publicKey");
    cursor.take(TAG.sequence);
    cursor.finish();
    return { bytes: await digest("SHA-512", concatBytes(publicKey, nonce)), publicKey };
  },
});
