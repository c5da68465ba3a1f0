import { fromBase64Url } from "../bytes/codecs.js";
import { CborTag, readCbor } from "./cbor.js";
import { malformedContainer, shown, unsupportedContainer } from "./container-error.js";
import { type Members, objectMembers } from "./json-members.js";
import { jsonContainer } from "./json-parts.js";

/** One message of a CMW. */
export interface CmwItem {
  /** Its label in the collection; null for a record that stands alone. */
  readonly label: string | number | null;
  /** A media type in lower case, or a CoAP content format. */
  readonly type: string | number;
  /** Bits that say what the message is (2 is evidence); null where they are not there. */
  readonly indicator: number | null;
  readonly value: Uint8Array;
}

/** A CMW taken apart, its messages not looked into. */
export interface CmwItems {
  /** `__cmwc_t` of a collection; null without one and for a record. */
  readonly collectionType: string | null;
  readonly items: readonly CmwItem[];
}

/** The form of a CMW: how its values are written. */
type Form = "JSON" | "CBOR";

const NAME = "CMW";
const TYPE_KEY = "__cmwc_t";
/** A collection of evidence has a handful of messages. */
const MAX_ITEMS = 64;
/** Reference values, endorsements, evidence, results and policy. */
const GREATEST_INDICATOR = 0b11111;
/** CBOR tags that stand for CoAP content formats. Source: RFC 9277 appendix B. */
const TAGS = { first: 1_668_546_817, last: 1_668_612_095, step: 256, formats: 255 } as const;
const OBJECT_START = 0x7b;
const ARRAY_START = 0x5b;
const MAJOR_ARRAY = 4;
const MAJOR_TAG = 6;

/** What was found where a message should be, and where that is. */
interface Place {
  readonly form: Form;
  readonly label: string | number | null;
}

function whereOf({ label }: Place): string {
  return label === null ? "record" : `item ${shown(label)}`;
}

function typeOf(place: Place, type: unknown): string | number {
  if (typeof type === "string") {
    if (type.startsWith("#")) throw unsupportedContainer(NAME, whereOf(place), "a CMW tunnelled in another form");
    return type.toLowerCase();
  }
  if (place.form === "CBOR" && typeof type === "number" && type >= 0) return type;
  throw malformedContainer(NAME, whereOf(place), `expected a media type, found ${shown(type)}`);
}

function contentOf(place: Place, value: unknown): Uint8Array {
  if (place.form === "JSON" && typeof value === "string") return fromBase64Url(value, `${NAME}: ${whereOf(place)}`);
  if (place.form === "CBOR" && value instanceof Uint8Array) return value.slice();
  const wanted = place.form === "JSON" ? "base64url text" : "a byte string";
  throw malformedContainer(NAME, whereOf(place), `expected ${wanted}, found ${shown(value)}`);
}

function indicatorOf(place: Place, indicator: unknown): number {
  const isNumber = typeof indicator === "number" && Number.isInteger(indicator);
  if (isNumber && indicator > 0 && indicator <= GREATEST_INDICATOR) return indicator;
  throw malformedContainer(NAME, whereOf(place), `expected an indicator of 1 to 31, found ${shown(indicator)}`);
}

function recordOf(place: Place, record: readonly unknown[]): CmwItem {
  if (record.length !== 2 && record.length !== 3) {
    throw malformedContainer(NAME, whereOf(place), `expected 2 or 3 elements, found ${record.length}`);
  }
  const [type, value, indicator] = record;
  return {
    label: place.label,
    type: typeOf(place, type),
    indicator: record.length === 2 ? null : indicatorOf(place, indicator),
    value: contentOf(place, value),
  };
}

function taggedOf(place: Place, { tag, content }: CborTag): CmwItem {
  const index = tag - TAGS.first;
  const remainder = index % TAGS.step;
  if (tag < TAGS.first || tag > TAGS.last || remainder === TAGS.formats) {
    throw unsupportedContainer(NAME, whereOf(place), `CBOR tag ${tag}`);
  }
  const type = Math.floor(index / TAGS.step) * TAGS.formats + remainder;
  return { label: place.label, type, indicator: null, value: contentOf(place, content) };
}

function membersOf(value: unknown): Members | null {
  if (value instanceof Map) return value;
  // Bytes and tags are objects too, and no collections.
  return value instanceof Uint8Array || value instanceof CborTag ? null : objectMembers(value);
}

function itemOf(place: Place, value: unknown): CmwItem {
  if (Array.isArray(value)) return recordOf(place, value);
  if (value instanceof CborTag) return taggedOf(place, value);
  if (membersOf(value) !== null) throw unsupportedContainer(NAME, whereOf(place), "a collection inside a collection");
  throw malformedContainer(NAME, whereOf(place), `expected a record, found ${shown(value)}`);
}

function collectionOf(form: Form, members: Members): CmwItems {
  const type = members.get(TYPE_KEY);
  if (type !== undefined && typeof type !== "string") {
    throw malformedContainer(NAME, TYPE_KEY, `expected a text, found ${shown(type)}`);
  }
  const labelled = [...members].filter(([label]) => label !== TYPE_KEY);
  if (labelled.length === 0 || labelled.length > MAX_ITEMS) {
    throw malformedContainer(NAME, "collection", `expected 1 to ${MAX_ITEMS} items, found ${labelled.length}`);
  }
  return { collectionType: type ?? null, items: labelled.map(([label, value]) => itemOf({ form, label }, value)) };
}

/** The messages of a CMW that is a JSON value, or one that `readCbor` has made. */
export function cmwItemsOf(form: Form, value: unknown): CmwItems {
  const members = membersOf(value);
  if (members !== null) return collectionOf(form, members);
  return { collectionType: null, items: [itemOf({ form, label: null }, value)] };
}

/** The messages of a CMW in bytes; its first byte tells its form. */
export function readCmwItems(bytes: Uint8Array): CmwItems {
  const first = bytes[0] ?? 0;
  if (first === OBJECT_START || first === ARRAY_START) return cmwItemsOf("JSON", jsonContainer(NAME, bytes).value);
  const major = first >> 5;
  if (major >= MAJOR_ARRAY && major <= MAJOR_TAG) return cmwItemsOf("CBOR", readCbor(NAME, bytes));
  throw malformedContainer(NAME, "0x0", `expected a record, a collection or a tag, found 0x${first.toString(16)}`);
}
