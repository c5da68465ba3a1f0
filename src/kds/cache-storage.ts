import type { Cache } from "./types.js";

/** The part of the Cache API's `Cache` that is used: `caches.open(name)` answers one. */
export interface CacheStorageLike {
  /** What was put under the URL. */
  match(request: string): Promise<Response | undefined>;
  /** Keeps a response under the URL. */
  put(request: string, response: Response): Promise<void>;
}

/** Where no server is: the Cache API wants URLs as keys. */
const ORIGIN = "https://attestry.invalid/";

/**
 * A cache on the Cache API of browsers and edge workers; it lasts as long as the browser lets it.
 *
 * @param opened - `() => caches.open("attestry")`: called at each use, so that nothing is opened before it is needed
 * @throws TypeError for anything but a function
 */
export function createCacheStorageCache(opened: () => CacheStorageLike | Promise<CacheStorageLike>): Cache {
  if (typeof opened !== "function") throw new TypeError('opened must be a function such as () => caches.open("name")');
  return Object.freeze({
    async get(key: string): Promise<Uint8Array | undefined> {
      const found = await (await opened()).match(urlOf(key));
      return found === undefined ? undefined : new Uint8Array(await found.arrayBuffer());
    },
    async set(key: string, bytes: Uint8Array, { expiresAt }: { readonly expiresAt: Date }): Promise<void> {
      const headers = { "content-type": "application/octet-stream", expires: expiresAt.toUTCString() };
      await (await opened()).put(urlOf(key), new Response(bytes.slice(), { headers }));
    },
  });
}

function urlOf(key: string): string {
  return ORIGIN + encodeURIComponent(key);
}
