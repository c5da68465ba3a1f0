/** A foreign value as text for a message; whatever it is, and whatever its `toString` does. Never throws. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value} that has no text`;
  }
}

/**
 * Characters that do something to a terminal or to the order of text: C0 and C1 controls, DEL, line and paragraph
 * separators, bidirectional marks and embeddings and other invisible format characters, halves of surrogate pairs.
 */
export const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/**
 * Text that came from outside, made safe to print on one line: what would move the cursor, colour the screen or
 * turn the reading direction stands as `\u{…}`. Longer than `limit` characters is cut, and says so.
 */
export function printable(text: string, limit = 2000): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}… (${text.length} characters)` : text;
  return cut.replace(UNPRINTABLE, escaped);
}
