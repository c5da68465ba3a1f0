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

/** Runs steps one after the other, waiting for each. An aborted signal ends it before the next step. */
export async function runAsync<T>(steps: Steps<T>, engine: CryptoEngine, signal?: AbortSignal): Promise<T> {
  assertNotAborted(signal);
  let next = steps.next();
  while (next.done !== true) {
    const answer = await settle(next.value, engine);
    assertNotAborted(signal);
    next = "error" in answer ? steps.throw(answer.error) : steps.next(answer.value);
  }
  return next.value;
}

/** Runs steps at once. */
export function runSync<T>(steps: Steps<T>, engine: CryptoEngine): T {
  let next = steps.next();
  while (next.done !== true) {
    const answer = attempt(next.value, engine);
    next = "error" in answer ? steps.throw(answer.error) : steps.next(answer.value);
  }
  return next.value;
}

/** What a step came to; an error goes back into the verification, which knows what it means there. */
type Answer = { value: unknown } | { error: unknown };

function attempt(step: Step, engine: CryptoEngine): Answer {
  try {
    return { value: step(engine) };
  } catch (error) {
    return { error };
  }
}

async function settle(step: Step, engine: CryptoEngine): Promise<Answer> {
  try {
    return { value: await step(engine) };
  } catch (error) {
    return { error };
  }
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

/** Checks a signature of a CA. Only `true` itself is a yes. */
export function* verifyRsa(key: RsaPublicKey, message: Uint8Array, signature: Uint8Array): Steps<boolean> {
  return (yield* askEngine("verify RSA-PSS", (engine) => engine.verifyRsaPss(key, message, signature))) === true;
}

/** Checks a signature of a VCEK or VLEK. Only `true` itself is a yes. */
export function* verifyEcdsa(key: P384PublicKey, message: Uint8Array, signature: Uint8Array): Steps<boolean> {
  return (yield* askEngine("verify ECDSA", (engine) => engine.verifyEcdsaP384(key, message, signature))) === true;
}

/** SHA-256 as lower-case hex. */
export function* sha256(message: Uint8Array): Steps<string> {
  const operation = "digest";
  let name = "custom";
  const digest = yield* askEngine(operation, (engine) => {
    name = engine.name;
    return engine.digest("SHA-256", message);
  });
  if (digest instanceof Uint8Array && digest.length === SHA256_LENGTH) return toHex(digest);
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_CRYPTO",
    `the engine ${name} failed to ${operation}: expected ${SHA256_LENGTH} bytes of SHA-256; pass another engine`,
    { engine: name, operation },
  );
}

/** What the engine answers. One that throws has not decided, and its error says so. */
function* askEngine(operation: string, step: Step): Steps<unknown> {
  let name = "custom";
  const named: Step = (engine) => {
    name = engine.name;
    return step(engine);
  };
  try {
    return yield named;
  } catch (cause) {
    if (isAttestationError(cause)) throw cause;
    throw new UnsupportedError(
      "ERR_UNSUPPORTED_CRYPTO",
      `the engine ${name} failed to ${operation}; it must answer false for a bad signature and throw for nothing else`,
      { engine: name, operation },
      { cause },
    );
  }
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
