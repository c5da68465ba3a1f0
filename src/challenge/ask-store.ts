import { textOf } from "../bytes/text.js";
import { type ChallengeError, isAttestationError } from "../errors.js";
import { refusal } from "./refuse.js";
import type { SpentStore } from "./types.js";

/** A store, and how long it may take. */
export interface PatientStore {
  readonly spentStore: SpentStore;
  readonly storeTimeoutMs: number;
}

/** What is spent, and when. */
export interface Spending {
  readonly id: string;
  readonly expiresAt: number;
  readonly now: number;
}

/** The error for a store of which it is not known what it did. */
export function storeUnavailable(reason: string, cause?: unknown): ChallengeError {
  return refusal("ERR_CHALLENGE_STORE_UNAVAILABLE", {
    message: `the store of spent challenges ${reason}; nothing was released, have the guest ask again`,
    detail: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** The error for whoever comes second. */
export function spentBefore(id: string): ChallengeError {
  return refusal("ERR_CHALLENGE_SPENT", {
    message: `the challenge ${id} was spent before; have the guest ask for a new one`,
    detail: { id },
  });
}

const isOfTheStore = (error: unknown): boolean =>
  isAttestationError(error) && error.code.startsWith("ERR_CHALLENGE_STORE_");

async function answerInTime(promise: Promise<unknown>, ms: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storeUnavailable(`did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Adds an id to the store. Only the literal `true` counts as new.
 *
 * @throws ChallengeError (a rejection) `ERR_CHALLENGE_SPENT`, `ERR_CHALLENGE_STORE_UNAVAILABLE`,
 * `ERR_CHALLENGE_STORE_FULL`.
 */
export async function addToStore({ spentStore, storeTimeoutMs }: PatientStore, spending: Spending): Promise<void> {
  const { id, expiresAt, now } = spending;
  const add = async (): Promise<unknown> => spentStore.add(id, new Date(expiresAt), new Date(now));
  const answer = await answerInTime(add(), storeTimeoutMs).catch((error: unknown) => {
    throw isOfTheStore(error) ? error : storeUnavailable("failed", error);
  });
  if (answer === true) return;
  if (answer !== false) throw storeUnavailable(`answered neither true nor false but ${textOf(answer).slice(0, 40)}`);
  throw spentBefore(id);
}
