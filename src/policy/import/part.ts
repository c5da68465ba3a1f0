import { copyBytes } from "../../bytes/arguments.js";
import { fromBase64, fromHex } from "../../bytes/codecs.js";
import { readJson } from "../../bytes/json.js";
import { isAttestationError } from "../../errors.js";
import { malformedImport, shortLine, shownValue } from "./malformed.js";

/** The longest input that an importer reads, in bytes of UTF-8. */
const MAX_INPUT_BYTES = 262_144;

/** More items than a list of an input may have. */
const MAX_ITEMS = 4096;

/** What an importer reads: text, or its bytes in UTF-8. */
export type ImportInput = string | Uint8Array;

/** A value inside an input, and where it stands there. */
export interface Part {
  readonly format: string;
  /** The keys and indices on the way, joined by slashes; empty for the whole. */
  readonly where: string;
  readonly value: unknown;
}

/**
 * A private copy of the input as bytes. A lone surrogate in a string becomes U+FFFD.
 *
 * @throws TypeError for anything but text or bytes.
 * @throws MalformedError `ERR_MALFORMED_LENGTH` above 262,144 bytes.
 */
function inputBytes(input: unknown): Uint8Array {
  // A text has at least as many bytes as UTF-16 units, so what is far too long is cut before it is encoded.
  const value = typeof input === "string" ? new TextEncoder().encode(input.slice(0, MAX_INPUT_BYTES + 1)) : input;
  return copyBytes(value, "input", MAX_INPUT_BYTES);
}

/** The text that bytes are in UTF-8; null where they are none. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * The input as text.
 *
 * @throws as `inputBytes`; MalformedError `ERR_MALFORMED_IMPORT` for bytes that are not UTF-8.
 */
export function inputText(format: string, input: unknown): string {
  const text = utf8Text(inputBytes(input));
  if (text !== null) return text;
  throw malformedImport(format, "", "expected UTF-8, found other bytes");
}

/**
 * The input as JSON, read strictly: no key twice, 64 levels, UTF-8.
 *
 * @throws as `inputText`; MalformedError `ERR_MALFORMED_IMPORT` for what is no such JSON.
 */
export function jsonPart(format: string, input: unknown): Part {
  const outcome = readJson(inputBytes(input));
  if (outcome.ok) return { format, where: "", value: outcome.value };
  const { pointer, reason } = outcome.fault;
  throw malformedImport(format, pointer.slice(1), shortLine(reason));
}

/** A value below a part. */
function below(part: Part, step: string | number, value: unknown): Part {
  return { format: part.format, where: part.where === "" ? String(step) : `${part.where}/${step}`, value };
}

/** The error of a part that is not what was expected. */
export function wrong(part: Part, expected: string): Error {
  return malformedImport(part.format, part.where, `expected ${expected}, found ${shownValue(part.value)}`);
}

/** The members of an object by name; what is null counts as absent. @throws MalformedError for no object. */
export function membersOf(part: Part): ReadonlyMap<string, Part> {
  const { value } = part;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(part, "an object");
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return new Map(members.map(([key, member]) => [key, below(part, key, member)]));
}

/** The members that a format knows; those that are absent or null are undefined. */
export type Fields<Key extends string> = { readonly [Name in Key]: Part | undefined };

/**
 * The members of an object, all of whose keys must be known: a rule that is not understood is not left out.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` for no object and for an unknown key.
 */
export function fieldsOf<const Key extends string>(part: Part, keys: readonly Key[]): Fields<Key> {
  const members = membersOf(part);
  const known: readonly string[] = keys;
  for (const [key, member] of members) {
    if (known.includes(key)) continue;
    throw malformedImport(
      part.format,
      member.where,
      `expected one of ${keys.join(", ")}, found another key; remove it`,
    );
  }
  // Each key of the list gets an entry.
  return Object.fromEntries(keys.map((key) => [key, members.get(key)])) as Fields<Key>;
}

/** A member that must be there. @throws MalformedError `ERR_MALFORMED_IMPORT` where it is not. */
export function needed(part: Part | undefined, above: Part, key: string): Part {
  if (part !== undefined) return part;
  throw malformedImport(above.format, below(above, key, null).where, "expected a value, found none; add it");
}

/** The items of a list. @throws MalformedError `ERR_MALFORMED_IMPORT` for no list, and above 4096 items. */
export function itemsOf(part: Part): readonly Part[] {
  const { value } = part;
  if (!Array.isArray(value)) throw wrong(part, "a list");
  if (value.length > MAX_ITEMS) throw wrong(part, `at most ${MAX_ITEMS} items`);
  return value.map((item: unknown, index) => below(part, index, item));
}

/** @throws MalformedError `ERR_MALFORMED_IMPORT` for anything but text. */
export function textOf(part: Part): string {
  if (typeof part.value === "string") return part.value;
  throw wrong(part, "text");
}

/** @throws MalformedError `ERR_MALFORMED_IMPORT` for anything but true or false. */
export function flagOf(part: Part): boolean {
  if (typeof part.value === "boolean") return part.value;
  throw wrong(part, "true or false");
}

/** @throws MalformedError `ERR_MALFORMED_IMPORT` for anything but a whole number from 0 to `greatest`. */
export function integerOf(part: Part, greatest: number): number {
  const { value } = part;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= greatest) return value;
  throw wrong(part, `a whole number of 0 to ${greatest}`);
}

function checkedBytes(part: Part, decode: () => Uint8Array, lengths: readonly number[]): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = decode();
  } catch (error) {
    if (!isAttestationError(error, "ERR_MALFORMED_ENCODING")) throw error;
    throw malformedImport(part.format, part.where, error.detail.reason);
  }
  if (lengths.includes(bytes.length)) return bytes;
  throw malformedImport(part.format, part.where, `expected ${lengths.join(" or ")} bytes, found ${bytes.length}`);
}

/** Bytes of some length, spelled as hex without a prefix. @throws MalformedError `ERR_MALFORMED_IMPORT` */
export function hexOf(part: Part, ...lengths: readonly number[]): Uint8Array {
  return checkedBytes(part, () => fromHex(textOf(part)), lengths);
}

/** Bytes of some length, spelled as padded base64. @throws MalformedError `ERR_MALFORMED_IMPORT` */
export function base64Of(part: Part, ...lengths: readonly number[]): Uint8Array {
  return checkedBytes(part, () => fromBase64(textOf(part)), lengths);
}
