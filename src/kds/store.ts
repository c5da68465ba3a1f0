import { copyBytes } from "../bytes/arguments.js";
import { isAttestationError } from "../errors.js";
import { MAX_CRL_BYTES } from "../x509/crl.js";
import type { Job } from "./jobs.js";
import type { Judge, Judged } from "./judge.js";
import type { KdsSettings } from "./options.js";
import { unavailable } from "./unavailable.js";

/** The cache, seen through the judge: nothing goes in or comes out that does not hold. */
export interface Store {
  /** What the cache has, if it holds and is not past its end; whatever else the cache does is a miss. */
  read(job: Job): Promise<Judged | undefined>;
  /** Judges a download. @throws CollateralError ERR_COLLATERAL_UNAVAILABLE (a rejection) for one that does not hold */
  judgeNew(job: Job, bytes: Uint8Array): Promise<Judged>;
  /** Keeps what was judged, as far as the cache is able to; a CRL gives way to none that was issued before it. */
  write(job: Job, judged: Judged): Promise<void>;
}

/** A store on the cache of the settings. */
export function createStore({ cache, now: clock }: KdsSettings, judge: Judge): Store {
  const read = async (job: Job): Promise<Judged | undefined> => {
    const now = clock();
    try {
      const bytes = copyBytes(await cache.get(job.key), "cached", MAX_CRL_BYTES);
      const judged = await judge(job, bytes, now);
      return judged.expiresAt > now ? judged : undefined;
    } catch (error) {
      assertNotCrypto(error);
      return undefined;
    }
  };
  return {
    read,
    async judgeNew(job, bytes) {
      try {
        return await judge(job, bytes, clock());
      } catch (cause) {
        assertNotCrypto(cause);
        if (!isAttestationError(cause)) throw cause;
        throw unavailable(job.request.role, cause.message, { cause, retryable: true });
      }
    },
    async write(job, { der, issuedAt, expiresAt }) {
      // A mirror may lag behind.
      if (issuedAt && Number((await read(job))?.issuedAt) > issuedAt) return;
      try {
        await cache.set(job.key, der.slice(), { expiresAt: new Date(expiresAt) });
      } catch {
        // What could not be kept is downloaded again one day.
      }
    },
  };
}

/** Throws on what says nothing of the bytes: the engine cannot work. */
function assertNotCrypto(error: unknown): void {
  if (isAttestationError(error, "ERR_UNSUPPORTED_CRYPTO")) throw error;
}
