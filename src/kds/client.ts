import { readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { CollateralError } from "../errors.js";
import { readSignal } from "../verify/options.js";
import { aborted } from "../verify/steps.js";
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
import { unavailable } from "./unavailable.js";
import { hasUrl, readRequest } from "./urls.js";

/** A CRL is refreshed in the last quarter of its window, and no more often than that: AMD issues one in weeks. */
const REFRESH_WINDOW = 0.25;
const REFRESH_EVERY_MS = 21_600_000;

/** A client at work. */
interface State {
  readonly settings: KdsSettings;
  readonly store: Store;
  readonly flights: ReturnType<typeof createFlights<Uint8Array | undefined>>;
  readonly recent: ReturnType<typeof createRecent>;
  readonly lanes: { readonly leaf: Lane; readonly other: Lane };
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
    lanes: {
      leaf: createLane({ ...settings, intervalMs: settings.vcekIntervalMs, busy: () => busy(settings) }),
      // There are a dozen chains and CRLs, and each is downloaded once at a time.
      other: createLane({
        ...settings,
        intervalMs: settings.otherIntervalMs,
        maxQueue: Number.POSITIVE_INFINITY,
        busy: () => busy(settings),
      }),
    },
    refreshed: new Map(),
  };
  return Object.freeze({
    async get(request: CollateralRequest, call: { signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
      const wanted = readRequest(request);
      const signal = readSignal(readOptions(call, "options", ["signal"]).signal);
      if (!hasUrl(wanted)) return undefined;
      const limits = { ...limitsOf(settings, wanted), signal, ended: aborted };
      const found = await within(limits, (own) => answer(state, wanted, own));
      // A copy: others got the same bytes.
      return found?.slice();
    },
  });
}

function limitsOf({ timeoutMs }: KdsSettings, { role }: CollateralRequest) {
  const late = () => unavailable(role, `no answer within ${timeoutMs} ms`, { retryable: true });
  return { ms: timeoutMs, late, signal: undefined };
}

function busy({ maxQueue }: KdsSettings): CollateralError {
  return new CollateralError(
    "ERR_COLLATERAL_BUSY",
    `${maxQueue} VCEKs are waiting to be downloaded, and that is as many as may; come back later`,
    { role: "leaf", limit: maxQueue },
    { retryable: true },
  );
}

/** From the cache, from memory of the last minute, or from the server, together with whoever wants the same. */
async function answer(state: State, request: CollateralRequest, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const { settings, store, recent, flights } = state;
  const job = await jobOf(request, settings);
  const intermediate = await intermediateFor(state, request, signal);
  const found = await store.read(job, intermediate);
  if (found !== undefined) {
    refreshAhead(state, job, found);
    return found.der;
  }
  const known = recent.recall(job.key, settings.now());
  if (known !== undefined) return unpack(known);
  await assertAllowed(settings, request);
  return await flights.join(job.key, signal, (shared) => fetchOnce(state, job, { signal: shared, intermediate }));
}

/** Roots of the caller's own pin no intermediate, so that a leaf is verified with the server's. */
async function intermediateFor(
  state: State,
  { role, productLine, signingKey }: CollateralRequest,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const isPinned = state.settings.verification.anchors.every(({ origin }) => origin === "amd");
  if (role !== "leaf" || isPinned) return undefined;
  return await answer(state, { role: "intermediate", productLine, signingKey }, signal);
}

interface Shared {
  readonly signal: AbortSignal;
  readonly intermediate: Uint8Array | undefined;
}

/** Looks again, since another may have ended while this one came, and downloads. */
async function fetchOnce(state: State, job: Job, shared: Shared): Promise<Uint8Array | undefined> {
  const found = await state.store.read(job, shared.intermediate);
  if (found !== undefined) return found.der;
  const known = state.recent.recall(job.key, state.settings.now());
  if (known !== undefined) return unpack(known);
  return await fetchNew(state, job, { ...shared, known: undefined });
}

/** Downloads, verifies and keeps; of two CRLs the newer. */
async function fetchNew(
  { settings, store, recent, lanes }: State,
  job: Job,
  { signal, intermediate, known }: Shared & { readonly known: Judged | undefined },
): Promise<Uint8Array | undefined> {
  const { role } = job.request;
  const errand = { role, url: job.url, lane: role === "leaf" ? lanes.leaf : lanes.other };
  const remember = (outcome: Outcome) => recent.keep(job.key, settings.now(), outcome);
  const rememberIf = (isFinal: (error: CollateralError) => boolean) => (error: unknown) => {
    if (error instanceof CollateralError && isFinal(error)) remember({ error });
    throw error;
  };
  const bytes = await download(errand, settings, signal).catch(rememberIf(({ retryable }) => !retryable));
  if (bytes === undefined) {
    remember({ value: undefined });
    return undefined;
  }
  const found = await store.judgeNew(job, bytes, intermediate).catch(rememberIf(() => true));
  if (known !== undefined && found.issuedAt <= known.issuedAt) return known.der;
  // A CRL that is past its end is handed on, and asking again at once would bring the same.
  if (found.expiresAt <= settings.now()) remember({ value: found.der });
  else await store.write(job, found);
  return found.der;
}

/** Begins to download the next CRL while the present one is still good. Nobody waits for it, and it may fail. */
function refreshAhead(state: State, job: Job, known: Judged): void {
  const { settings, refreshed, flights } = state;
  const now = settings.now();
  const { issuedAt, expiresAt } = known;
  if (job.request.role !== "crl" || expiresAt - now > (expiresAt - issuedAt) * REFRESH_WINDOW) return;
  const last = refreshed.get(job.key);
  if (last !== undefined && Math.abs(now - last) < REFRESH_EVERY_MS) return;
  refreshed.set(job.key, now);
  const refresh = async (own: AbortSignal) => {
    await assertAllowed(settings, job.request);
    await flights.join(job.key, own, (signal) => fetchNew(state, job, { signal, intermediate: undefined, known }));
  };
  within(limitsOf(settings, job.request), refresh).catch(() => undefined);
}

function unpack(outcome: Outcome): Uint8Array | undefined {
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}

/** Asks the caller. @throws CollateralError ERR_COLLATERAL_NOT_ALLOWED; ERR_COLLATERAL_UNAVAILABLE where `allow` fails */
async function assertAllowed({ allow }: KdsSettings, request: CollateralRequest): Promise<void> {
  const { role } = request;
  const allowed: unknown = await ask(allow, request).catch((cause: unknown) => {
    throw unavailable(role, `options.allow failed: ${textOf(cause)}`, { cause, retryable: true });
  });
  if (allowed === true) return;
  throw new CollateralError(
    "ERR_COLLATERAL_NOT_ALLOWED",
    `options.allow refused to download the ${role}; supply it with the evidence`,
    { role },
    { retryable: false },
  );
}

async function ask(allow: KdsSettings["allow"], request: CollateralRequest): Promise<unknown> {
  return await allow(readRequest(request));
}
