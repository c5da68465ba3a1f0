import { concatBytes } from "../bytes/codecs.js";
import { defineScheme, GREATEST_PART } from "./scheme.js";

/**
 * `tinfoil-v2`: SHA-256 of the TLS key's SubjectPublicKeyInfo, then the X25519 key for HPKE, which is the key that
 * counts as bound. There is no nonce: what is fresh is the TLS connection.
 *
 * Source: tinfoil's attestation format sev-snp-guest/v2.
 */
export const tinfoilV2Scheme = /* @__PURE__ */ defineScheme({
  parts: { tlsPublicKey: { min: 1, max: GREATEST_PART }, hpkePublicKey: { min: 32, max: 32 } },
  bind: async ({ tlsPublicKey, hpkePublicKey }, digest) => ({
    bytes: concatBytes(await digest("SHA-256", tlsPublicKey), hpkePublicKey),
    publicKey: hpkePublicKey,
  }),
});
