import { malformedImport, shownValue } from "./malformed.js";
import { decodeLiterals } from "./textproto-string.js";
import { type Token, tokensOf } from "./textproto-tokens.js";

/** How deep messages and lists may nest. */
const MAX_DEPTH = 32;

/** A value as it is written, before a message description says what it should be. */
export type TextValue =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "number"; readonly value: bigint }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "message"; readonly fields: readonly TextField[] };

/** One field as it is written: `name: value`, `name { ... }` or `name: [ ... ]`. */
export interface TextField {
  readonly name: string;
  /** Counted from 1. */
  readonly line: number;
  /** Several, or none, only in a list. */
  readonly values: readonly TextValue[];
  readonly list: boolean;
}

interface Cursor {
  readonly format: string;
  readonly tokens: readonly Token[];
  /** The line of the end. */
  readonly lastLine: number;
  at: number;
  depth: number;
}

function isMark(cursor: Cursor, ...marks: readonly string[]): boolean {
  const token = cursor.tokens[cursor.at];
  return token !== undefined && token.kind === "mark" && marks.includes(token.text);
}

function accept(cursor: Cursor, ...marks: readonly string[]): boolean {
  if (!isMark(cursor, ...marks)) return false;
  cursor.at++;
  return true;
}

/** The error of the next token. */
function unexpected(cursor: Cursor, expected: string): Error {
  const token = cursor.tokens[cursor.at];
  const found = token === undefined ? "the end" : shownValue(token.text);
  return malformedImport(
    cursor.format,
    `line ${token?.line ?? cursor.lastLine}`,
    `expected ${expected}, found ${found}`,
  );
}

function take(cursor: Cursor, kind: Token["kind"], expected: string): Token {
  const token = cursor.tokens[cursor.at];
  if (token === undefined || token.kind !== kind) throw unexpected(cursor, expected);
  cursor.at++;
  return token;
}

/** Runs one level deeper. */
function nested<Result>(cursor: Cursor, run: () => Result): Result {
  if (cursor.depth === MAX_DEPTH) throw unexpected(cursor, `at most ${MAX_DEPTH} levels of nesting`);
  cursor.depth++;
  const result = run();
  cursor.depth--;
  return result;
}

function message(cursor: Cursor): TextValue {
  const open = take(cursor, "mark", "a message").text;
  const fields = nested(cursor, () => fieldsUntil(cursor, open === "{" ? "}" : ">"));
  cursor.at++;
  return { kind: "message", fields };
}

/** Literals that follow each other are one. */
function literals(cursor: Cursor): TextValue {
  const found: string[] = [];
  const { at } = cursor;
  while (cursor.tokens[cursor.at]?.kind === "string") found.push(take(cursor, "string", "text").text);
  const bytes = decodeLiterals(found);
  if (bytes !== null) return { kind: "bytes", bytes };
  cursor.at = at;
  throw unexpected(cursor, "escapes of the text format");
}

function scalar(cursor: Cursor): TextValue {
  if (cursor.tokens[cursor.at]?.kind === "string") return literals(cursor);
  if (cursor.tokens[cursor.at]?.kind === "word") return { kind: "word", text: take(cursor, "word", "a word").text };
  const negative = accept(cursor, "-");
  const { text } = take(cursor, "number", "a value");
  // An octal number of the format is one of JavaScript with an o after its zero.
  const value = BigInt(/^0[0-7]/.test(text) ? `0o${text}` : text);
  return { kind: "number", value: negative ? -value : value };
}

function value(cursor: Cursor): TextValue {
  return isMark(cursor, "{", "<") ? message(cursor) : scalar(cursor);
}

function list(cursor: Cursor): readonly TextValue[] {
  const values: TextValue[] = [];
  if (accept(cursor, "]")) return values;
  do values.push(value(cursor));
  while (accept(cursor, ","));
  if (!accept(cursor, "]")) throw unexpected(cursor, "a comma or ]");
  return values;
}

function field(cursor: Cursor): TextField {
  const { text: name, line } = take(cursor, "word", "the name of a field");
  const colon = accept(cursor, ":");
  if (!colon && !isMark(cursor, "{", "<")) throw unexpected(cursor, `a colon or { after ${name}`);
  const isList = accept(cursor, "[");
  const values = isList ? list(cursor) : [value(cursor)];
  accept(cursor, ",", ";");
  return { name, line, values, list: isList };
}

/** The fields up to a closing mark, which is not taken; up to the end where there is none. */
function fieldsUntil(cursor: Cursor, closing: string): readonly TextField[] {
  const fields: TextField[] = [];
  while (!isMark(cursor, closing)) {
    if (closing === "" && cursor.at === cursor.tokens.length) return fields;
    fields.push(field(cursor));
  }
  return fields;
}

/**
 * The fields of a message in protobuf's text format: messages in `{ }` and `< >`, lists, strings with escapes,
 * decimal, octal and hex integers, words, comments. Floats, extensions and expanded Any messages are refused, since
 * no format here has them. At most 32 levels.
 *
 * Source: protobuf.dev, Text Format Language Specification.
 *
 * @throws MalformedError `ERR_MALFORMED_IMPORT` with the line of the first mistake.
 */
export function parseTextproto(format: string, text: string): readonly TextField[] {
  const { tokens, end, line } = tokensOf(text);
  if (end < text.length) {
    throw malformedImport(
      format,
      `line ${line}`,
      `expected text format, found ${shownValue(text.slice(end, end + 20))}`,
    );
  }
  return fieldsUntil({ format, tokens, lastLine: line, at: 0, depth: 0 }, "");
}
