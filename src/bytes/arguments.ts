import { MalformedError } from "../errors.js";

/** 2020-01-01 and 2100-01-01: a clock outside is a mistake (seconds for milliseconds, an unset clock), not a time. */
const EARLIEST_NOW = Date.UTC(2020, 0, 1);
const LATEST_NOW = Date.UTC(2100, 0, 1);

// The getters that every typed array inherits. Called on any value they answer from internal slots, so arrays of
// another realm and Buffers count, and objects that only look like byte arrays do not.
const TYPED_ARRAY: object = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype);

function typedArrayGetter(key: string | symbol): (value: unknown) => unknown {
  const getter = Reflect.getOwnPropertyDescriptor(TYPED_ARRAY, key)?.get;
  if (getter === undefined) throw new TypeError(`this runtime has no %TypedArray%.prototype.${String(key)}`);
  return (value) => Reflect.apply(getter, value, []);
}

const typedArrayTag = /* @__PURE__ */ typedArrayGetter(Symbol.toStringTag);
const typedArrayLength = /* @__PURE__ */ typedArrayGetter("byteLength");
const typedArrayOffset = /* @__PURE__ */ typedArrayGetter("byteOffset");
const typedArrayBuffer = /* @__PURE__ */ typedArrayGetter("buffer");

/** What a value is, for messages: its type, or the name of its kind of object. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}

function isBytes(value: unknown): value is Uint8Array {
  return typedArrayTag(value) === "Uint8Array";
}

/**
 * The number of bytes in a `Uint8Array`, read past whatever the object itself says.
 *
 * @param name - the argument's name, for the error
 * @throws TypeError for anything but a `Uint8Array` (of any realm; a Buffer is one).
 */
export function byteLengthOf(value: unknown, name: string): number {
  if (!isBytes(value)) throw new TypeError(`${name} must be a Uint8Array, not ${kindOf(value)}`);
  return Number(typedArrayLength(value));
}

/**
 * A private copy of a caller's bytes: a plain `Uint8Array` on a buffer of its own, whatever it was a view of.
 *
 * @param name - the argument's name, for errors
 * @param maxLength - refused above this many bytes, before copying
 * @throws TypeError for anything but a `Uint8Array` (of any realm; a Buffer is one).
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above `maxLength`.
 */
export function copyBytes(value: unknown, name: string, maxLength = Number.POSITIVE_INFINITY): Uint8Array {
  checkLength(value, name, maxLength);
  // Copies what the array's internal slots say, whatever the object itself says.
  return new Uint8Array(value as Uint8Array);
}

/**
 * A caller's bytes where they are, as a plain `Uint8Array`: for looking at them before anything can change them.
 *
 * @throws as `copyBytes`
 */
export function viewBytes(value: unknown, name: string, maxLength = Number.POSITIVE_INFINITY): Uint8Array {
  const length = checkLength(value, name, maxLength);
  // byteLengthOf has found the value to be a typed array, so the getters answer its own buffer and place.
  return new Uint8Array(typedArrayBuffer(value) as ArrayBuffer, Number(typedArrayOffset(value)), length);
}

function checkLength(value: unknown, name: string, maxLength: number): number {
  const length = byteLengthOf(value, name);
  if (length > maxLength) {
    throw new MalformedError("ERR_MALFORMED_LENGTH", `${name}: expected at most ${maxLength} bytes, found ${length}`, {
      what: name,
      expected: `at most ${maxLength}`,
      actual: length,
    });
  }
  return length;
}

/** A caller's text. @throws TypeError for anything but a string. */
export function checkText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${name} must be a string, not ${kindOf(value)}`);
}

function quotedKey(key: string | symbol): string {
  return typeof key === "symbol" ? String(key) : JSON.stringify(key);
}

/**
 * A snapshot of an options object: each known property read once, undefined where it is absent.
 *
 * Properties must be the object's own: an inherited one is refused rather than ignored or obeyed.
 *
 * @param name - the argument's name, for errors
 * @param keys - the names that are known
 * @throws TypeError for no object, an array, an unknown or symbol key, an inherited option.
 */
export function readOptions<const Key extends string>(
  value: unknown,
  name: string,
  keys: readonly Key[],
): Readonly<Record<Key, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object, not ${kindOf(value)}`);
  }
  const known: readonly (string | symbol)[] = keys;
  for (const key of Reflect.ownKeys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`${name} has no option ${quotedKey(key)}; known are ${keys.join(", ")}`);
    }
  }
  const snapshot = {} as Record<Key, unknown>;
  for (const key of keys) keep(snapshot, key, ownValue(value, key, name));
  return snapshot;
}

/** Defines what assigning would hand to the setter that every object inherits. */
function keep(snapshot: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") snapshot[key] = value;
  else Object.defineProperty(snapshot, key, { value, enumerable: true, configurable: true, writable: true });
}

function ownValue(value: object, key: string, name: string): unknown {
  if (Object.hasOwn(value, key)) return Reflect.get(value, key);
  if (key in value) throw new TypeError(`${name}.${key} must be the object's own property, not inherited`);
  return undefined;
}

function timeOf(value: unknown, name: string): number {
  try {
    // Reads the internal slot: a Date of another realm has it, an object that only calls itself a Date has not.
    return Reflect.apply(Date.prototype.getTime, value, []);
  } catch (cause) {
    throw new TypeError(`${name} must be a Date, not ${kindOf(value)}`, { cause });
  }
}

/**
 * The milliseconds since 1970 of a caller's clock.
 *
 * @param name - the argument's name, for the error
 * @throws TypeError for anything but a valid `Date` (of any realm) from 2020-01-01 to 2100-01-01.
 */
export function checkNow(value: unknown, name: string): number {
  const time = timeOf(value, name);
  if (time >= EARLIEST_NOW && time <= LATEST_NOW) return time;
  const found = Number.isNaN(time) ? "an invalid Date" : new Date(time).toISOString();
  throw new TypeError(`${name} must be a Date from 2020-01-01 to 2100-01-01, found ${found}`);
}
