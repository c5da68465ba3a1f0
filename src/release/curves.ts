import { toHex } from "../bytes/codecs.js";
import { P384_BYTES, p384PublicKey } from "../crypto/p384.js";

/** The curves of NIST that JSON Web Keys name. */
export type CurveName = "P-256" | "P-384" | "P-521";

/** A curve of NIST: its cofactor is one, so a point on it is a sound key. */
export interface Curve {
  readonly name: CurveName;
  /** Source: RFC 5480, section 2.1.1.1. */
  readonly oid: string;
  /** Bytes of one coordinate. */
  readonly bytes: number;
  /** True for an uncompressed point (0x04, x, y) that lies on the curve. */
  isPoint(point: Uint8Array): boolean;
}

const UNCOMPRESSED = 0x04;

const P256_PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const P256_B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const P521_PRIME = 2n ** 521n - 1n;
const P521_B =
  0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n;

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

/** y^2 = x^3 - 3x + b over the field of the prime. Source: FIPS 186-4, appendix D.1.2. */
function onCurve(point: Uint8Array, prime: bigint, b: bigint): boolean {
  const middle = (point.length + 1) / 2;
  const x = numberOf(point.subarray(1, middle));
  const y = numberOf(point.subarray(middle));
  return x < prime && y < prime && (y * y - (x * x - 3n) * x - b) % prime === 0n;
}

function isUncompressed(point: Uint8Array, bytes: number): boolean {
  return point.length === 1 + 2 * bytes && point[0] === UNCOMPRESSED;
}

/** Every curve that secrets are sealed on. */
const CURVES: readonly Curve[] = [
  {
    name: "P-256",
    oid: "1.2.840.10045.3.1.7",
    bytes: 32,
    isPoint: (point) => isUncompressed(point, 32) && onCurve(point, P256_PRIME, P256_B),
  },
  { name: "P-384", oid: "1.3.132.0.34", bytes: P384_BYTES, isPoint: (point) => p384PublicKey(point) !== null },
  {
    name: "P-521",
    oid: "1.3.132.0.35",
    bytes: 66,
    isPoint: (point) => isUncompressed(point, 66) && onCurve(point, P521_PRIME, P521_B),
  },
];

/** The curve with this name or OID; undefined for every other. */
export function findCurve(nameOrOid: unknown): Curve | undefined {
  return CURVES.find(({ name, oid }) => name === nameOrOid || oid === nameOrOid);
}
