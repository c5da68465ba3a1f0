import { aborted } from "../verify/steps.js";
import { unavailable } from "./unavailable.js";

/** No pause is longer, whatever a server says: ten minutes. */
const MAX_PAUSE_MS = 600_000;

/** A timer that keeps no process alive where the runtime knows the difference. */
export function startIdleTimer(ms: number, run: () => void): void {
  // Node's timers are objects, browsers' are numbers.
  Object(setTimeout(run, ms)).unref?.();
}

/** What a promise comes to, or the signal's reason as soon as it fires; the promise is then no longer listened to. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
    if (signal.aborted) onAbort();
  });
}

/** How long something may take, what it is for, and what ends it sooner. */
export interface Limits {
  readonly ms: number;
  readonly role: string;
  readonly signal: AbortSignal;
}

/**
 * Runs something under a signal that fires when its time is up or the outer signal fires; either ends the wait.
 *
 * @throws CollateralError (a rejection) ERR_COLLATERAL_UNAVAILABLE when the time is up, ERR_COLLATERAL_ABORTED when the
 * outer signal fires
 */
export async function within<T>({ ms, role, signal }: Limits, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (signal.aborted) throw aborted(signal);
  const controller = new AbortController();
  const onAbort = () => controller.abort(aborted(signal));
  const timer = setTimeout(() => controller.abort(unavailable(role, "timed out")), ms);
  signal.addEventListener("abort", onAbort);
  try {
    return await untilAborted(run(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits, unless the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await untilAborted(new Promise<void>((resolve) => startIdleTimer(ms, resolve)), signal);
}

/**
 * Milliseconds that a Retry-After asks for, in seconds or as a date; 0 for none or one that is neither.
 *
 * @see RFC 9110 section 10.2.3
 */
export function readRetryAfter(now: number, value = ""): number {
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return ms > 0 ? Math.min(ms, MAX_PAUSE_MS) : 0;
}
