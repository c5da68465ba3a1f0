import { printable } from "./text.js";

/** How deep objects and arrays may nest; a policy needs fewer than 20 levels. */
const MAX_DEPTH = 64;
const MAX_REASON = 200;

/** What strict reading can object to. */
export interface JsonFault {
  /** JSON Pointer of the place; empty where the text as a whole is at fault. */
  readonly pointer: string;
  readonly reason: string;
}

/** A JSON value, or why there is none. */
export type JsonOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: JsonFault };

interface Level {
  /** The keys seen so far; null in an array. */
  readonly keys: Set<string> | null;
  /** How many items an array has had before the present one. */
  index: number;
  /** The key whose value comes next; null where a key is awaited, and in an array. */
  key: string | null;
}

/** Strings, and the characters that give JSON its shape; numbers and words between them do not matter here. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/gs;

function pointerOf(levels: readonly Level[]): string {
  return levels
    .map((level) => (level.keys === null ? String(level.index) : (level.key ?? "")))
    .map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
}

/** Takes a string token; answers true when it is a key that its object already has. */
function repeatsKey(level: Level | undefined, token: string): boolean {
  if (level === undefined || level.keys === null || level.key !== null) return false;
  // JSON text was parsed before, so the token is a valid string: "a" and "\u0061" are one key.
  level.key = String(JSON.parse(token));
  if (level.keys.has(level.key)) return true;
  level.keys.add(level.key);
  return false;
}

function passComma(level: Level | undefined): void {
  if (level === undefined) return;
  level.index++;
  level.key = null;
}

/** Takes the next token; answers what is wrong with it, or null. */
function passToken(levels: Level[], token: string): string | null {
  switch (token) {
    case "{":
    case "[":
      if (levels.length === MAX_DEPTH) return `nested deeper than ${MAX_DEPTH} levels`;
      levels.push({ keys: token === "{" ? new Set() : null, index: 0, key: null });
      return null;
    case "}":
    case "]":
      levels.pop();
      return null;
    case ",":
      passComma(levels.at(-1));
      return null;
    default:
      return repeatsKey(levels.at(-1), token) ? "this key stands twice in its object" : null;
  }
}

/** The first key that stands twice in its object, or the first level too deep; `text` is valid JSON. */
function findFault(text: string): JsonFault | null {
  const levels: Level[] = [];
  for (const [token] of text.matchAll(TOKEN)) {
    const reason = passToken(levels, token);
    if (reason !== null) return { pointer: pointerOf(levels), reason };
  }
  return null;
}

/**
 * Reads JSON as RFC 8259 has it and refuses what `JSON.parse` lets pass: a key twice in one object (the last would
 * silently win) and nesting deeper than 64 levels. Bytes must be UTF-8 without a byte order mark.
 *
 * The caller bounds the length, to a few MiB at the most. Never throws.
 */
export function readJson(bytes: Uint8Array): JsonOutcome {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { ok: false, fault: { pointer: "", reason: "not UTF-8" } };
  }
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Engines quote the text that they could not read, as it is.
    const reason = printable(error instanceof Error ? error.message : String(error), MAX_REASON);
    return { ok: false, fault: { pointer: "", reason: `not JSON: ${reason}` } };
  }
  const fault = findFault(text);
  return fault === null ? { ok: true, value } : { ok: false, fault };
}
