/** What a transport is asked for. */
export interface TransportRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** A longer body must not be read to its end: the transport throws as soon as it knows. */
  readonly maxBytes: number;
}

/** What a transport answers, whatever the status. */
export interface TransportResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * One GET. It follows no redirect, and it rejects with anything where there is no answer: a network that fails is
 * worth another attempt, whatever the error says. Only a MalformedError `ERR_MALFORMED_LENGTH`, for a body that is
 * too long, ends it.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/**
 * Where downloads are kept. Untrusted: whatever comes out is verified again, so a cache can withhold and cannot forge.
 * Keys of the KDS client have under 100 letters, digits and hyphens.
 */
export interface Cache {
  /** What was kept under the key, or undefined; also what has expired, if the cache does not look at its clock. */
  get(key: string): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /**
   * Keeps bytes under a key, in place of what was there.
   *
   * @param entry - `expiresAt` is when the entry becomes useless; a cache may forget it earlier.
   */
  set(key: string, bytes: Uint8Array, entry: { readonly expiresAt: Date }): void | Promise<void>;
}
