import { readOptions } from "../bytes/arguments.js";
import { CollateralError } from "../errors.js";
import { readSignal } from "../verify/options.js";
import type { CollateralRequest, CollateralSource } from "../verify/types.js";
import { download } from "./download.js";
import { createFlights } from "./flights.js";
import { type Job, jobOf } from "./jobs.js";
import { createJudge, type Judged } from "./judge.js";
import { createLane, type Lane } from "./lane.js";
import { type KdsClientOptions, type KdsSettings, readKdsOptions } from "./options.js";
import { createRecent, type Outcome } from "./recent.js";
import { createStore, type Store } from "./store.js";
import { within } from "./time.js";
import { pathOf, readRequest } from "./urls.js";

/** A CRL is refreshed in the last quarter of its window, and no more often than that: AMD issues one in weeks. */
const REFRESH_WINDOW = 0.25;
const REFRESH_EVERY_MS = 21_600_000;

/** A client at work. */
interface State {
  readonly settings: KdsSettings;
  readonly store: Store;
  readonly flights: ReturnType<typeof createFlights<Uint8Array | undefined>>;
  readonly recent: ReturnType<typeof createRecent>;
  readonly leaves: Lane;
  readonly others: Lane;
  /** When a CRL was last refreshed ahead of its end. */
  readonly refreshed: Map<string, number>;
}

/**
 * A source that downloads from AMD's Key Distribution Service or a mirror of it, never more often than its rate.
 *
 * Whatever it answers was verified under the anchors, also when it comes out of the cache; whether a CRL is too old
 * is for the verification to say. The same request is made once for all who wait for it, a cached one not at all. What the
 * server does not have is `undefined`; VLEKs it has for nobody. That, and an answer that is final and of no use, is
 * remembered for a minute.
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
    recent: createRecent(),
    leaves: createLane(settings, settings.vcekIntervalMs),
    others: createLane(settings, settings.otherIntervalMs),
    refreshed: new Map(),
  };
  return Object.freeze({
    async get(request: CollateralRequest, call: { signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
      const wanted = readRequest(request);
      const signal = readSignal(readOptions(call, "options", ["signal"]).signal);
      const limits = { ms: settings.timeoutMs, role: wanted.role, signal };
      const found = await within(limits, (own) => answer(state, wanted, own));
      // A copy: others got the same bytes.
      return found?.slice();
    },
  });
}

/** From the cache, from memory of the last minute, or from the server, together with whoever wants the same. */
async function answer(state: State, request: CollateralRequest, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const { settings } = state;
  const path = pathOf(request);
  if (path === null) return undefined;
  const job = await jobOf(request, settings.baseUrl + path, settings);
  const intermediate = await intermediateFor(state, request, signal);
  const known = await lookUp(state, job, intermediate);
  if (known !== undefined) return known.value;
  await assertAllowed(settings, request);
  return await state.flights.join(job.key, signal, async (shared) => {
    // Another may have ended while this one came.
    const late = await lookUp(state, job, intermediate);
    return late === undefined ? await fetchNew(state, job, { signal: shared, intermediate }) : late.value;
  });
}

/** Roots of the caller's own pin no intermediate, so that a leaf is verified with the server's. */
async function intermediateFor(
  state: State,
  { role, productLine, signingKey }: CollateralRequest,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const [anchor] = state.settings.verification.anchors;
  if (role !== "leaf" || anchor?.origin === "amd") return undefined;
  return await answer(state, { role: "intermediate", productLine, signingKey }, signal);
}

/** What is known without a request; undefined where nothing is. @throws a final error of the last minute */
async function lookUp(
  state: State,
  job: Job,
  intermediate: Uint8Array | undefined,
): Promise<{ readonly value: Uint8Array | undefined } | undefined> {
  const found = await state.store.read(job, intermediate);
  if (found !== undefined) {
    refreshAhead(state, job, found);
    return { value: found.der };
  }
  const known = state.recent.recall(job.key, state.settings.now());
  if (known?.error !== undefined) throw known.error;
  return known;
}

interface Shared {
  readonly signal: AbortSignal;
  readonly intermediate: Uint8Array | undefined;
  /** A CRL that is at hand, and stays unless a newer one comes. */
  readonly known?: Judged;
}

/** Downloads, verifies and keeps. */
async function fetchNew(state: State, job: Job, shared: Shared): Promise<Uint8Array | undefined> {
  const { settings, store, recent, leaves, others } = state;
  const { role } = job.request;
  const remember = (outcome: Outcome) => recent.keep(job.key, settings.now(), outcome);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await download({ role, url: job.url, lane: role === "leaf" ? leaves : others }, settings, shared.signal);
    const found = bytes && (await store.judgeNew(job, bytes, shared.intermediate));
    if (found && shared.known && !isNewer(found, shared.known)) return shared.known.der;
    // A CRL that is past its end is handed on, and asking again at once would bring the same.
    if (found === undefined || found.expiresAt <= settings.now()) remember({ value: found?.der });
    else await store.write(job, found);
    return found?.der;
  } catch (error) {
    // Bytes that do not hold would come again, at least for a while.
    const isFinal = error instanceof CollateralError && (bytes !== undefined || !error.retryable);
    if (isFinal) remember({ value: undefined, error });
    throw error;
  }
}

function isNewer({ issuedAt: a = 0 }: Judged, { issuedAt: b = 0 }: Judged): boolean {
  return a > b;
}

/** Begins to download the next CRL while the present one is still good. Nobody waits for it, and it may fail. */
function refreshAhead(state: State, job: Job, known: Judged): void {
  const { settings, refreshed, flights } = state;
  const { request, key } = job;
  const now = settings.now();
  const { issuedAt, expiresAt } = known;
  const last = refreshed.get(key) ?? 0;
  const isDue = issuedAt !== undefined && expiresAt - now <= (expiresAt - issuedAt) * REFRESH_WINDOW;
  if (!isDue || Math.abs(now - last) < REFRESH_EVERY_MS) return;
  refreshed.set(key, now);
  within({ ms: settings.timeoutMs, role: request.role, signal: undefined }, async (own) => {
    await assertAllowed(settings, request);
    await flights.join(key, own, (signal) => fetchNew(state, job, { signal, intermediate: undefined, known }));
  }).catch(() => undefined);
}

/** Asks the caller; a question that fails is not answered with yes. @throws CollateralError ERR_COLLATERAL_NOT_ALLOWED */
async function assertAllowed({ allow }: KdsSettings, request: CollateralRequest): Promise<void> {
  const { role } = request;
  let failure: unknown;
  try {
    if ((await allow(readRequest(request))) === true) return;
  } catch (error) {
    failure = error;
  }
  const options = { cause: failure, retryable: failure !== undefined };
  const message = `options.allow does not allow to download the ${role}`;
  throw new CollateralError("ERR_COLLATERAL_NOT_ALLOWED", message, { role }, options);
}
