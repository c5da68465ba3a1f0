import { vi } from "vitest";

const STEP_MS = 500;
/** What half a second lasts: long enough for signatures to be checked between two of them. */
const REAL_STEP_MS = 25;
const realSetTimeout = setTimeout;

/** Runs something on a clock that runs twenty times as fast. */
export async function inNoTime<Result>(run: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  try {
    let isDone = false;
    const running = run().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      await new Promise((resolve) => realSetTimeout(resolve, REAL_STEP_MS));
      await vi.advanceTimersByTimeAsync(STEP_MS);
    }
    return await running;
  } finally {
    vi.useRealTimers();
  }
}
