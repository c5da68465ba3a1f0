import { UNPRINTABLE } from "./printable.js";

/** Each UTF-16 unit as JSON escapes it. */
function escapedUnits(text: string): string {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}

/**
 * A value as JSON that is safe to look at: what would move a terminal's cursor or turn the reading direction is
 * escaped. `JSON.stringify` alone lets C1 controls and bidirectional marks pass.
 *
 * @param indent - spaces a level; 0 for one line
 */
export function jsonText(value: unknown, indent = 0): string {
  // Outside of strings JSON text has no character of this kind but the line feeds of the indentation.
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, (character) =>
    character === "\n" ? character : escapedUnits(character),
  );
}
