import { lengthPrefixed } from "../bytes/codecs.js";
import { defineScheme, GREATEST_PART, LEAST_NONCE } from "./scheme.js";

const LABEL = "attestry report data v1";

/**
 * `attestry-v1`: SHA-512 over four strings, each behind its length as 32 bits big-endian: the ASCII label
 * `attestry report data v1`, the nonce, the public key, the context. A key or context that is not given is the
 * empty string; one that is given is not empty. No other set of parts gives the same input.
 */
export const attestryV1Scheme = /* @__PURE__ */ defineScheme({
  parts: {
    nonce: { min: LEAST_NONCE, max: 1024 },
    publicKey: { min: 1, max: GREATEST_PART, optional: true },
    context: { min: 1, max: GREATEST_PART, optional: true },
  },
  async bind({ nonce, publicKey = new Uint8Array(0), context = new Uint8Array(0) }, digest) {
    const label = new TextEncoder().encode(LABEL);
    const bytes = await digest("SHA-512", lengthPrefixed(label, nonce, publicKey, context));
    return { bytes, publicKey: publicKey.length === 0 ? null : publicKey };
  },
});
