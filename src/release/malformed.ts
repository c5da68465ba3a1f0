import { fromBase64Url } from "../bytes/codecs.js";
import { isAttestationError, ReleaseError } from "../errors.js";

/** What a guest received is no sealed secret; `what` names the part. */
export function malformed(what: string, reason: string, options?: ErrorOptions): ReleaseError<"ERR_RELEASE_MALFORMED"> {
  const message = `${what}: ${reason}; hand in what was sealed, as it came`;
  return new ReleaseError("ERR_RELEASE_MALFORMED", message, { what, reason }, options);
}

/**
 * The members of an object, which has these and no others.
 *
 * @throws ReleaseError `ERR_RELEASE_MALFORMED`
 */
export function exactMembers<const Name extends string>(
  value: unknown,
  what: string,
  names: readonly Name[],
): Readonly<Record<Name, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(what, "expected an object");
  const own = Object.keys(value);
  const missing = names.find((name) => !own.includes(name));
  if (missing !== undefined || own.length !== names.length) {
    throw malformed(what, `expected the members ${names.join(", ")} and no others`);
  }
  // Object.fromEntries forgets the keys that the line above has found to be there.
  return Object.fromEntries(names.map((name) => [name, Reflect.get(value, name)])) as Record<Name, unknown>;
}

/**
 * Bytes spelled as base64url without padding.
 *
 * @throws ReleaseError `ERR_RELEASE_MALFORMED`, also above `maxBytes`.
 */
export function sealedBytes(value: unknown, what: string, maxBytes: number): Uint8Array {
  if (typeof value !== "string") throw malformed(what, "expected text in base64url");
  if (value.length > Math.ceil((maxBytes * 4) / 3)) throw malformed(what, `expected at most ${maxBytes} bytes`);
  try {
    return fromBase64Url(value, what);
  } catch (cause) {
    if (!isAttestationError(cause, "ERR_MALFORMED_ENCODING")) throw cause;
    throw malformed(what, cause.detail.reason, { cause });
  }
}
