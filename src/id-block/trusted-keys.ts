import { copyBytes } from "../bytes/arguments.js";
import { isZero, toHex } from "../bytes/codecs.js";

/** Digests that are trusted, 48 bytes each and none all zero, or the word that any will do. */
export type TrustedKeys = readonly Uint8Array[] | "any";

const DIGEST_BYTES = 48;

function digestText(value: unknown, name: string): string {
  const digest = copyBytes(value, name);
  if (digest.length !== DIGEST_BYTES) throw new TypeError(`${name} must have 48 bytes, found ${digest.length}`);
  if (isZero(digest)) throw new TypeError(`${name} must not be all zero: that is what a report without a key says`);
  return toHex(digest);
}

/**
 * The trusted digests as lower-case hex, or the word.
 *
 * @throws TypeError for anything but the word or a list of at least one digest that is not all zero.
 */
export function readTrustedKeys(value: unknown, name: string): readonly string[] | "any" {
  if (value === "any") return value;
  if (!Array.isArray(value) || value.length === 0) {
    throw new TypeError(`${name} must be a list of digests, at least one, or the word "any"`);
  }
  return Array.from(value, (digest: unknown, index) => digestText(digest, `${name}[${index}]`));
}
