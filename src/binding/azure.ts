import { defineScheme, GREATEST_PART, padded } from "./scheme.js";

/**
 * `azure`: SHA-256 of the runtime data, then zeros. The runtime data is whatever stood behind the report, byte for
 * byte; nothing here is fresh unless it holds a nonce that the verifier chose and looks for.
 *
 * Source: Azure confidential VMs (the HCL's runtime claims) and confidential containers.
 */
export const azureScheme = /* @__PURE__ */ defineScheme({
  parts: { runtimeData: { min: 1, max: GREATEST_PART } },
  bind: async ({ runtimeData }, digest) => ({ bytes: padded(await digest("SHA-256", runtimeData)), publicKey: null }),
});
