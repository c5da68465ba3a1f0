import { readJson } from "../bytes/json.js";

/** A file as the recognisers look at it; what costs something is made once and only when asked for. */
export interface Sniffed {
  readonly bytes: Uint8Array;
  /** The text without white space, or null where a byte is no printable ASCII character and no white space. */
  text(): string | null;
  /** The members of a JSON object, or null for everything else; a key that stands twice makes it none. */
  object(): Readonly<Record<string, unknown>> | null;
  /** The items of a JSON array, or null for everything else. */
  array(): readonly unknown[] | null;
}

const BRACE = 0x7b;
const BRACKET = 0x5b;

/** The text without white space, or null where a byte is no printable ASCII character and no white space. */
export function asciiText(bytes: Uint8Array): string | null {
  let text = "";
  for (const byte of bytes) {
    const isSpace = byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
    if (!isSpace && (byte < 0x20 || byte > 0x7e)) return null;
    if (!isSpace) text += String.fromCharCode(byte);
  }
  return text;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  const first = bytes.find((byte) => byte > 0x20);
  if (first !== BRACE && first !== BRACKET) return undefined;
  const outcome = readJson(bytes);
  return outcome.ok ? outcome.value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Looks at a file without reading more of it than is asked for. Never throws. */
export function sniff(bytes: Uint8Array): Sniffed {
  const json = once(() => jsonOf(bytes));
  return {
    bytes,
    text: once(() => asciiText(bytes)),
    object: () => {
      const value = json();
      return isRecord(value) ? value : null;
    },
    array: () => {
      const value = json();
      return Array.isArray(value) ? value : null;
    },
  };
}
