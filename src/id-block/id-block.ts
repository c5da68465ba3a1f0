import { copyBytes, readOptions } from "../bytes/arguments.js";
import { isZero } from "../bytes/codecs.js";
import { encodeLayout } from "../bytes/layout-encode.js";
import { textOf } from "../bytes/text.js";
import { decodeGuestPolicy, type GuestPolicy } from "../report/guest-policy.js";
import { ID_BLOCK_LAYOUT, ID_BLOCK_VERSION } from "./layouts.js";
import { expectNumber } from "./unsupported.js";

/** What an ID block says of a guest. Byte strings are in the order of the structure. */
export interface IdBlock {
  /** LD: the launch digest that the guest must have. */
  readonly measurement: Uint8Array;
  readonly familyId: Uint8Array;
  readonly imageId: Uint8Array;
  readonly guestSvn: number;
  readonly policy: GuestPolicy;
}

/** What `buildIdBlock` takes; every member must be said. */
export interface IdBlockFields {
  /** The launch digest, 48 bytes, not all zero. */
  measurement: Uint8Array;
  /** 16 bytes; zeros where nobody tells families apart. */
  familyId: Uint8Array;
  /** 16 bytes; zeros where nobody tells images apart. */
  imageId: Uint8Array;
  /** 0 to 2^32 - 1. */
  guestSvn: number;
  /** POLICY as the guest will be launched with it; bit 17 must be one. */
  policy: bigint;
}

const FIELD_NAMES = ["measurement", "familyId", "imageId", "guestSvn", "policy"] as const;
const GREATEST_SVN = 0xffff_ffff;
const GREATEST_POLICY = 2n ** 64n - 1n;

/**
 * Unverified: the fields of an ID_BLOCK.
 *
 * Checks length and version; no signature, and no field: neither that the digest is not zero nor POLICY bit 17.
 *
 * @param bytes - exactly 96 bytes; copied
 * @throws TypeError when `bytes` is no `Uint8Array`.
 * @throws MalformedError `ERR_MALFORMED_LENGTH`.
 * @throws UnsupportedError `ERR_UNSUPPORTED_ID_BLOCK` for another version than 1.
 *
 * Source: AMD 56860, SNP_LAUNCH_FINISH, ID block.
 */
export function parseIdBlock(bytes: Uint8Array): IdBlock {
  const { values } = ID_BLOCK_LAYOUT.parse(copyBytes(bytes, "bytes"));
  expectNumber(values.version, { what: "ID_BLOCK", field: "VERSION", supported: ID_BLOCK_VERSION });
  const { measurement, familyId, imageId, guestSvn, policy } = values;
  return Object.freeze({ measurement, familyId, imageId, guestSvn, policy: decodeGuestPolicy(policy) });
}

function exactBytes(value: unknown, length: number, name: string): Uint8Array {
  const bytes = copyBytes(value, name);
  if (bytes.length === length) return bytes;
  throw new TypeError(`${name} must have ${length} bytes, found ${bytes.length}`);
}

function measurementOf(value: unknown): Uint8Array {
  const measurement = exactBytes(value, 48, "fields.measurement");
  if (!isZero(measurement)) return measurement;
  throw new TypeError("fields.measurement must not be all zero: no guest has such a launch digest");
}

function svnOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= GREATEST_SVN) return value;
  throw new TypeError(`fields.guestSvn must be a whole number of 0 to 2^32 - 1, found ${textOf(value)}`);
}

function policyOf(value: unknown): bigint {
  if (typeof value !== "bigint" || value < 0n || value > GREATEST_POLICY) {
    throw new TypeError(`fields.policy must be a bigint of 0 to 2^64 - 1, found ${textOf(value)}`);
  }
  if (decodeGuestPolicy(value).reservedOne) return value;
  throw new TypeError(`fields.policy must have bit 17 set, found 0x${value.toString(16)}`);
}

/**
 * The 96 bytes of an ID_BLOCK, ready to be signed and given to the host.
 *
 * @throws TypeError for a member that is missing, unknown or does not fit, a measurement of zeros, a policy without
 * bit 17.
 *
 * Source: AMD 56860, SNP_LAUNCH_FINISH, ID block.
 */
export function buildIdBlock(fields: IdBlockFields): Uint8Array {
  const raw = readOptions(fields, "fields", FIELD_NAMES);
  return encodeLayout(ID_BLOCK_LAYOUT, {
    measurement: measurementOf(raw.measurement),
    familyId: exactBytes(raw.familyId, 16, "fields.familyId"),
    imageId: exactBytes(raw.imageId, 16, "fields.imageId"),
    version: ID_BLOCK_VERSION,
    guestSvn: svnOf(raw.guestSvn),
    policy: policyOf(raw.policy),
  });
}
