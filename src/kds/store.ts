import { copyBytes } from "../bytes/arguments.js";
import { AttestationError, isAttestationError } from "../errors.js";
import { MAX_CRL_BYTES } from "../x509/crl.js";
import type { Job } from "./jobs.js";
import type { Judge, Judged } from "./judge.js";
import type { KdsSettings } from "./options.js";
import { unavailable } from "./unavailable.js";

/** The cache, seen through the judge: nothing goes in or comes out that does not hold. */
export interface Store {
  /** What the cache has, if it holds and is not past its end; whatever else the cache does is a miss. */
  read(job: Job, intermediate: Uint8Array | undefined): Promise<Judged | undefined>;
  /** Judges a download. @throws CollateralError ERR_COLLATERAL_UNAVAILABLE (a rejection) for one that does not hold */
  judgeNew(job: Job, bytes: Uint8Array, intermediate: Uint8Array | undefined): Promise<Judged>;
  /** Keeps what was judged, as far as the cache is able to. */
  write(job: Job, judged: Judged): Promise<void>;
}

/** A store on the cache of the settings. */
export function createStore({ cache, now }: KdsSettings, judge: Judge): Store {
  return {
    async read({ key, request }, intermediate) {
      const bytes = await readBytes(() => cache.get(key));
      if (bytes === undefined) return undefined;
      const at = now();
      const judged = await judge({ request, bytes, intermediate, now: at }).catch(ignoreRefusal);
      return judged !== undefined && judged.expiresAt > at ? judged : undefined;
    },
    async judgeNew({ request, url }, bytes, intermediate) {
      return await judge({ request, bytes, intermediate, now: now() }).catch((cause: unknown) => {
        if (!isRefusal(cause)) throw cause;
        const reason = `what ${url} answered does not hold: ${cause.message}`;
        throw unavailable(request.role, reason, { cause, retryable: true });
      });
    },
    async write({ key }, { der, expiresAt }) {
      try {
        await cache.set(key, der.slice(), { expiresAt: new Date(expiresAt) });
      } catch {
        // What could not be kept is downloaded again one day.
      }
    },
  };
}

/** A private copy of what a cache has; nothing where it fails or answers anything but bytes. */
async function readBytes(get: () => unknown): Promise<Uint8Array | undefined> {
  try {
    return copyBytes(await get(), "cached", MAX_CRL_BYTES);
  } catch {
    return undefined;
  }
}

/** An error that says that the bytes are no good, and not that the engine is. */
function isRefusal(error: unknown): error is AttestationError {
  return error instanceof AttestationError && !isAttestationError(error, "ERR_UNSUPPORTED_CRYPTO");
}

function ignoreRefusal(error: unknown): undefined {
  if (!isRefusal(error)) throw error;
}
