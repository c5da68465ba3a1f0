import { malformed } from "./fail.js";

/** Makes a typed value of parsed JSON at a JSON Pointer, or throws `ERR_RESULT_MALFORMED`. */
export type Reader<Value> = (value: unknown, where: string) => Value;

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Read<R extends Readers> = { readonly [Name in keyof R]: ReturnType<R[Name]> };

const MAX_TEXT = 2048;
const MAX_LIST = 1024;

/** True for an object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A reader of values that pass a test. */
export function checked<Value>(wanted: string, test: (value: unknown) => value is Value): Reader<Value> {
  return (value, where) => {
    if (test(value)) return value;
    throw malformed(where, `expected ${wanted}, found ${kindOf(value)}`);
  };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `another ${typeof value}`;
}

/** Text of 1 to 2048 characters. */
export const text = checked(
  `text of 1 to ${MAX_TEXT} characters`,
  (value): value is string => typeof value === "string" && value.length > 0 && value.length <= MAX_TEXT,
);

/** Whole seconds of this century, as NumericDate; RFC 9711 allows EATs no fractions. */
export const seconds = checked(
  "whole seconds since 1970",
  (value): value is number => Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 4_102_444_800,
);

/** A number of 0 to a greatest one. */
export function wholeNumber(max: number): Reader<number> {
  const wanted = `a whole number of at most ${max}`;
  return checked(wanted, (value): value is number => {
    return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max;
  });
}

/** Text that matches. */
export function pattern(wanted: string, expression: RegExp): Reader<string> {
  return checked(wanted, (value): value is string => typeof value === "string" && expression.test(value));
}

/** Lower-case hex of so many bytes. */
export function hex(bytes: number): Reader<string> {
  return pattern(`${bytes} bytes as lower-case hex`, new RegExp(`^[0-9a-f]{${2 * bytes}}$`));
}

/** One of some words. */
export function word<const Word extends string>(...words: readonly Word[]): Reader<Word> {
  const known: readonly unknown[] = words;
  return checked(`one of ${words.join(", ")}`, (value): value is Word => known.includes(value));
}

/** Null, or what another reader reads. */
export function nullOr<Value>(reader: Reader<Value>): Reader<Value | null> {
  return (value, where) => (value === null ? null : reader(value, where));
}

/** A list of at most 1024. */
export function list<Value>(reader: Reader<Value>): Reader<readonly Value[]> {
  return (value, where) => {
    if (!Array.isArray(value) || value.length > MAX_LIST)
      throw malformed(where, `expected a list, found ${kindOf(value)}`);
    return value.map((item: unknown, index) => reader(item, `${where}/${index}`));
  };
}

/** One more token of a JSON Pointer. */
function at(where: string, name: string): string {
  return `${where}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** An object with exactly these members, of which the optional ones may be missing. */
export function members<R extends Readers, O extends Readers = Record<never, never>>(
  required: R,
  optional?: O,
): Reader<Read<R> & Partial<Read<O>>> {
  const readers: Readers = { ...required, ...optional };
  return (value, where) => {
    if (!isObject(value)) throw malformed(where, `expected an object, found ${kindOf(value)}`);
    for (const name of Reflect.ownKeys(value).map(String)) {
      if (!Object.hasOwn(readers, name)) throw malformed(at(where, name), "a member that is not known");
    }
    for (const name of Object.keys(required)) {
      if (!Object.hasOwn(value, name)) throw malformed(at(where, name), "expected this member, found none");
    }
    const entries = Object.entries(readers).filter(([name]) => Object.hasOwn(value, name));
    const read = entries.map(([name, reader]) => [name, reader(value[name], at(where, name))]);
    // Each required member was found, and each value is what the reader of its name made of it.
    return Object.fromEntries(read) as Read<R> & Partial<Read<O>>;
  };
}
