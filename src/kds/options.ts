import { checkNow, readOptions } from "../bytes/arguments.js";
import { readSettings, type Settings } from "../verify/options.js";
import type { CollateralRequest, VerifyOptions } from "../verify/types.js";
import { checkCount } from "./counts.js";
import { fetchTransport } from "./fetch-transport.js";
import { createMemoryCache } from "./memory-cache.js";
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

/** How often the KDS may be asked. */
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
  /** Default: `createMemoryCache()`. One that throws is not used; one that never answers is waited for. */
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
  readonly retry: { readonly attempts: number; readonly attemptTimeoutMs: number };
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

const NAMES = [
  "now",
  "anchors",
  "engine",
  "transport",
  "cache",
  "baseUrl",
  "retry",
  "rate",
  "concurrency",
  "maxQueue",
  "timeoutMs",
  "maxBytes",
  "allow",
] as const satisfies readonly (keyof KdsClientOptions)[];
const RETRY = ["attempts", "baseDelayMs", "maxDelayMs", "attemptTimeoutMs", "random"] as const;
const RATE = ["vcekIntervalMs", "otherIntervalMs"] as const;

/** The options with their defaults. @throws TypeError naming the option */
export function readKdsOptions(options: KdsClientOptions): KdsSettings {
  const raw = readOptions(options, "options", NAMES);
  const retry = readOptions(raw.retry ?? {}, "options.retry", RETRY);
  const rate = readOptions(raw.rate ?? {}, "options.rate", RATE);
  const count = (name: "concurrency" | "maxQueue" | "timeoutMs" | "maxBytes", usual: number, min: number) =>
    checkCount(raw[name] ?? usual, `options.${name}`, { min });
  const pace = (name: (typeof RATE)[number], usual: number) =>
    checkCount(rate[name] ?? usual, `options.rate.${name}`, { min: 0 });
  const clock = checkFunction<() => unknown>(raw.now, "options.now");
  const cache = raw.cache ?? createMemoryCache();
  if (!isCache(cache)) throw new TypeError("options.cache must be a Cache: an object with get and set");
  return {
    now: () => checkNow(clock(), "options.now()"),
    verification: readVerification(raw),
    transport: checkFunction<Transport>(raw.transport ?? fetchTransport, "options.transport"),
    cache,
    baseUrl: checkBaseUrl(raw.baseUrl ?? KDS_BASE_URL),
    ...readRetry(retry),
    vcekIntervalMs: pace("vcekIntervalMs", 10_000),
    otherIntervalMs: pace("otherIntervalMs", 250),
    concurrency: count("concurrency", 4, 1),
    maxQueue: count("maxQueue", 100, 0),
    timeoutMs: count("timeoutMs", 120_000, 1),
    maxBytes: count("maxBytes", 65_536, 1),
    allow: checkFunction<KdsSettings["allow"]>(raw.allow ?? (() => true), "options.allow"),
  };
}

/** What downloads are verified with. Revocation is looked up by who uses them. */
function readVerification({ anchors, engine }: Readonly<Record<"anchors" | "engine", unknown>>): Settings {
  const rest = { collateral: undefined, productLine: undefined, allowMaskedChipId: false };
  return readSettings({ anchors, engine, revocation: "skip", ...rest });
}

function readRetry(raw: Readonly<Record<(typeof RETRY)[number], unknown>>): Pick<KdsSettings, "retry" | "backoff"> {
  const count = (name: (typeof RETRY)[number], usual: number, min: number) =>
    checkCount(raw[name] ?? usual, `options.retry.${name}`, { min });
  const baseDelayMs = count("baseDelayMs", 1000, 0);
  const maxDelayMs = count("maxDelayMs", 60_000, 0);
  const random = checkFunction<() => number>(raw.random ?? Math.random, "options.retry.random");
  return {
    retry: { attempts: count("attempts", 4, 1), attemptTimeoutMs: count("attemptTimeoutMs", 15_000, 1) },
    backoff: (failures) => Math.min(maxDelayMs, baseDelayMs * 2 ** failures) * (0.5 + random() / 2),
  };
}

/** A caller's function; what it takes and answers is the caller's word. */
function checkFunction<F>(value: unknown, name: string): F {
  if (typeof value === "function") return value as F;
  throw new TypeError(`${name} must be a function`);
}

function isCache(value: unknown): value is Cache {
  if (typeof value !== "object" || value === null) return false;
  return ["get", "set"].every((verb) => typeof Reflect.get(value, verb) === "function");
}
