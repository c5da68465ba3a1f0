import { encodeTcb } from "../amd/tcb.js";
import { checkNow, checkText, copyBytes, readOptions } from "../bytes/arguments.js";
import { toHex } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import { CollateralError } from "../errors.js";
import { readThim, type ThimAnswer } from "../evidence/thim.js";
import { readSignal } from "../verify/options.js";
import { abortable } from "../verify/steps.js";
import type { CollateralRequest, CollateralSource } from "../verify/types.js";
import { fetchTransport } from "./fetch-transport.js";
import { answersRequest, sourceFailed } from "./matching.js";
import type { Transport } from "./types.js";
import { readRequest } from "./urls.js";

/** Where a virtual machine in Azure asks for the certificates of the processor that it runs on. */
export const THIM_URL = "http://169.254.169.254/metadata/THIM/amd/certification";

/** Options of `createThimSource`; an unknown name is a TypeError. */
export interface ThimSourceOptions {
  /** The present time, for how long an answer is kept. */
  now: () => Date;
  /** Default: `fetchTransport`. It must go to the host directly, past any proxy. */
  transport?: Transport;
  /** Default `THIM_URL`. */
  url?: string;
  /** The longest time for one answer, in milliseconds; default 10,000. */
  timeoutMs?: number;
}

interface Settings {
  readonly now: () => number;
  readonly transport: Transport;
  readonly url: string;
  readonly timeoutMs: number;
}

/** An answer and until when it is kept, in milliseconds since 1970. */
interface Kept {
  readonly answer: ThimAnswer;
  readonly at: number;
  readonly until: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 600_000;
const MAX_BODY_BYTES = 65_536;
/** An answer is not kept longer, whatever it says: firmware is updated, and the TCB with it. */
const MAX_KEPT_MS = 86_400_000;
/** An answer that is of no use is asked for again after this long. */
const USELESS_MS = 60_000;
/** A host that failed is asked again after this long: its metadata service counts requests, for all of the machine. */
const FAILED_MS = 1000;

function checkSettings(options: ThimSourceOptions): Settings {
  const raw = readOptions(options, "options", ["now", "transport", "url", "timeoutMs"]);
  const { now, transport = fetchTransport, url = THIM_URL, timeoutMs = DEFAULT_TIMEOUT_MS } = raw;
  if (typeof now !== "function") throw new TypeError("options.now must be a function that returns a Date");
  if (typeof transport !== "function") throw new TypeError("options.transport must be a function");
  if (!/^https?:\/\//.test(checkText(url, "options.url"))) throw new TypeError("options.url must be of http or https");
  const isTime = Number.isInteger(timeoutMs) && Number(timeoutMs) >= 1 && Number(timeoutMs) <= MAX_TIMEOUT_MS;
  if (!isTime)
    throw new TypeError(
      `options.timeoutMs must be a whole number of 1 to ${MAX_TIMEOUT_MS}, found ${textOf(timeoutMs)}`,
    );
  return {
    now: () => checkNow(now(), "options.now()"),
    // What it takes and answers is the caller's word, and is checked where it is used.
    transport: transport as Transport,
    url: String(url),
    timeoutMs: Number(timeoutMs),
  };
}

function failed({ role }: CollateralRequest, reason: string, options: ErrorOptions & { retryable: boolean }) {
  const message = `THIM did not give the ${role}: ${reason}`;
  return new CollateralError("ERR_COLLATERAL_UNAVAILABLE", message, { role, reason }, options);
}

/** For a transport that looks at no signal. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

async function ask({ transport, url, timeoutMs }: Settings, request: CollateralRequest): Promise<Uint8Array> {
  const headers = { metadata: "true", accept: "application/json" };
  const signal = AbortSignal.timeout(timeoutMs);
  let answer: Awaited<ReturnType<Transport>>;
  try {
    const asked = transport({ url, headers, signal, maxBytes: MAX_BODY_BYTES });
    answer = await Promise.race([asked, whenAborted(signal)]);
  } catch (cause) {
    throw failed(request, textOf(cause), { cause, retryable: true });
  }
  const { status, body } = answer;
  if (status === 200) return body;
  const retryable = status === 429 || status >= 500;
  throw failed(request, `the host answered with status ${status}`, { retryable });
}

async function fetchAnswer(settings: Settings, request: CollateralRequest): Promise<Kept> {
  const body = await ask(settings, request);
  const at = settings.now();
  try {
    const answer = readThim(copyBytes(body, "the answer's body", MAX_BODY_BYTES));
    const keptMs = Math.min(1000 * (answer.claims.cacheControlSeconds ?? 0), MAX_KEPT_MS);
    return { answer, at, until: at + keptMs };
  } catch (cause) {
    throw sourceFailed(request, cause);
  }
}

/** `tcbm` is the TCB_VERSION as one number, so its hex begins with the last byte. */
function isOfTcb({ claims }: ThimAnswer, request: CollateralRequest & { role: "leaf" }): boolean {
  return claims.tcbm === toHex(encodeTcb(request.productLine, request.reportedTcb).reverse());
}

/** What the answer has for a request; undefined where it is of another chip, TCB, line or branch. */
function pick(answer: ThimAnswer, request: CollateralRequest): Uint8Array | undefined {
  if (request.role === "leaf" && !isOfTcb(answer, request)) return undefined;
  const der = answer.certificates[request.role];
  return der !== undefined && answersRequest(der, request) ? der.slice() : undefined;
}

/** One answer at a time, kept as long as it says, and given to all who wait for it. */
function createKeeper(settings: Settings) {
  let kept: Kept | undefined;
  let failure: { readonly error: CollateralError; readonly at: number } | undefined;
  let underWay: Promise<Kept> | undefined;
  const fetchShared = (request: CollateralRequest): Promise<Kept> => {
    underWay ??= fetchAnswer(settings, request)
      .catch((error: unknown) => {
        if (error instanceof CollateralError) failure = { error, at: settings.now() };
        throw error;
      })
      .finally(() => {
        underWay = undefined;
      });
    return underWay;
  };
  return async (request: CollateralRequest): Promise<Uint8Array | undefined> => {
    const now = settings.now();
    const found = kept !== undefined && now >= kept.at && now < kept.until ? pick(kept.answer, request) : undefined;
    const isRecent = kept !== undefined && now >= kept.at && now < Math.min(kept.until, kept.at + USELESS_MS);
    if (found !== undefined || isRecent) return found;
    if (failure !== undefined && now >= failure.at && now < failure.at + FAILED_MS) throw failure.error;
    kept = await fetchShared(request);
    return pick(kept.answer, request);
  };
}

/**
 * A source on Azure's Trusted Hardware Identity Management, by way of the instance metadata service: the VCEK and ASK
 * of the processor that this virtual machine runs on. It has no CRL, and nothing of other machines.
 *
 * What it answers is for verification to judge. Its `tcbm` and the certificate must say the chip, TCB and line that
 * are asked for; where they do not (another machine's report, firmware that was updated), the source has nothing and
 * the next one may. An answer is kept as long as its cacheControl says, at most a day, and asked for again after a
 * minute where it is of no use, after a second where there was none. Questions at one time share one answer, and one's
 * signal ends its wait alone.
 *
 * The address is of the machine's own host: a transport must not take a proxy to it.
 *
 * `get` throws CollateralError `ERR_COLLATERAL_UNAVAILABLE`: retryable for a network that fails, 429 and 5xx;
 * `ERR_COLLATERAL_ABORTED`; TypeError for what is no request.
 *
 * @throws TypeError for an option that is unknown or of the wrong kind.
 *
 * Source: Microsoft, Trusted Hardware Identity Management, AMD certification.
 *
 * @example
 * ```ts
 * import { createKdsClient, createThimSource, firstOf } from "attestry/kds";
 *
 * const now = () => new Date();
 * const collateral = firstOf([createThimSource({ now }), createKdsClient({ now })]);
 * // verifyEvidence(evidence, { now: now(), collateral })
 * ```
 */
export function createThimSource(options: ThimSourceOptions): CollateralSource {
  const answer = createKeeper(checkSettings(options));
  return Object.freeze({
    async get(request: CollateralRequest, call: { signal?: AbortSignal } = {}): Promise<Uint8Array | undefined> {
      const signal = readSignal(readOptions(call, "options", ["signal"]).signal);
      const wanted = readRequest(request);
      return wanted.role === "crl" ? undefined : await abortable(answer(wanted), signal);
    },
  });
}
