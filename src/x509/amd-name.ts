import { AMD_ORGANIZATION } from "../amd/names.js";
import { concatBytes } from "../bytes/codecs.js";
import { TAG } from "../der/cursor.js";

/** The attributes of AMD's names in their order: last arc of the OID (2.5.4.n), string type, text. */
const ATTRIBUTES: readonly (readonly [arc: number, tag: number, text: string])[] = [
  [11, TAG.utf8String, "Engineering"],
  [6, TAG.printableString, "US"],
  [7, TAG.utf8String, "Santa Clara"],
  [8, TAG.utf8String, "CA"],
  [10, TAG.utf8String, AMD_ORGANIZATION],
];
const COMMON_NAME_ARC = 3;

/**
 * The name of a pinned key in DER, as AMD's certificates write it: what stands in a leaf as issuer where no
 * intermediate certificate was supplied.
 *
 * Source: measured on AMD's certificates.
 */
export function encodeAmdName(commonName: string): Uint8Array {
  const attributes = [...ATTRIBUTES, [COMMON_NAME_ARC, TAG.utf8String, commonName] as const];
  return element(TAG.sequence, ...attributes.map(([arc, tag, text]) => encodeRdn(arc, tag, text)));
}

function encodeRdn(arc: number, tag: number, text: string): Uint8Array {
  const oid = element(TAG.oid, Uint8Array.of(0x55, 0x04, arc));
  return element(TAG.set, element(TAG.sequence, oid, element(tag, new TextEncoder().encode(text))));
}

/** One element; all of these are far below the 128 bytes up to which a length is one byte, but for the whole name. */
function element(tag: number, ...content: Uint8Array[]): Uint8Array {
  const body = concatBytes(...content);
  const length = body.length < 0x80 ? [body.length] : [0x81, body.length];
  return concatBytes(Uint8Array.of(tag, ...length), body);
}
