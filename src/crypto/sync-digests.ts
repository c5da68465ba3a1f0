/** A SHA-256 over bytes that come in pieces. */
export interface RunningDigest {
  /** Takes the next bytes; does not keep them. */
  update(data: Uint8Array): void;
  /** The digest of everything so far; called once, last. */
  digest(): Uint8Array;
}

/**
 * Digests at once, for chains of many thousand small ones, where waiting for each would cost more than computing it.
 *
 * Arguments are not changed and not kept: a caller may use one buffer again and again. Answers may be any
 * `Uint8Array` of the right length; they are copied.
 */
export interface SyncDigests {
  /** Shown in errors. */
  readonly name: string;
  /** SHA-384 of `data`, 48 bytes. */
  sha384(data: Uint8Array): Uint8Array;
  /** A SHA-256 that takes its bytes in pieces. */
  sha256(): RunningDigest;
}

function isDigests(value: unknown): value is SyncDigests {
  if (typeof value !== "object" || value === null) return false;
  return ["sha384", "sha256"].every((verb) => typeof Reflect.get(value, verb) === "function");
}

/**
 * The digests that a caller passed.
 *
 * @param name - the argument's name, for the error
 * @throws TypeError for anything without the two verbs.
 */
export function checkDigests(value: unknown, name: string): SyncDigests {
  if (isDigests(value)) return value;
  throw new TypeError(`${name} must be SyncDigests with sha384 and sha256`);
}
