import { fromHex } from "../bytes/codecs.js";
import type { P384PublicKey } from "./engine.js";

/** The field prime of P-384. Source: FIPS 186-4, D.1.2.4. */
const P = 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n;
const B = 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn;
/** The order of the group, big-endian. */
const N = /* @__PURE__ */ fromHex(
  "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
);

/** Bytes of one coordinate, and of r and s. */
export const P384_BYTES = 48;
/** Bytes of an uncompressed point: 0x04, x, y. */
export const P384_POINT_BYTES = 1 + 2 * P384_BYTES;

/**
 * A public key from an uncompressed point; null for any other form and for a point that is not on the curve.
 *
 * Checked here and not by the engines: some runtimes import points that are not on the curve.
 */
export function p384PublicKey(point: Uint8Array): P384PublicKey | null {
  if (point.length !== P384_POINT_BYTES || point[0] !== 0x04) return null;
  const x = toBigInt(point.subarray(1, 1 + P384_BYTES));
  const y = toBigInt(point.subarray(1 + P384_BYTES));
  const onCurve = x < P && y < P && (y * y - (x * x - 3n) * x - B) % P === 0n;
  return onCurve ? Object.freeze({ kind: "p384", point: point.slice() }) : null;
}

/** True when r or s, 48 bytes big-endian, is in 1..n-1. */
export function isP384Scalar(bytes: Uint8Array): boolean {
  const differs = bytes.findIndex((byte, index) => byte !== N[index]);
  const belowN = differs !== -1 && Number(bytes[differs]) < Number(N[differs]);
  return belowN && bytes.some((byte) => byte !== 0);
}

/** What comes before the point in the SubjectPublicKeyInfo of a P-384 key. Source: RFC 5480. */
const SPKI_PREFIX = /* @__PURE__ */ fromHex("3076301006072a8648ce3d020106052b81040022036200");

/** The key as SubjectPublicKeyInfo in DER: the one form in which every runtime imports it alike. */
export function p384Spki({ point }: P384PublicKey): Uint8Array<ArrayBuffer> {
  const spki = new Uint8Array(SPKI_PREFIX.length + point.length);
  spki.set(SPKI_PREFIX);
  spki.set(point, SPKI_PREFIX.length);
  return spki;
}

/** The big-endian number in 48 bytes, eight at a time: on text it would take ten times as long. */
function toBigInt(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let value = 0n;
  for (let offset = 0; offset < P384_BYTES; offset += 8) value = (value << 64n) | view.getBigUint64(offset);
  return value;
}
