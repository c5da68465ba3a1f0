/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of hex, with or without 0x, white space or colons between; null for anything else. */
export function fromHex(text: string): Uint8Array | null {
  const digits = text.replace(/[\s:]/g, "").replace(/^0x/i, "");
  if (digits.length === 0 || digits.length % 2 !== 0 || !/^[\da-f]+$/i.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** The bytes of base64 or base64url, padded or not; null for anything else. */
export function fromBase64(text: string): Uint8Array | null {
  const digits = text.replace(/\s/g, "").replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  if (digits.length === 0 || digits.length % 4 === 1 || !/^[a-z\d+/]+$/i.test(digits)) return null;
  return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
}

/** Padded base64. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text that bytes are in UTF-8, or null. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The bytes of a text in UTF-8. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** An unsigned little-endian number out of bytes. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** An offset as AMD's specification writes it. */
export function offsetText(offset: number): string {
  return `0x${offset.toString(16).toUpperCase().padStart(3, "0")}`;
}

/** A number of bytes for people. */
export function sizeText(size: number): string {
  return `${size.toLocaleString("en-US")} byte${size === 1 ? "" : "s"}`;
}

/** True where every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** SHA-256 as hex in pairs of colons, as tools print fingerprints. */
export async function fingerprint(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return (toHex(digest).match(/../g) ?? []).join(":");
}
