import { p384 } from "@noble/curves/nist.js";
import { bytesToNumber, numberToBytes } from "./numbers.js";
import { p384Spki } from "./spki.js";

/** A P-384 test key made from a seed that everybody may know: worthless for trust. */
export interface ForgedP384Key {
  readonly kind: "p384";
  /** The private scalar, 48 bytes, big-endian. */
  readonly secretKey: Uint8Array;
  /** The public point, 97 bytes: 0x04, x, y. */
  readonly point: Uint8Array;
  /** SubjectPublicKeyInfo, secp384r1, DER. */
  readonly spki: Uint8Array;
  /** ECDSA with SHA-384 after RFC 6979: r then s, 48 bytes each, big-endian; s is high for about half of all. */
  sign(message: Uint8Array): Uint8Array;
}

const ORDER = /* @__PURE__ */ (() => p384.Point.Fn.ORDER)();
const SCALAR_BYTES = 48;

/** The P-384 key of at least 56 derived bytes; eight more than the order has keep the bias out of sight. */
export function p384KeyOf(bytes: Uint8Array): ForgedP384Key {
  const secretKey = numberToBytes((bytesToNumber(bytes) % (ORDER - 1n)) + 1n, SCALAR_BYTES);
  const point = p384.getPublicKey(secretKey, false);
  return Object.freeze({
    kind: "p384" as const,
    secretKey,
    point,
    spki: p384Spki(point),
    // Genuine signatures are high-S half of the time, so none is normalised here.
    sign: (message: Uint8Array) => p384.sign(message, secretKey, { lowS: false }),
  });
}

/** The other signature that verifies for the same message: s replaced by n - s. 96 bytes in and out, r then s. */
export function twinSignature(signature: Uint8Array): Uint8Array {
  const twin = signature.slice();
  const s = bytesToNumber(signature.subarray(SCALAR_BYTES));
  twin.set(numberToBytes(ORDER - s, SCALAR_BYTES), SCALAR_BYTES);
  return twin;
}
