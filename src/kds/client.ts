import { readOptions } from "../bytes/arguments.js";
import { CollateralError } from "../errors.js";
import { readSignal } from "../verify/options.js";
import type { CollateralRequest, CollateralSource } from "../verify/types.js";
import { type BoundedMap, createBoundedMap } from "./bounded-map.js";
import { download } from "./download.js";
import { createFlights } from "./flights.js";
import { type Job, jobOf } from "./jobs.js";
import { createJudge, type Judged } from "./judge.js";
import { createLane, type Lane } from "./lane.js";
import { type KdsClientOptions, type KdsSettings, readKdsOptions } from "./options.js";
import { createStore, type Store } from "./store.js";
import { within } from "./time.js";
import { pathOf, readRequest } from "./urls.js";

/** A CRL is refreshed in the last quarter of its window, and no more often than that: AMD issues one in weeks. */
const REFRESH_WINDOW = 0.25;
const REFRESH_EVERY_MS = 21_600_000;

/** How long a final answer is remembered, and how many of them. */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1000;

/** A final answer: an error, or bytes, undefined where the server has none. */
interface Outcome {
  readonly at: number;
  readonly error: Error | undefined;
  readonly value: Uint8Array | undefined;
}

/** A client at work. */
interface State {
  readonly settings: KdsSettings;
  readonly store: Store;
  readonly flights: ReturnType<typeof createFlights<Uint8Array | undefined>>;
  /** Final answers that no cache keeps. */
  readonly recent: BoundedMap<Outcome>;
  readonly leaves: Lane;
  readonly others: Lane;
  /** When a CRL was last refreshed ahead of its end. */
  readonly refreshed: Map<string, number>;
}

/**
 * A source that downloads from AMD's Key Distribution Service or a mirror of it, never more often than its rate.
 *
 * Whatever it answers was verified under the anchors, also when it comes out of the cache; whether a CRL is too old
 * is for the verification to say. The same request is made once for all who wait for it, a cached one not at all; it
 * ends when nobody waits any more. What the server does not have is `undefined`; VLEKs it has for nobody. That, and an
 * answer that is final and of no use, is remembered for a minute.
 *
 * Give it to verifications of clients that you know, or of chips that `allow` knows: a stranger's made-up CHIP_ID
 * costs a request like a genuine one.
 *
 * `get` throws CollateralError: ERR_COLLATERAL_UNAVAILABLE, ERR_COLLATERAL_BUSY beyond `maxQueue`,
 * ERR_COLLATERAL_NOT_ALLOWED, ERR_COLLATERAL_ABORTED; UntrustedError ERR_UNTRUSTED_ROOT for a line without an anchor.
 *
 * @throws TypeError for wrong options
 */
export function createKdsClient(options: KdsClientOptions): CollateralSource {
  const settings = readKdsOptions(options);
  const state: State = {
    settings,
    store: createStore(settings, createJudge(settings.verification)),
    flights: createFlights(),
    recent: createBoundedMap(MAX_REMEMBERED),
    leaves: createLane(settings, settings.vcekIntervalMs),
    others: createLane(settings, settings.otherIntervalMs),
    refreshed: new Map(),
  };
  return Object.freeze({
    async get(request: CollateralRequest, call: { signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
      const wanted = readRequest(request);
      const signal = readSignal(readOptions(call, "options", ["signal"]).signal) ?? never();
      const limits = { ms: settings.timeoutMs, role: wanted.role, signal };
      const found = await within(limits, (own) => answer(state, wanted, own));
      // A copy: others got the same bytes.
      return found?.slice();
    },
  });
}

/** A signal that does not fire. */
function never(): AbortSignal {
  return new AbortController().signal;
}

/** From the cache, from memory of the last minute, or from the server, together with whoever wants the same. */
async function answer(state: State, request: CollateralRequest, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const { settings, flights } = state;
  const { role, productLine, signingKey } = request;
  const path = pathOf(request);
  if (!path) return undefined;
  const named = await jobOf(request, settings.baseUrl + path, settings);
  // Roots of the caller's own pin no intermediate, so that a leaf is verified with the server's.
  const isPinned = role !== "leaf" || settings.verification.anchors[0]?.origin === "amd";
  const issuer = isPinned ? undefined : await answer(state, { role: "intermediate", productLine, signingKey }, signal);
  const job = { ...named, intermediate: issuer };
  const known = await lookUp(state, job);
  if (known !== undefined) return known.value;
  await assertAllowed(settings, request);
  const start = async (shared: AbortSignal) =>
    // Another may have ended while this one came.
    ((await lookUp(state, job)) ?? { value: await fetchNew(state, job, shared) }).value;
  return await flights.join(job.key, signal, start);
}

/** What is known without a request; undefined where nothing is. @throws a final error of the last minute */
async function lookUp(state: State, job: Job): Promise<{ readonly value: Uint8Array | undefined } | undefined> {
  const found = await state.store.read(job);
  if (found !== undefined) {
    refreshAhead(state, job, found);
    return { value: found.der };
  }
  const known = state.recent.get(job.key);
  // A clock that went back does not lengthen the minute.
  const isRecent = known && Math.abs(state.settings.now() - known.at) < REMEMBER_MS;
  if (isRecent && known.error) throw known.error;
  return isRecent ? known : undefined;
}

/** Downloads, verifies and keeps. */
async function fetchNew(state: State, job: Job, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const { settings, store, recent, leaves, others } = state;
  const { role } = job.request;
  const remember = (value?: Uint8Array, error?: Error) => recent.set(job.key, { at: settings.now(), value, error });
  let bytes: Uint8Array | undefined;
  try {
    bytes = await download({ role, url: job.url, lane: role === "leaf" ? leaves : others }, settings, signal);
    const found = bytes && (await store.judgeNew(job, bytes));
    // A CRL that is past its end is handed on, and asking again at once would bring the same.
    if (found === undefined || found.expiresAt <= settings.now()) remember(found?.der);
    else await store.write(job, found);
    return found?.der;
  } catch (error) {
    // Bytes that do not hold would come again, at least for a while.
    if (error instanceof CollateralError && (bytes || !error.retryable)) remember(undefined, error);
    throw error;
  }
}

/** Begins to download the next CRL while the present one is still good. Nobody waits for it, and it may fail. */
function refreshAhead(state: State, job: Job, { issuedAt, expiresAt }: Judged): void {
  const { settings, refreshed, flights } = state;
  const { request, key } = job;
  const now = settings.now();
  const last = refreshed.get(key) ?? 0;
  const isDue = issuedAt && expiresAt - now <= (expiresAt - issuedAt) * REFRESH_WINDOW;
  if (!isDue || Math.abs(now - last) < REFRESH_EVERY_MS) return;
  refreshed.set(key, now);
  within({ ms: settings.timeoutMs, role: request.role, signal: never() }, async (own) => {
    await assertAllowed(settings, request);
    await flights.join(key, own, (signal) => fetchNew(state, job, signal));
  }).catch(() => undefined);
}

/**
 * Asks the caller; a question that fails is not answered with yes.
 *
 * @throws CollateralError ERR_COLLATERAL_NOT_ALLOWED
 */
async function assertAllowed({ allow }: KdsSettings, request: CollateralRequest): Promise<void> {
  const { role } = request;
  let cause: unknown;
  try {
    if ((await allow(readRequest(request))) === true) return;
  } catch (error) {
    cause = error;
  }
  throw new CollateralError(
    "ERR_COLLATERAL_NOT_ALLOWED",
    "options.allow refused",
    { role },
    { cause, retryable: !!cause },
  );
}
