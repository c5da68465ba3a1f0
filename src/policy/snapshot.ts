import { isAttestationError } from "../errors.js";
import type { Json } from "./json.js";
import { malformed, pointerTo, shown } from "./malformed.js";

/** Deeper nesting than any policy needs; bounds the recursion of everything that reads documents. */
const MAX_DEPTH = 40;
/** Values of all kinds in one document: room for allow-lists of a fleet. */
const MAX_VALUES = 100_000;
/** Characters of all strings and keys together. */
const MAX_CHARACTERS = 8_000_000;

/** Names that objects of JavaScript treat as their own affair; no key of the language has them. */
const FORBIDDEN_KEYS: readonly string[] = ["__proto__", "constructor", "prototype"];

const LONE_SURROGATE = /\p{Surrogate}/u;

interface Budget {
  values: number;
  characters: number;
}

interface Spot {
  readonly pointer: string;
  readonly depth: number;
}

function spendText(text: string, pointer: string, budget: Budget): string {
  budget.characters -= text.length;
  if (budget.characters < 0)
    throw malformed(pointer, `expected at most ${MAX_CHARACTERS} characters of text in all; split the policy`);
  if (LONE_SURROGATE.test(text))
    throw malformed(pointer, "expected well-formed Unicode, found a lone surrogate; correct the text");
  return text;
}

function spendValue({ pointer, depth }: Spot, budget: Budget): void {
  budget.values -= 1;
  if (budget.values < 0) throw malformed(pointer, `expected at most ${MAX_VALUES} values in all; split the policy`);
  if (depth > MAX_DEPTH) throw malformed(pointer, `expected at most ${MAX_DEPTH} levels of nesting; flatten the rules`);
}

function copyList(list: readonly unknown[], spot: Spot, budget: Budget): Json[] {
  const copy: Json[] = [];
  const { length } = list;
  for (let index = 0; index < length; index++) {
    const inner = { pointer: pointerTo(spot.pointer, index), depth: spot.depth + 1 };
    copy.push(copyValue(list[index], inner, budget));
  }
  return copy;
}

function copyObject(object: object, spot: Spot, budget: Budget): Json {
  const entries: [string, Json][] = [];
  for (const key of Reflect.ownKeys(object)) {
    if (typeof key === "symbol")
      throw malformed(spot.pointer, `expected text as keys, found ${String(key)}; pass plain JSON`);
    const inner = { pointer: pointerTo(spot.pointer, key), depth: spot.depth + 1 };
    if (FORBIDDEN_KEYS.includes(key))
      throw malformed(inner.pointer, `found ${shown(key)}, which is no key of the language; remove it`);
    entries.push([spendText(key, inner.pointer, budget), copyValue(Reflect.get(object, key), inner, budget)]);
  }
  // No prototype: nothing that somebody hung on Object.prototype can pass for a key of the policy.
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has that realm's Object.prototype: one whose own prototype is null.
  return prototype === null || (typeof prototype === "object" && Object.getPrototypeOf(prototype) === null);
}

function copyValue(value: unknown, spot: Spot, budget: Budget): Json {
  spendValue(spot, budget);
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return spendText(value, spot.pointer, budget);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return copyList(value, spot, budget);
  if (typeof value === "object" && isPlain(value)) return copyObject(value, spot, budget);
  throw malformed(spot.pointer, `expected a JSON value, found ${kindOf(value)}; pass what JSON.parse returns`);
}

function kindOf(value: unknown): string {
  return typeof value === "object" ? "an object that is not plain" : `${typeof value} ${String(value)}`.slice(0, 60);
}

/**
 * A private deep copy of a JSON document. Each property is read once, so what is validated is what is used.
 *
 * @throws MalformedError `ERR_MALFORMED_POLICY` for what JSON cannot say, lone surrogates, and documents beyond the
 * budgets of depth and size.
 */
export function snapshot(document: unknown): Json {
  try {
    return copyValue(document, { pointer: "", depth: 0 }, { values: MAX_VALUES, characters: MAX_CHARACTERS });
  } catch (cause) {
    if (isAttestationError(cause)) throw cause;
    throw malformed(
      "",
      "expected a JSON value, found a property that cannot be read; pass what JSON.parse returns",
      cause,
    );
  }
}
