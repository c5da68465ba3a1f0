import type { VerifyEvent, VerifyObserver } from "./types.js";

/** Tells an observer, where there is one. */
export function tell(observer: VerifyObserver | undefined, event: VerifyEvent): void {
  try {
    observer?.(Object.freeze(event));
  } catch {
    // Who only looks on decides nothing: a log that is full must neither refuse nor accept evidence.
  }
}
