import { defineScheme, LEAST_NONCE, padded } from "./scheme.js";

/** `nonce`: the nonce, then zeros up to 64 bytes. It binds no key: whoever relays the report may have asked for it. */
export const nonceScheme = /* @__PURE__ */ defineScheme({
  parts: { nonce: { min: LEAST_NONCE, max: 64 } },
  bind: ({ nonce }) => ({ bytes: padded(nonce), publicKey: null }),
});
