import { malformedContainer, shown } from "./container-error.js";
import { jsonContainer } from "./json-parts.js";

/** The members of a JSON object or of a CBOR map, by their names. */
export type Members = ReadonlyMap<string | number, unknown>;

/** A JSON object as a map, in which `__proto__` is a name like any other; null for anything else. */
export function objectMembers(value: unknown): Members | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return new Map<string | number, unknown>(Object.entries(value));
}

/** The members of a container that is a JSON object. @throws as `jsonContainer`, `ERR_MALFORMED_CONTAINER` */
export function jsonMembers(container: string, input: unknown): Members {
  const members = objectMembers(jsonContainer(container, input).value);
  if (members === null) throw malformedContainer(container, "JSON", "expected an object");
  return members;
}

/** A member of one kind; undefined where there is none. @throws MalformedError `ERR_MALFORMED_CONTAINER` */
export function memberOf<Kind>(
  { container, members }: { readonly container: string; readonly members: Members },
  name: string | number,
  { is, kind }: { readonly is: (value: unknown) => value is Kind; readonly kind: string },
): Kind | undefined {
  const value = members.get(name);
  if (value === undefined) return undefined;
  if (is(value)) return value;
  throw malformedContainer(container, String(name), `expected ${kind}, found ${shown(value)}`);
}

/** Texts, for `memberOf`. */
export const TEXT = { is: (value: unknown): value is string => typeof value === "string", kind: "a text" } as const;
/** Numbers, for `memberOf`. */
export const NUMBER = { is: (value: unknown): value is number => typeof value === "number", kind: "a number" } as const;
/** Byte strings, for `memberOf`. */
export const BYTES = {
  is: (value: unknown): value is Uint8Array => value instanceof Uint8Array,
  kind: "a byte string",
} as const;
