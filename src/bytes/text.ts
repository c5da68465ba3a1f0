/** A foreign value as text for a message; whatever it is, and whatever its `toString` does. Never throws. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return `a value of type ${typeof value} that has no text`;
  }
}
