/** `attestry/kds`: certificates and CRLs from AMD's Key Distribution Service or a mirror of it, and caches for them. */
export { type CacheStorageLike, createCacheStorageCache } from "./cache-storage.js";
export { createKdsClient } from "./client.js";
export { fetchTransport } from "./fetch-transport.js";
export { firstOf } from "./first-of.js";
export { createMemoryCache } from "./memory-cache.js";
export type { KdsClientOptions, KdsRate, KdsRetry } from "./options.js";
export { createTableSource } from "./table-source.js";
export { createThimSource, THIM_URL, type ThimSourceOptions } from "./thim-source.js";
export type { Cache, Transport, TransportRequest, TransportResponse } from "./types.js";
export { KDS_BASE_URL, kdsUrl, parseKdsUrl } from "./urls.js";
