import { byteLengthOf, checkText, copyBytes, readOptions } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { isAttestationError } from "../errors.js";
import { oneLine, refusal } from "./fail.js";
import { readKeySet } from "./key-set.js";
import type { FoundKey, KeyLookup } from "./keys.js";

/** What a transport is asked for; those of `attestry/kds` and `attestry/node` fit. */
export interface KeyRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** A longer body must not be read to its end. */
  readonly maxBytes: number;
}

/** One GET that follows no redirect. */
export type KeyTransport = (request: KeyRequest) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

/** Options of `createKeySource`; all are said, an unknown name is a TypeError. */
export interface KeySourceOptions {
  /** Where the issuer's JSON Web Key Set stands: https, or http on loopback. */
  url: string;
  transport: KeyTransport;
  /** How long one request may take. */
  timeoutMs: number;
  /** How long a set counts, by the `now` of each verification. */
  maxAgeMs: number;
  /**
   * The least time between two requests, also after one that failed and for tokens of unknown keys; and how far one
   * verification's `now` may be behind another's.
   */
  cooldownMs: number;
}

declare const sourceBrand: unique symbol;

/** The keys at an address; made by `createKeySource` alone. */
export interface KeySource {
  readonly [sourceBrand]: true;
  readonly url: string;
}

const MAX_BYTES = 65_536;
const OK = 200;
const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

const lookups = new WeakMap<object, KeyLookup>();

/** The lookup behind a key source. @throws TypeError for anything that `createKeySource` did not make. */
export function lookupOf(source: unknown, name: string): KeyLookup {
  const lookup = typeof source === "object" && source !== null ? lookups.get(source) : undefined;
  if (lookup !== undefined) return lookup;
  throw new TypeError(`${name} must be a list of keys, or what createKeySource returned`);
}

interface Settings {
  readonly url: string;
  readonly transport: KeyTransport;
  readonly timeoutMs: number;
  readonly maxAgeMs: number;
  readonly cooldownMs: number;
}

function checkUrl(value: unknown): string {
  const text = checkText(value, "options.url");
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // Neither the text nor the runtime's error, which quotes it: there may be a password in it.
    throw new TypeError("options.url must be an absolute URL");
  }
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.includes(url.hostname));
  if (!allowed || url.username !== "" || url.password !== "") {
    throw new TypeError("options.url must be https (or http on loopback) and name no user");
  }
  return url.href;
}

function checkMs(value: unknown, name: string): number {
  if (typeof value === "number" && value >= 1 && value <= 86_400_000) return value;
  throw new TypeError(`options.${name} must be a number of 1 to 86400000 milliseconds`);
}

function readSettings(options: unknown): Settings {
  const given = readOptions(options, "options", ["url", "transport", "timeoutMs", "maxAgeMs", "cooldownMs"]);
  const { transport } = given;
  if (typeof transport !== "function") throw new TypeError("options.transport must be a function");
  return {
    url: checkUrl(given.url),
    // A function is all that can be told of it; what it answers is checked at each call.
    transport: transport as KeyTransport,
    timeoutMs: checkMs(given.timeoutMs, "timeoutMs"),
    maxAgeMs: checkMs(given.maxAgeMs, "maxAgeMs"),
    cooldownMs: checkMs(given.cooldownMs, "cooldownMs"),
  };
}

function unavailable(url: string, reason: string) {
  const message = `expected the issuer's keys at ${url}, found ${oneLine(reason)}; nothing is known against the token, try later`;
  return refusal("ERR_RESULT_KEYS_UNAVAILABLE", message, { url, reason });
}

/** Rejects when the time is up, whatever the transport does with the signal. */
async function inTime<Value>(timeoutMs: number, run: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer in ${timeoutMs} ms`);
      reject(error);
      controller.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([run(controller.signal), end]);
  } finally {
    clearTimeout(timer);
  }
}

async function download({ url, transport, timeoutMs }: Settings): Promise<ReadonlyMap<string, FoundKey>> {
  const fault = (reason: string) => unavailable(url, reason);
  try {
    const headers = { accept: "application/jwk-set+json, application/json" };
    const { status, body } = await inTime(timeoutMs, (signal) =>
      transport({ url, headers, signal, maxBytes: MAX_BYTES }),
    );
    if (status !== OK) throw fault(`status ${textOf(status)}`);
    if (byteLengthOf(body, "body") > MAX_BYTES) throw fault(`more than ${MAX_BYTES} bytes`);
    return readKeySet(copyBytes(body, "body"), fault);
  } catch (cause) {
    if (isAttestationError(cause, "ERR_RESULT_KEYS_UNAVAILABLE")) throw cause;
    // A network that fails is no verdict on a token, whatever it throws.
    throw fault(cause instanceof Error ? cause.message : textOf(cause));
  }
}

/** Keeps one set, and one request under way. */
class FetchedKeys implements KeyLookup {
  private readonly settings: Settings;
  private keys: ReadonlyMap<string, FoundKey> = new Map();
  /** When the set was asked for; before all time where there is none. */
  private fetchedAt = Number.NEGATIVE_INFINITY;
  private askedAt = Number.NEGATIVE_INFINITY;
  private failure: Error | undefined;
  private flight: Promise<void> | undefined;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  async find(keyId: string, now: number): Promise<FoundKey | undefined> {
    const { maxAgeMs, cooldownMs } = this.settings;
    // Times of verifications under way come out of order. What is further back is a clock that was set back: it makes
    // the set no younger.
    const ageOf = () => now - this.fetchedAt;
    const isFresh = () => ageOf() > -cooldownMs && ageOf() <= maxAgeMs;
    const mayAsk = Math.abs(now - this.askedAt) >= cooldownMs;
    const missing = !isFresh() || !this.keys.has(keyId);
    if (missing && (mayAsk || this.flight !== undefined)) {
      this.flight ??= this.fetch(now);
      await this.flight;
    }
    if (isFresh()) return this.keys.get(keyId);
    throw this.failure ?? unavailable(this.settings.url, "a set of another time");
  }

  private async fetch(now: number): Promise<void> {
    this.askedAt = now;
    try {
      this.keys = await download(this.settings);
      this.fetchedAt = now;
      this.failure = undefined;
    } catch (error) {
      // download throws nothing but our own error; whoever still has a fresh set goes on with it.
      this.failure = error instanceof Error ? error : new Error(textOf(error));
    } finally {
      this.flight = undefined;
    }
  }
}

/**
 * The keys of an issuer by the address of his JSON Web Key Set, which is the caller's to say: no token leads anywhere.
 *
 * At most 64 kB and 64 keys; one request at a time; a set is kept for `maxAgeMs`, and asked for again before that when
 * a token names a key that it lacks, but not more often than `cooldownMs`. A set that cannot be fetched or read leaves
 * the one before in use for as long as it counts.
 *
 * @throws TypeError for wrong options.
 */
export function createKeySource(options: KeySourceOptions): KeySource {
  const settings = readSettings(options);
  const source = Object.freeze({ url: settings.url });
  lookups.set(source, new FetchedKeys(settings));
  // The brand exists in types alone; at run time the WeakMap above is the brand.
  return source as unknown as KeySource;
}
