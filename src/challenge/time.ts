import { refusal } from "./refuse.js";

/** How far the clocks of a service's copies may be apart: a minute. */
export const CHALLENGE_CLOCK_SKEW_MS = 60_000;

/** The last time that a Date can tell; a nonce has room for later ones. */
const END_OF_TIME = 8.64e15;

const text = (time: number): string => new Date(Math.min(time, END_OF_TIME)).toISOString();

/** A clock that refuses to go back: what has expired stays so, however often the machine's time is set. */
export function forwardClock(now: () => number): () => number {
  let latest = Number.NEGATIVE_INFINITY;
  return () => {
    const time = now();
    if (time >= latest) {
      latest = time;
      return time;
    }
    throw refusal("ERR_CHALLENGE_CLOCK", {
      message: `the clock went back from ${text(latest)} to ${text(time)}; wait until it is there again, or start anew`,
      detail: { now: text(time), limit: text(latest) },
    });
  };
}

/**
 * Judges a genuine challenge's time.
 *
 * @throws ChallengeError `ERR_CHALLENGE_EXPIRED` from its expiry on; `ERR_CHALLENGE_CLOCK` when it lives longer than
 * one that a copy of this challenger can have issued by now.
 */
export function checkLife(expiresAt: number, now: number, ttlMs: number): void {
  if (now >= expiresAt) {
    throw refusal("ERR_CHALLENGE_EXPIRED", {
      message: `the challenge expired at ${text(expiresAt)}, and it is ${text(now)}; have the guest ask for a new one`,
      detail: { expiresAt: text(expiresAt), now: text(now) },
    });
  }
  const latest = now + ttlMs + CHALLENGE_CLOCK_SKEW_MS;
  if (expiresAt <= latest) return;
  throw refusal("ERR_CHALLENGE_CLOCK", {
    message: `the challenge expires at ${text(expiresAt)}, later than one issued by ${text(now)} can; check the clocks`,
    detail: { now: text(now), limit: text(latest) },
  });
}
