import { fromHex } from "../../src/bytes/codecs.js";

/** Bytes from hex with spaces where they help the reader: `hex("30 03 020101")`. */
export function hex(text: string): Uint8Array {
  return fromHex(text.replaceAll(" ", ""), "test bytes");
}
