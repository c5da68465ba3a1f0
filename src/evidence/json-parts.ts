import { copyBytes } from "../bytes/arguments.js";
import { fromBase64, fromBase64Url, fromHex } from "../bytes/codecs.js";
import { readJson } from "../bytes/json.js";
import { malformedContainer, shown } from "./container-error.js";

/** The longest JSON that an opener reads; the largest genuine one, bytes spelled as numbers, has 41 kB. */
export const MAX_JSON_BYTES = 262_144;

const MAX_SHOWN = 100;

/** A value inside a JSON container, and where it stands there. */
export interface JsonPart {
  readonly container: string;
  /** The keys and indices on the way, joined by slashes; empty for the whole. */
  readonly where: string;
  readonly value: unknown;
}

/**
 * A private copy of a text that a caller handed over as bytes or as a string.
 *
 * A lone surrogate in a string becomes U+FFFD, as it does wherever a string is sent.
 *
 * @throws TypeError for anything else.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above `maxBytes` bytes of UTF-8.
 */
export function textBytes(input: unknown, name: string, maxBytes: number): Uint8Array {
  // A text has at least as many bytes as UTF-16 units, so what is far too long is cut before it is encoded.
  return copyBytes(
    typeof input === "string" ? new TextEncoder().encode(input.slice(0, maxBytes + 1)) : input,
    name,
    maxBytes,
  );
}

/**
 * Unverified: the value of a container that is JSON, read strictly: no key twice, 64 levels, UTF-8.
 *
 * @throws TypeError, MalformedError as `textBytes`; `ERR_MALFORMED_CONTAINER` for what is no such JSON.
 */
export function jsonContainer(container: string, input: unknown, name = "input"): JsonPart {
  const outcome = readJson(textBytes(input, name, MAX_JSON_BYTES));
  if (outcome.ok) return { container, where: "", value: outcome.value };
  const { pointer, reason } = outcome.fault;
  throw malformedContainer(container, cut(pointer.slice(1)) || "JSON", cut(reason));
}

/** Keys and complaints are made of foreign text; an error stays one short line. */
function cut(text: string): string {
  const line = text.replaceAll(/[^ -~]/g, "?");
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}...` : line;
}

function wrong(part: JsonPart, expected: string): Error {
  return malformedContainer(part.container, part.where || "JSON", `expected ${expected}, found ${shown(part.value)}`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function below(part: JsonPart, step: string | number, value: unknown): JsonPart {
  return { container: part.container, where: part.where === "" ? String(step) : `${part.where}/${step}`, value };
}

/** The object's own keys. @throws MalformedError `ERR_MALFORMED_CONTAINER` for anything but an object. */
export function keysOf(part: JsonPart): readonly string[] {
  if (!isObject(part.value)) throw wrong(part, "an object");
  return Object.keys(part.value);
}

/** A member of an object; undefined where it is absent or null. @throws as `keysOf` */
export function memberOf(part: JsonPart, key: string): JsonPart | undefined {
  if (!keysOf(part).includes(key)) return undefined;
  const value: unknown = Reflect.get(Object(part.value), key);
  return value === null ? undefined : below(part, key, value);
}

/** A member that must be there and not null. @throws as `keysOf` */
export function needMember(part: JsonPart, key: string): JsonPart {
  const member = memberOf(part, key);
  if (member !== undefined) return member;
  throw malformedContainer(part.container, below(part, key, null).where, "missing");
}

/** The items of an array. @throws MalformedError `ERR_MALFORMED_CONTAINER` for no array or more than `max` items. */
export function itemsOf(part: JsonPart, max: number): readonly JsonPart[] {
  const { value } = part;
  if (!Array.isArray(value)) throw wrong(part, "an array");
  if (value.length > max) {
    throw malformedContainer(part.container, part.where, `expected at most ${max} items, found ${value.length}`);
  }
  return value.map((item: unknown, index) => below(part, index, item));
}

/** @throws MalformedError `ERR_MALFORMED_CONTAINER` for anything but a string. */
export function textOf(part: JsonPart): string {
  if (typeof part.value === "string") return part.value;
  throw wrong(part, "a string");
}

/**
 * @throws MalformedError `ERR_MALFORMED_CONTAINER` for anything but an integer from 0 to `greatest`, and above 2^53 - 1:
 * JSON readers round such numbers, so what was written is not known.
 */
export function integerOf(part: JsonPart, greatest: number): number {
  const { value } = part;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= greatest) return value;
  throw wrong(part, `an integer of 0 to ${greatest}`);
}

/** Bytes spelled as an array of numbers. @throws MalformedError `ERR_MALFORMED_CONTAINER` */
export function numbersOf(part: JsonPart): Uint8Array {
  const { value } = part;
  if (!Array.isArray(value)) throw wrong(part, "an array of bytes");
  const bad = value.findIndex((item: unknown) => !(Number.isInteger(item) && Number(item) >= 0 && Number(item) <= 255));
  if (bad >= 0) throw wrong(below(part, bad, value[bad]), "a byte");
  return Uint8Array.from(value, Number);
}

function nameOf(part: JsonPart): string {
  return `${part.container}: ${part.where}`;
}

/** Bytes spelled as hex. @throws MalformedError `ERR_MALFORMED_CONTAINER`, `ERR_MALFORMED_ENCODING` */
export function hexOf(part: JsonPart): Uint8Array {
  return fromHex(textOf(part), nameOf(part));
}

/** Bytes spelled as padded base64. @throws MalformedError `ERR_MALFORMED_CONTAINER`, `ERR_MALFORMED_ENCODING` */
export function base64Of(part: JsonPart): Uint8Array {
  return fromBase64(textOf(part), nameOf(part));
}

/** Bytes spelled as base64url, padded or not. @throws MalformedError `ERR_MALFORMED_CONTAINER`, `ERR_MALFORMED_ENCODING` */
export function base64UrlOf(part: JsonPart): Uint8Array {
  const text = textOf(part);
  const digits = text.length % 4 === 0 ? text.replace(/={1,2}$/, "") : text;
  return fromBase64Url(digits, nameOf(part));
}
