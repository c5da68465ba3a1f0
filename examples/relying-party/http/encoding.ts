import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";

/** Unpadded base64url, as all bytes of this API are written. */
export const BASE64URL = /^(?:[\w-]{4})*(?:[\w-]{2,3})?$/;

/** Bytes of text that a schema has found to be base64url. */
export function fromBase64Url(text: string): Uint8Array {
  return decodeBase64Url(text);
}

/** Bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return encodeBase64Url(bytes.slice().buffer).replace(/=+$/, "");
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += PAIRS[byte];
  return text;
}
