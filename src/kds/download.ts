import { copyBytes } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { CollateralError, isAttestationError } from "../errors.js";
import type { Lane } from "./lane.js";
import type { KdsSettings } from "./options.js";
import { pause, readRetryAfter, within } from "./time.js";
import type { TransportResponse } from "./types.js";
import { unavailable } from "./unavailable.js";

/** What is downloaded, and through which lane. */
export interface Errand {
  readonly role: string;
  readonly url: string;
  readonly lane: Lane;
}

/** One attempt: an answer that ends it, or why there should be another. */
type Attempt =
  | { readonly bytes: Uint8Array | undefined }
  | { readonly failure: CollateralError; readonly throttled: boolean; readonly waitMs: number };

/**
 * Downloads something, as often as it takes: a server that throttles is waited for until the signal fires, another
 * failure is tried again a few times. Undefined where the server does not have it (404).
 *
 * @throws CollateralError ERR_COLLATERAL_UNAVAILABLE, ERR_COLLATERAL_BUSY
 */
export async function download(
  errand: Errand,
  settings: KdsSettings,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { lane } = errand;
  const { attempts, timeoutMs, backoff } = settings;
  let failures = 0;
  for (let again = false; ; again = true) {
    const release = await lane.enter(signal, again);
    const attempt = await attemptOnce(errand, settings, signal).finally(release);
    if ("bytes" in attempt) {
      lane.served();
      return attempt.bytes;
    }
    const { throttled, waitMs, failure } = attempt;
    if (throttled) lane.throttled(waitMs);
    else failures++;
    if (failures >= attempts || waitMs > timeoutMs) throw failure;
    if (!throttled) await pause(Math.max(waitMs, backoff(failures - 1)), signal);
  }
}

async function attemptOnce(errand: Errand, settings: KdsSettings, signal: AbortSignal): Promise<Attempt> {
  const { role } = errand;
  try {
    return read(await request(errand, settings, signal), errand, settings.now());
  } catch (cause) {
    if (signal.aborted || cause instanceof CollateralError) throw cause;
    // A body that is too long would come again; whatever else went wrong is the network.
    const retryable = !isAttestationError(cause, "ERR_MALFORMED_LENGTH");
    const failure = unavailable(role, textOf(cause), { cause, retryable });
    if (!retryable) throw failure;
    return { failure, throttled: false, waitMs: 0 };
  }
}

/** What an answer means. @throws CollateralError ERR_COLLATERAL_UNAVAILABLE for a status that ends it */
function read({ status, headers, body }: TransportResponse, { role }: Errand, now: number): Attempt {
  if (status === 200) return { bytes: body };
  if (status === 404) return { bytes: undefined };
  const retryable = status === 429 || status >= 500;
  const redirect = status === 0 || (status >= 300 && status < 400) ? ", and redirects are not followed" : "";
  const failure = unavailable(role, `the server answered with status ${status}${redirect}`, { retryable });
  if (!retryable) throw failure;
  return { failure, throttled: status === 429, waitMs: readRetryAfter(headers["retry-after"], now) };
}

/** One request, bounded in time and size whatever the transport does. */
async function request({ url }: Errand, settings: KdsSettings, signal: AbortSignal): Promise<TransportResponse> {
  const { transport, maxBytes, attemptTimeoutMs: ms } = settings;
  const late = () => new Error(`no answer within ${ms} ms`);
  return await within({ ms, late, signal }, async (own) => {
    const { status, headers, body } = await transport({ url, headers: { accept: "*/*" }, signal: own, maxBytes });
    return { status, headers, body: copyBytes(body, "body", maxBytes) };
  });
}
