import { decode, type TagDecoder } from "cborg";
import { equalBytes } from "../bytes/codecs.js";
import { malformedContainer } from "./container-error.js";

/** Containers nest four levels; each level is a call on the library's stack. */
const MAX_DEPTH = 16;
/** A container has a few dozen items; an item takes at least one byte and far more memory. */
const MAX_ITEMS = 4096;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, tag: 6, simple: 7 } as const;
/** The simple values false, true and null; what else has major type 7 is a float, undefined or nothing registered. */
const SIMPLE_VALUES: readonly number[] = [20, 21, 22];
/** Every error that the library throws about its input begins so. */
const LIBRARY_ERROR = "CBOR decode error: ";

/** A tagged item. */
export class CborTag {
  readonly tag: number;
  readonly content: unknown;

  constructor(tag: number, content: unknown) {
    this.tag = tag;
    this.content = content;
  }
}

interface Head {
  readonly major: number;
  readonly argument: number;
  /** Where the head ends. */
  readonly end: number;
}

/** Reads the head of the item at `at`: definite lengths alone. An argument above 2^53 is rounded, and so refused. */
function readHead(container: string, bytes: Uint8Array, at: number): Head {
  const first = bytes[at];
  if (first === undefined) throw broken(container, at, "an item is missing");
  const info = first & 0x1f;
  if (info < 24) return { major: first >> 5, argument: info, end: at + 1 };
  if (info > 27) throw broken(container, at, "an indefinite length or a reserved head");
  const end = at + 1 + (1 << (info - 24));
  if (end > bytes.length) throw broken(container, at, "the head of an item is cut");
  const argument = bytes.subarray(at + 1, end).reduce((value, byte) => value * 256 + byte, 0);
  return { major: first >> 5, argument, end };
}

function broken(container: string, at: number, reason: string) {
  return malformedContainer(container, `0x${at.toString(16)}`, reason);
}

/** What stands open: how many items are still to come, and whether they are keys and values by turns. */
interface Level {
  left: number;
  readonly isMap: boolean;
}

/** A walk over all items that decodes none: it bounds depth, number and lengths before anything is allocated. */
interface Walk {
  readonly container: string;
  readonly bytes: Uint8Array;
  readonly levels: Level[];
  readonly tags: Set<number>;
}

function open({ container, bytes, levels }: Walk, end: number, { left, isMap }: Level): number {
  if (left > bytes.length - end) throw broken(container, end, `${left} items announced, more than there are bytes`);
  if (levels.length > MAX_DEPTH) throw broken(container, end, `nested deeper than ${MAX_DEPTH} levels`);
  levels.push({ left, isMap });
  return end;
}

function skipString({ container, bytes }: Walk, { major, argument, end }: Head): number {
  if (argument > bytes.length - end) throw broken(container, end, "a string reaches beyond the end");
  const content = bytes.subarray(end, end + argument);
  // The library would replace what is not UTF-8 and swallow a byte order mark, so two keys could become one.
  if (major === MAJOR.text && !isPlainUtf8(content)) throw broken(container, end, "text that is not UTF-8");
  return end + argument;
}

function isPlainUtf8(content: Uint8Array): boolean {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
  return !text.startsWith("\ufeff") && equalBytes(new TextEncoder().encode(text), content);
}

function passSimple({ container }: Walk, { argument, end }: Head, width: number): number {
  if (width === 1 && SIMPLE_VALUES.includes(argument)) return end;
  throw broken(container, end - width, "a float, undefined or an unknown simple value");
}

/** Steps over the item at `at`, or into it; answers where the next one starts. */
function step(walk: Walk, at: number, isKey: boolean): number {
  const { container, bytes } = walk;
  const head = readHead(container, bytes, at);
  const { major, argument, end } = head;
  if (isKey && major !== MAJOR.text && major !== MAJOR.unsigned && major !== MAJOR.negative) {
    throw broken(container, at, "a map key that is neither text nor an integer");
  }
  switch (major) {
    case MAJOR.unsigned:
    case MAJOR.negative:
      return end;
    case MAJOR.bytes:
    case MAJOR.text:
      return skipString(walk, head);
    case MAJOR.array:
      return open(walk, end, { left: argument, isMap: false });
    case MAJOR.map:
      return open(walk, end, { left: 2 * argument, isMap: true });
    case MAJOR.tag:
      walk.tags.add(argument);
      return open(walk, end, { left: 1, isMap: false });
    default:
      return passSimple(walk, head, end - at);
  }
}

/** The tags of an input that is fit for the library, its end apart. */
function survey(container: string, bytes: Uint8Array): ReadonlySet<number> {
  const walk: Walk = { container, bytes, levels: [{ left: 1, isMap: false }], tags: new Set() };
  let at = 0;
  let items = 0;
  for (let level = walk.levels.at(-1); level !== undefined; level = walk.levels.at(-1)) {
    if (level.left === 0) {
      walk.levels.pop();
      continue;
    }
    if (items++ === MAX_ITEMS) throw broken(container, at, `more than ${MAX_ITEMS} items`);
    const isKey = level.isMap && level.left % 2 === 0;
    level.left--;
    at = step(walk, at, isKey);
  }
  return walk.tags;
}

/**
 * Unverified: one CBOR item of deterministic heads: shortest arguments, definite lengths, no key twice, no floats, no
 * undefined, nothing behind it. Map keys are texts and integers; maps come as `Map`, tags as `CborTag`, bytes may be
 * views of the input.
 *
 * The order of map keys is not judged. At most 16 levels and 4096 items, checked before anything is decoded; the
 * caller bounds the length.
 *
 * @param container - named in errors
 * @throws MalformedError `ERR_MALFORMED_CONTAINER`
 *
 * Source: RFC 8949 section 4.2.1.
 */
export function readCbor(container: string, bytes: Uint8Array): unknown {
  const found = [...survey(container, bytes)];
  const tags = found.map((tag): [number, TagDecoder] => [tag, (content) => new CborTag(tag, content())]);
  try {
    return decode(bytes, {
      strict: true,
      useMaps: true,
      rejectDuplicateMapKeys: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowInfinity: false,
      allowNaN: false,
      tags: Object.fromEntries(tags),
    });
  } catch (error) {
    // Only what the library says of its input is the input's fault.
    if (!(error instanceof Error) || !error.message.startsWith(LIBRARY_ERROR)) throw error;
    // A key that stands there twice is quoted, however long it is.
    throw malformedContainer(container, "CBOR", error.message.slice(LIBRARY_ERROR.length).replace(/ ".*"$/s, ""));
  }
}
