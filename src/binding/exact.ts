import { defineScheme } from "./scheme.js";

/** `exact`: the caller knows the 64 bytes and how they came about. Nothing is derived and nothing is judged. */
export const exactScheme = /* @__PURE__ */ defineScheme({
  parts: { reportData: { min: 64, max: 64 } },
  bind: ({ reportData }) => ({ bytes: reportData, publicKey: null }),
});
