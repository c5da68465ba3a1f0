import { toHex } from "../bytes/codecs.js";
import { textOf } from "../bytes/text.js";
import type { CryptoEngine, P384PublicKey, RsaPublicKey } from "../crypto/engine.js";
import { CollateralError, isAttestationError, UnsupportedError } from "../errors.js";

const SHA256_LENGTH = 32;

/** One thing that verification needs from outside: a signature check, or a certificate from a source. */
export type Step = (engine: CryptoEngine) => unknown;

/**
 * A verification that stops at each step and goes on with its answer. One description serves the asynchronous and
 * the synchronous entry, so that both judge the same things in the same order.
 */
export type Steps<T> = Generator<Step, T, unknown>;

/** Runs steps one after the other, waiting where an answer is not there yet. An aborted signal ends it before the next. */
export async function runAsync<T>(steps: Steps<T>, engine: CryptoEngine, signal?: AbortSignal): Promise<T> {
  assertNotAborted(signal);
  let next = steps.next();
  while (next.done !== true) {
    let answer: unknown;
    try {
      answer = next.value(engine);
      // The answer of a synchronous engine costs no turn of the queue.
      if (isThenable(answer)) answer = await answer;
    } catch (error) {
      assertNotAborted(signal);
      // Back into the verification, which knows what the error means there.
      next = steps.throw(error);
      continue;
    }
    assertNotAborted(signal);
    next = steps.next(answer);
  }
  return next.value;
}

/** Runs steps at once. */
export function runSync<T>(steps: Steps<T>, engine: CryptoEngine): T {
  let next = steps.next();
  while (next.done !== true) {
    let answer: unknown;
    try {
      answer = next.value(engine);
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next(answer);
  }
  return next.value;
}

/** @throws CollateralError ERR_COLLATERAL_ABORTED when the signal has fired. */
function assertNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal);
}

/** What a signal that fired is, as an error. */
export function aborted(signal: AbortSignal): CollateralError {
  const reason = textOf(signal.reason);
  return new CollateralError(
    "ERR_COLLATERAL_ABORTED",
    `the caller's signal ended the verification: ${reason}; nothing was decided`,
    { reason },
    { cause: signal.reason, retryable: true },
  );
}

/** Checks a signature of a CA. Only the answer `true` itself is a yes. */
export function verifyRsa(key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): Step {
  return (engine) => guarded(engine, "verify RSA-PSS", () => engine.verifyRsaPss(key, message, signature));
}

/** Checks a signature of a VCEK or VLEK. Only the answer `true` itself is a yes. */
export function verifyEcdsa(key: P384PublicKey, message: Uint8Array, signature: Uint8Array): Step {
  return (engine) => guarded(engine, "verify ECDSA", () => engine.verifyEcdsaP384(key, message, signature));
}

/** SHA-256 as lower-case hex. */
export function sha256(message: Uint8Array): Step {
  return (engine) =>
    guarded(engine, "digest", () => after(engine.digest("SHA-256", message), (hash) => hexOf(hash, engine)));
}

function hexOf(hash: unknown, { name: engine }: CryptoEngine): string {
  if (hash instanceof Uint8Array && hash.length === SHA256_LENGTH) return toHex(hash);
  const operation = "digest";
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_CRYPTO",
    `the engine ${engine} failed to ${operation}: expected ${SHA256_LENGTH} bytes of SHA-256; pass another engine`,
    { engine, operation },
  );
}

/** Several steps as one whose answers come in a list: an engine that works in the background works at all of them. */
export function together(...steps: readonly Step[]): Step {
  return (engine) => {
    const answers: unknown[] = [];
    try {
      for (const step of steps) answers.push(step(engine));
    } catch (error) {
      // A promise that nobody listens to ends the process when it is rejected.
      for (const answer of answers) if (isThenable(answer)) Promise.resolve(answer).catch(() => undefined);
      throw error;
    }
    return answers.some(isThenable) ? Promise.all(answers) : answers;
  };
}

/** One step as a whole. */
export function* only(step: Step): Steps<unknown> {
  return yield step;
}

function after<T, U>(answer: T | Promise<T>, next: (value: T) => U): U | Promise<U> {
  return isThenable(answer) ? Promise.resolve(answer).then(next) : next(answer);
}

function isThenable<T>(answer: T | Promise<T>): answer is Promise<T> {
  return typeof answer === "object" && answer !== null && typeof Reflect.get(answer, "then") === "function";
}

/** An engine that throws has not decided, now or later, and its error says so. */
function guarded(engine: CryptoEngine, operation: string, ask: () => unknown): unknown {
  const fail = (cause: unknown): never => {
    throw isAttestationError(cause) ? cause : undecided(engine.name, operation, cause);
  };
  try {
    const answer = ask();
    return isThenable(answer) ? Promise.resolve(answer).then(undefined, fail) : answer;
  } catch (cause) {
    return fail(cause);
  }
}

function undecided(engine: string, operation: string, cause: unknown): UnsupportedError {
  return new UnsupportedError(
    "ERR_UNSUPPORTED_CRYPTO",
    `the engine ${engine} failed to ${operation}; it must answer false for a bad signature and throw for nothing else`,
    { engine, operation },
    { cause },
  );
}

/** Waits for a promise, or until the signal fires; whoever made the promise goes on without being waited for. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted(signal));
    const forget = () => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    // Before anything may throw: a promise that nobody listens to ends the process when it is rejected.
    Promise.resolve(promise).then(resolve, reject).finally(forget);
    // A signal that fired before somebody listened does not fire again.
    if (signal.aborted) onAbort();
  });
}
