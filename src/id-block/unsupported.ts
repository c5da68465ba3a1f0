import { UnsupportedError } from "../errors.js";

/** A number of the structures that has one value which is handled. */
export interface OnlyNumber {
  /** Names the structure in errors. */
  readonly what: string;
  /** AMD's name. */
  readonly field: string;
  readonly supported: number;
}

/** @throws UnsupportedError `ERR_UNSUPPORTED_ID_BLOCK` for any other number than the supported one. */
export function expectNumber(found: number, { what, field, supported }: OnlyNumber): void {
  if (found === supported) return;
  throw new UnsupportedError(
    "ERR_UNSUPPORTED_ID_BLOCK",
    `${what}: expected ${field} ${supported}, found ${found}; no other is handled`,
    { what, field, found, supported },
  );
}
