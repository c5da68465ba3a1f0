import * as v from "valibot";

/** More entries than a list of the language may have. */
const MAX_LIST = 10_000;
const MAX_TEXT = 1000;

/** Bytes as hex digits, of one length or one of two. */
export function hexOf(...lengths: readonly number[]) {
  const digits = lengths.map((length) => `[0-9a-fA-F]{${2 * length}}`).join("|");
  const text = lengths.map((length) => `${2 * length} hex digits (${length} bytes)`).join(" or ");
  return v.pipe(v.string(), v.regex(new RegExp(`^(?:${digits})$`), text));
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

/** An object of optional keys that has exactly one of some of them. */
export function exactlyOne<const Entries extends v.ObjectEntries>(
  keys: readonly (keyof Entries & string)[],
  entries: Entries,
) {
  const text = `exactly one of the keys ${keys.map((key) => `"${key}"`).join(", ")}`;
  return v.pipe(
    v.strictObject(entries),
    v.check((value) => keys.filter((key) => Object.hasOwn(value, key)).length === 1, text),
  );
}
