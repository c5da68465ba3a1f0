import { concatBytes } from "../bytes/codecs.js";
import { defineScheme, GREATEST_PART } from "./scheme.js";

/**
 * `svsm`: SHA-512 of the nonce and the manifest of services, one after the other. The nonce has 64 bytes, so that no
 * byte can pass from the one to the other.
 *
 * Source: AMD 58019 (SVSM), section 7.
 */
export const svsmScheme = /* @__PURE__ */ defineScheme({
  parts: { nonce: { min: 64, max: 64 }, manifest: { min: 1, max: GREATEST_PART } },
  bind: async ({ nonce, manifest }, digest) => ({
    bytes: await digest("SHA-512", concatBytes(nonce, manifest)),
    publicKey: null,
  }),
});
