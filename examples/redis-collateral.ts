import KeyvRedis from "@keyv/redis";
import { type Cache, createKdsClient, type KdsClientOptions } from "attestry/kds";
import Keyv from "keyv";

/** A KDS client whose downloads all instances of a service share through Redis. */
export function openCollateral(redis: string, options: Omit<KdsClientOptions, "cache">) {
  // A Redis that is gone must not be waited for: without a queue its client says so, and the KDS is asked.
  const store = new KeyvRedis({ url: redis, disableOfflineQueue: true }, { connectionTimeout: 250 });
  const keyv = new Keyv(store, { namespace: "attestry" });
  keyv.on("error", (error) => console.error("attestry cache:", error));
  const cache: Cache = {
    get: (key) => keyv.get<Uint8Array>(key),
    set: async (key, bytes, { expiresAt }) => {
      await keyv.set(key, Buffer.from(bytes), expiresAt.getTime() - options.now().getTime());
    },
  };
  return { cache, collateral: createKdsClient({ ...options, cache }), close: () => keyv.disconnect() };
}
