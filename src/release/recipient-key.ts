import type { Curve } from "./curves.js";
import { unfitKey } from "./key-error.js";
import type { RsaRecipient } from "./rsa.js";
import { isSmallOrder, X25519_BYTES } from "./x25519.js";

/** A point on a curve of NIST, 0x04 then x and y. */
export interface EcRecipient {
  readonly kind: "ec";
  readonly curve: Curve;
  readonly point: Uint8Array;
}

/** An X25519 key of large order. */
export interface X25519Recipient {
  readonly kind: "x25519";
  readonly raw: Uint8Array;
}

/** A public key that was found fit to seal to. */
export type RecipientKey = EcRecipient | X25519Recipient | RsaRecipient;

/** @throws ReleaseError `ERR_RELEASE_KEY` for anything but an uncompressed point on the curve. */
export function ecRecipient(curve: Curve, point: Uint8Array, what: string): EcRecipient {
  if (curve.isPoint(point)) return { kind: "ec", curve, point: point.slice() };
  throw unfitKey(what, `expected an uncompressed point on ${curve.name}, found ${point.length} bytes that are none`);
}

/** @throws ReleaseError `ERR_RELEASE_KEY` for another length than 32 bytes, and for a key of small order. */
export function x25519Recipient(raw: Uint8Array, what: string): X25519Recipient {
  if (raw.length !== X25519_BYTES) throw unfitKey(what, `expected 32 bytes of X25519, found ${raw.length}`);
  if (isSmallOrder(raw)) throw unfitKey(what, "an X25519 key of small order: everybody can open what is sealed to it");
  return { kind: "x25519", raw: raw.slice() };
}
