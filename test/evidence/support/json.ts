import { utf8 } from "./bytes.js";

/** A JSON value as bytes. */
export function jsonBytes(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}

/** Takes the member out instead of changing it, for `edited`. */
export const GONE = Symbol("gone");

/** A copy of a JSON value with one member, named by its keys joined with slashes, changed or taken out. */
export function edited(value: object, path: string, member: unknown): unknown {
  const copy = structuredClone(value);
  const keys = path.split("/");
  const last = keys.pop() ?? "";
  // A path that leads nowhere is a mistake of the test, and throws.
  const home = keys.reduce<Record<string, unknown>>(
    (part, key) => part[key] as Record<string, unknown>,
    copy as Record<string, unknown>,
  );
  if (member === GONE) {
    if (!(last in home)) throw new Error(`no member ${path}`);
    delete home[last];
  } else home[last] = member;
  return copy;
}

/** The same as bytes. */
export function editedBytes(value: object, path: string, member: unknown): Uint8Array {
  return jsonBytes(edited(value, path, member));
}

/** The text of a JSON object, with a member of the whole written a second time at its end. */
export function doubled(value: object, key: string): Uint8Array {
  const text = JSON.stringify(value);
  const member = JSON.stringify((value as Record<string, unknown>)[key]);
  return utf8(`${text.slice(0, -1)},${JSON.stringify(key)}:${member}}`);
}
