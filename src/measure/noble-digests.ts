import { sha256, sha384 } from "@noble/hashes/sha2.js";
import type { SyncDigests } from "../crypto/sync-digests.js";

/** Digests in JavaScript alone; the default of every function of this room. */
export const nobleDigests: SyncDigests = /* @__PURE__ */ Object.freeze({
  name: "noble",
  sha384,
  sha256: () => {
    const hash = sha256.create();
    return { update: (data: Uint8Array) => void hash.update(data), digest: () => hash.digest() };
  },
});
