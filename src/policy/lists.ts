import type { Json } from "./json.js";
import { malformed, pointerTo } from "./malformed.js";
import type { Malformed } from "./schema.js";

/** More entries than all uses of named lists may have together. */
const MAX_USED = 100_000;

type JsonObject = { readonly [key: string]: Json };

/** A document with the named lists written out where they are used. */
export interface Expanded {
  readonly document: Json;
  /** An error whose place is in `lists` where what is wrong stands there. */
  readonly malformed: Malformed;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Replaces `{ "list": NAME }` by the list; keeps what it came upon for the places of errors. */
class Expander {
  readonly places: { readonly used: string; readonly list: string }[] = [];
  private readonly lists: JsonObject;
  private left = MAX_USED;

  constructor(lists: JsonObject) {
    this.lists = lists;
  }

  value(value: Json, pointer: string): Json {
    if (isList(value)) return value.map((entry, index) => this.value(entry, pointerTo(pointer, index)));
    if (!isObject(value)) return value;
    const { list, ...others } = value;
    if (typeof list === "string" && Object.keys(others).length === 0) return this.named(list, pointer);
    const entries = Object.entries(value).map(([key, inner]) => [key, this.value(inner, pointerTo(pointer, key))]);
    return Object.assign(Object.create(null), Object.fromEntries(entries));
  }

  private named(name: string, pointer: string): Json {
    const list = Object.hasOwn(this.lists, name) ? this.lists[name] : undefined;
    if (list === undefined) {
      throw malformed(
        `${pointer}/list`,
        "expected the name of a list in lists, found another; add it, or correct this",
      );
    }
    this.left -= isList(list) ? list.length : 1;
    if (this.left < 0) throw malformed(pointer, `expected at most ${MAX_USED} entries of lists in use; use them less`);
    this.places.push({ used: pointer, list: pointerTo("/lists", name) });
    return list;
  }
}

/**
 * The document with named lists written out. Whether a list may stand at a place, and its entries, are for the schema
 * to judge afterwards.
 *
 * @throws MalformedError `ERR_MALFORMED_POLICY` for a name that is no list, and for too many entries in all.
 */
export function expandLists(document: Json): Expanded {
  if (!isObject(document)) return { document, malformed };
  const { lists = {}, ...rest } = document;
  // A list is an object to the schema, whose names would be its indices.
  if (isList(lists)) throw malformed("/lists", "expected Object, found a list; give each list a name");
  // The schema tells it at its place.
  if (!isObject(lists)) return { document, malformed };
  const expander = new Expander(lists);
  const expanded = expander.value(rest, "");
  const whole = Object.hasOwn(document, "lists") ? Object.assign(Object.create(null), expanded, { lists }) : expanded;
  return {
    document: whole,
    malformed(pointer, reason) {
      const place = expander.places.find(({ used }) => pointer === used || pointer.startsWith(`${used}/`));
      return malformed(place === undefined ? pointer : place.list + pointer.slice(place.used.length), reason);
    },
  };
}
