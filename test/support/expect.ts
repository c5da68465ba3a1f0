import { expect } from "vitest";
import { AttestationError, type ErrorCode, isAttestationError } from "../../src/errors.js";

type Outcome = { kind: "returned"; value: unknown } | { kind: "threw"; error: unknown };

async function settle(promise: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return { kind: "returned", value: await promise };
  } catch (error) {
    return { kind: "threw", error };
  }
}

function call(action: () => unknown): Outcome {
  try {
    return { kind: "returned", value: action() };
  } catch (error) {
    return { kind: "threw", error };
  }
}

function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === "returned") return "it did not fail";
  const { error } = outcome;
  if (isAttestationError(error)) return `it failed with ${error.code}: ${error.message}`;
  if (error instanceof Error) return `it threw no error of ours but ${error.stack ?? error.message}`;
  return `it threw ${String(error)}`;
}

/** Every member of `wanted` stands in `actual` with an equal value. */
function contains(actual: object, wanted: object): boolean {
  return expect.objectContaining(wanted).asymmetricMatch(actual);
}

function judge(outcome: Outcome, code: ErrorCode, detail: object | undefined) {
  const error = outcome.kind === "threw" ? outcome.error : undefined;
  // Our own copy's class and the brand: both must hold, and the code must be the wanted one.
  const codeHolds = error instanceof AttestationError && isAttestationError(error, code);
  const detailHolds = codeHolds && (detail === undefined || contains(error.detail, detail));
  return {
    pass: detailHolds,
    message: () =>
      codeHolds && !detailHolds
        ? `${code} came with detail ${JSON.stringify(error.detail)}, wanted ${JSON.stringify(detail)}`
        : `wanted ${code}, but ${describeOutcome(outcome)}`,
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/**
 * `expect(() => parseReport(x)).toFailWith("ERR_MALFORMED_LENGTH")`, or with a promise, or with a function that
 * returns one; those two must be awaited. With `detail`, the error's detail must contain those members.
 */
function toFailWith(received: unknown, code: ErrorCode, detail?: object) {
  const outcome: Outcome | PromiseLike<unknown> =
    typeof received === "function" ? call(received as () => unknown) : (received as PromiseLike<unknown>);
  if (isThenable(outcome)) return settle(outcome).then((settled) => judge(settled, code, detail));
  if (outcome.kind === "returned" && isThenable(outcome.value)) {
    return settle(outcome.value).then((settled) => judge(settled, code, detail));
  }
  return judge(outcome, code, detail);
}

expect.extend({ toFailWith });

/** A promise where the outcome must be awaited, undefined where it is judged at once. */
type Judged<T> = T extends (...args: never[]) => infer Returned
  ? [Returned] extends [never]
    ? undefined
    : Returned extends PromiseLike<unknown>
      ? Promise<undefined>
      : undefined
  : T extends PromiseLike<unknown>
    ? Promise<undefined>
    : undefined;

declare module "vitest" {
  interface Matchers<T> {
    /** Fails with an error of this library that carries this code (and, where given, this detail). */
    toFailWith(code: ErrorCode, detail?: object): Judged<T>;
  }
}
