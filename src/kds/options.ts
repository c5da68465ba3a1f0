import { checkNow, readOptions } from "../bytes/arguments.js";
import { readSettings, type Settings } from "../verify/options.js";
import type { CollateralRequest, VerifyOptions } from "../verify/types.js";
import { createBoundedMap } from "./bounded-map.js";
import { checkCount } from "./counts.js";
import { fetchTransport } from "./fetch-transport.js";
import type { Cache, Transport } from "./types.js";
import { checkBaseUrl, KDS_BASE_URL } from "./urls.js";

/** When an attempt that failed is made again. */
export interface KdsRetry {
  /** Attempts at one download that the network or the server (5xx) may fail; default 4. 429 does not count. */
  attempts?: number;
  /** The first pause; each next one is twice as long. Default 1000. */
  baseDelayMs?: number;
  /** The longest pause that the server did not ask for itself; default 60,000. */
  maxDelayMs?: number;
  /** The longest time that one attempt may take; default 15,000. */
  attemptTimeoutMs?: number;
  /** Between 0 and 1, for the jitter: a pause is half to whole of what it would be. Default `Math.random`. */
  random?: () => number;
}

/** How often the KDS may be asked by one client; two of them, in one process or in several, ask twice as often. */
export interface KdsRate {
  /** Milliseconds between the starts of two requests for VCEKs; default 10,000, about what AMD's server lets pass. */
  vcekIntervalMs?: number;
  /** The same for chains and CRLs, which do not wait for VCEKs; default 250. */
  otherIntervalMs?: number;
}

/** Options of `createKdsClient`; an unknown name is a TypeError. */
export interface KdsClientOptions {
  /** The present time: for validity, expiry and Retry-After dates. Pauses are timers. */
  now: () => Date;
  /** As for `verifyEvidence`, which should be given the same. Default: AMD's keys. */
  anchors?: VerifyOptions["anchors"];
  /** Default: WebCrypto. */
  engine?: VerifyOptions["engine"];
  /** Default: `fetchTransport`. */
  transport?: Transport;
  /** Default: as `createMemoryCache()`. One that throws is not used; one that never answers is waited for. */
  cache?: Cache;
  /** A mirror or proxy with the KDS's paths; default `KDS_BASE_URL`. */
  baseUrl?: string;
  retry?: KdsRetry;
  rate?: KdsRate;
  /** Requests under way at one time, for VCEKs and for the rest each; default 4. */
  concurrency?: number;
  /** VCEKs that may wait for their request; beyond it `ERR_COLLATERAL_BUSY`. Default 100. */
  maxQueue?: number;
  /** The longest time from question to answer, all waiting and all attempts included; default 120,000. */
  timeoutMs?: number;
  /** The longest body; default 65,536. */
  maxBytes?: number;
  /**
   * Asked before anything is downloaded, and not for what is cached. Anything but `true` refuses it. Default: all may
   * be; then whoever sends reports with made-up CHIP_IDs uses up the rate of everybody behind this client.
   */
  allow?: (request: CollateralRequest) => boolean | Promise<boolean>;
}

/** The options, whole. */
export interface KdsSettings {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly verification: Settings;
  readonly transport: Transport;
  readonly cache: Cache;
  readonly baseUrl: string;
  readonly attempts: number;
  readonly attemptTimeoutMs: number;
  /** How long to pause after so many failures in a row, the first being 0. */
  readonly backoff: (failures: number) => number;
  readonly vcekIntervalMs: number;
  readonly otherIntervalMs: number;
  readonly concurrency: number;
  readonly maxQueue: number;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly allow: NonNullable<KdsClientOptions["allow"]>;
}

/** Entries of the default cache, which needs no copies: what goes in and comes out is copied anyway. */
const CACHED = 1000;

/** What numbers are where nothing is said, and the least that they may be. */
const COUNTS = { concurrency: [4, 1], maxQueue: [100, 0], timeoutMs: [120_000, 1], maxBytes: [65_536, 1] } as const;
const RATE = { vcekIntervalMs: [10_000, 0], otherIntervalMs: [250, 0] } as const;
const RETRY = {
  attempts: [4, 1],
  baseDelayMs: [1000, 0],
  maxDelayMs: [60_000, 0],
  attemptTimeoutMs: [15_000, 1],
} as const;
const OTHERS = ["now", "anchors", "engine", "transport", "cache", "baseUrl", "retry", "rate", "allow"] as const;

/** The options with their defaults. @throws TypeError naming the option */
export function readKdsOptions(options: KdsClientOptions): KdsSettings {
  const raw = readOptions(options, "options", [...OTHERS, ...namesOf(COUNTS)]);
  const { now, engine, anchors, transport = fetchTransport, cache = createBoundedMap<Uint8Array>(CACHED) } = raw;
  const { baseUrl = KDS_BASE_URL, retry = {}, rate = {}, allow = () => true } = raw;
  const { random = Math.random, ...retries } = readOptions(retry, "options.retry", ["random", ...namesOf(RETRY)]);
  const clock = checkFunction<() => unknown>(now, "options.now");
  const jitter = checkFunction<() => number>(random, "options.retry.random");
  const counts = readCounts(retries, RETRY, "options.retry");
  for (const verb of ["get", "set"]) checkFunction(Object(cache)[verb], `options.cache.${verb}`);
  return {
    now: () => checkNow(clock(), "options.now()"),
    // Revocation is looked up by whoever uses what is downloaded.
    verification: readSettings({ anchors, engine, revocation: "skip" }),
    transport: checkFunction<Transport>(transport, "options.transport"),
    // It has the two verbs of one.
    cache: cache as Cache,
    baseUrl: checkBaseUrl(baseUrl),
    allow: checkFunction<KdsSettings["allow"]>(allow, "options.allow"),
    // NaN, be it 0 * Infinity or the caller's jitter, would swallow what Retry-After asks for.
    backoff: (n) => Math.min(counts.maxDelayMs, counts.baseDelayMs * 2 ** n) * (0.5 + jitter() / 2) || 0,
    ...counts,
    ...readCounts(readOptions(rate, "options.rate", namesOf(RATE)), RATE, "options.rate"),
    ...readCounts(raw, COUNTS, "options"),
  };
}

function namesOf<Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] {
  // Object.keys forgets what the names are.
  return Object.keys(table) as Name[];
}

function readCounts<Name extends string>(
  raw: Readonly<Record<NoInfer<Name>, unknown>>,
  table: Readonly<Record<Name, readonly [usual: number, min: number]>>,
  of: string,
): Readonly<Record<Name, number>> {
  const counts = namesOf(table).map((name) => {
    const [usual, min] = table[name];
    return [name, checkCount(raw[name] === undefined ? usual : raw[name], `${of}.${name}`, min)] as const;
  });
  return Object.fromEntries(counts) as Record<Name, number>;
}

/** A caller's function; what it takes and answers is the caller's word. */
function checkFunction<F>(value: unknown, name: string): F {
  if (typeof value === "function") return value as F;
  throw new TypeError(`${name} must be a function`);
}
