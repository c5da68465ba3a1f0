import { copyBytes } from "../bytes/arguments.js";
import { textOf } from "../bytes/text.js";
import { CollateralError, isAttestationError } from "../errors.js";
import type { Lane } from "./lane.js";
import type { KdsSettings } from "./options.js";
import { pause, readRetryAfter, within } from "./time.js";
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
  | { readonly failure: CollateralError; readonly throttled?: boolean; readonly waitMs?: number };

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
  // There are a dozen chains and CRLs, and who was throttled goes on where it was.
  for (let first = errand.role !== "leaf"; ; first = true) {
    const release = await lane.enter(signal, first);
    const attempt = await attemptOnce(errand, settings, signal).finally(release);
    if ("bytes" in attempt) {
      lane.served();
      return attempt.bytes;
    }
    const { throttled, waitMs = 0, failure } = attempt;
    if (!throttled) failures++;
    if (failures >= attempts || waitMs > timeoutMs) throw failure;
    if (!throttled) await pause(Math.max(waitMs, backoff(failures - 1)), signal);
  }
}

async function attemptOnce(errand: Errand, settings: KdsSettings, signal: AbortSignal): Promise<Attempt> {
  const { role, url, lane } = errand;
  const { transport, maxBytes, attemptTimeoutMs } = settings;
  const limits = { ms: attemptTimeoutMs, role, signal };
  try {
    return await within(limits, async (own) => {
      const { status, headers, body } = await transport({ url, headers: {}, signal: own, maxBytes });
      if (status === 200) return { bytes: copyBytes(body, "body", maxBytes) };
      if (status === 404) return { bytes: undefined };
      const throttled = status === 429;
      const failure = unavailable(role, `status ${status}`, { retryable: throttled || status >= 500 });
      if (!failure.retryable) throw failure;
      const waitMs = readRetryAfter(settings.now(), headers["retry-after"]);
      // Before the place is free, or whoever waits for it would be off.
      if (throttled) lane.throttled(waitMs);
      return { failure, throttled, waitMs };
    });
  } catch (cause) {
    const failure = cause instanceof CollateralError ? cause : failureOf(role, cause);
    if (signal.aborted || !failure.retryable) throw failure;
    return { failure };
  }
}

/** What a transport rejects with is the network's failure, but for a body that is too long and would come again. */
function failureOf(role: string, cause: unknown): CollateralError {
  const retryable = !isAttestationError(cause, "ERR_MALFORMED_LENGTH");
  return unavailable(role, textOf(cause), { cause, retryable });
}
