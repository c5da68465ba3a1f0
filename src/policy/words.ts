import * as v from "valibot";

/** More entries than a list of the language may have. */
const MAX_LIST = 10_000;
const MAX_TEXT = 1000;
const TIME = /^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const CPU = "0x[0-9a-f]{2}-0x[0-9a-f]{2}-0x[0-9a-f]{2}";
const CPU_TEXT = "a processor such as 0x19-0x11-0x01 (family, model, stepping)";

/** Text of one form; `text` says which. */
function textLike(form: RegExp, text: string) {
  return v.pipe(v.string(), v.regex(form, text));
}

/** Bytes as hex digits, of one length or one of two. */
export function hexOf(...lengths: readonly number[]) {
  const digits = lengths.map((length) => `[0-9a-fA-F]{${2 * length}}`).join("|");
  const text = lengths.map((length) => `${2 * length} hex digits (${length} bytes)`).join(" or ");
  return textLike(new RegExp(`^(?:${digits})$`), text);
}

/** A digest as hex digits. Zeros mean that there is none: they are no digest of anything. */
export function digestOf(length: number) {
  const text = `${2 * length} hex digits (${length} bytes) that are not all zero`;
  return textLike(new RegExp(`^(?!0+$)[0-9a-fA-F]{${2 * length}}$`), text);
}

/** A processor: family, model and stepping; or one of some other words. */
export function cpuOr(...words: readonly string[]) {
  const text = words.length === 0 ? CPU_TEXT : `${words.join(", ")} or ${CPU_TEXT}`;
  return textLike(new RegExp(`^(?:${[...words, CPU].join("|")})$`), text);
}

/** A time of this century in UTC, to the second. */
export function timeWord() {
  return textLike(TIME, "a time such as 2027-01-31T00:00:00Z");
}

/** A list that is not empty: an empty one would refuse everything. */
export function listOf<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(
    v.array(item),
    v.minLength(1, "at least one entry"),
    v.maxLength(MAX_LIST, `at most ${MAX_LIST} entries`),
  );
}

/** A value, or the word "any" that accepts everything. */
export function anyOr<const Schema extends v.GenericSchema>(schema: Schema) {
  return v.union([v.literal("any"), schema]);
}

/** An object of optional keys that says at least one thing. */
export function saying<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.pipe(v.strictObject(entries), v.minEntries(1, "at least one key"));
}

/** An object of names of the author's own. */
export function namedEach<const Key extends v.GenericSchema<string, string>, const Value extends v.GenericSchema>(
  key: Key,
  value: Value,
) {
  return v.pipe(v.record(key, value), v.minEntries(1, "at least one key"));
}

/** What a policy can say of a bit. */
export function bitWord() {
  return v.picklist(["required", "forbidden", "any"]);
}

/** What a policy can say of bits that this version does not know. */
export function unknownBitsWord() {
  return v.picklist(["forbidden", "any"]);
}

/** A schema for each of some names, all of them optional. */
export function eachOf<const Name extends string, const Schema extends v.GenericSchema>(
  names: readonly Name[],
  schema: Schema,
): Readonly<Record<Name, v.ExactOptionalSchema<Schema, undefined>>> {
  const entries = names.map((name) => [name, v.exactOptional(schema)] as const);
  // Object.fromEntries widens the keys to string; they are exactly `names`.
  return Object.fromEntries(entries) as Record<Name, v.ExactOptionalSchema<Schema, undefined>>;
}

/** Text of a person: a name or a reason. */
export function shortText() {
  return v.pipe(
    v.string(),
    v.minLength(1, "text that is not empty"),
    v.maxLength(MAX_TEXT, `at most ${MAX_TEXT} characters`),
  );
}

/** A whole number with both ends included. */
export function wholeNumber(least: number, greatest: number) {
  const text = `a whole number of ${least} to ${greatest}`;
  return v.pipe(v.number(), v.integer(text), v.minValue(least, text), v.maxValue(greatest, text));
}

/** A number of a byte. */
export function byteNumber() {
  return wholeNumber(0, 255);
}

/** Seconds, up to ten years. */
export function seconds() {
  return wholeNumber(1, 315_360_000);
}

/** An object of optional keys that has exactly one of some of them; the published schema reads which. */
export function exactlyOne<const Entries extends v.ObjectEntries>(
  keys: readonly (keyof Entries & string)[],
  entries: Entries,
) {
  const text = `exactly one of the keys ${keys.map((key) => `"${key}"`).join(", ")}`;
  return v.pipe(
    v.strictObject(entries),
    v.check((value) => keys.filter((key) => Object.hasOwn(value, key)).length === 1, text),
    v.metadata({ exactlyOne: keys }),
  );
}
