import { p384 } from "@noble/curves/nist.js";
import { sha384 } from "@noble/hashes/sha2.js";
import { toHex } from "../bytes/codecs.js";
import type { P384PublicKey } from "../crypto/engine.js";
import { isP384Scalar, P384_BYTES } from "../crypto/p384.js";
import { createKeyTables } from "./key-tables.js";

/** About half of all genuine reports have a high s, which noble refuses unless told otherwise. */
const ANY_S = { lowS: false } as const;

const tables = /* @__PURE__ */ createKeyTables();

/** The big-endian number that bytes are. */
export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

/** True for r ‖ s of ECDSA with SHA-384 on P-384, each 48 bytes big-endian, s high or low. Never throws for bytes. */
export function verifyEcdsa(key: P384PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  // At another length noble throws, where an engine says false.
  if (signature.length !== 2 * P384_BYTES) return false;
  const point = tables.pointOf(key);
  if (point === undefined) return p384.verify(signature, message, key.point, ANY_S);
  return verifyByPoint(point, message, signature);
}

/**
 * The same with a point that may have a table, which noble's own verification does not take.
 *
 * Source: FIPS 186-5, section 6.4.2. SHA-384 and the order have the same number of bits: nothing is cut off the hash.
 */
export function verifyByPoint(
  point: InstanceType<typeof p384.Point>,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const [rBytes, sBytes] = [signature.subarray(0, P384_BYTES), signature.subarray(P384_BYTES)];
  if (!isP384Scalar(rBytes) || !isP384Scalar(sBytes)) return false;
  const { BASE, Fn } = p384.Point;
  const r = toBigInt(rBytes);
  const inverse = Fn.inv(toBigInt(sBytes));
  const u1 = Fn.mul(Fn.create(toBigInt(sha384(message))), inverse);
  const u2 = Fn.mul(r, inverse);
  const sum = BASE.multiplyUnsafe(u1).add(point.multiplyUnsafe(u2));
  return !sum.is0() && Fn.create(sum.toAffine().x) === r;
}
