import { createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../src/bytes/codecs.js";
import { isSmallOrder } from "../../src/release/x25519.js";
import { hex } from "../support/hex.js";

/** The u-coordinates of order 1, 2, 4 and 8 on curve and twist, and their spellings above the prime. */
const SMALL: readonly (readonly [string, string])[] = [
  ["0", "00".repeat(32)],
  ["1", `01${"00".repeat(31)}`],
  ["of order 8", "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"],
  ["of order 8, the other", "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"],
  ["p - 1", `ec${"ff".repeat(30)}7f`],
  ["p, which is 0", `ed${"ff".repeat(30)}7f`],
  ["p + 1, which is 1", `ee${"ff".repeat(30)}7f`],
];

const own = generateKeyPairSync("x25519").privateKey;
const PREFIX = hex("302a300506032b656e032100");

/** What OpenSSL says: it refuses to agree on zero. */
function agrees(raw: Uint8Array): boolean {
  const publicKey = createPublicKey({ key: Buffer.from(concatBytes(PREFIX, raw)), format: "der", type: "spki" });
  try {
    diffieHellman({ privateKey: own, publicKey });
    return true;
  } catch {
    return false;
  }
}

describe("keys of small order", () => {
  it.each(SMALL)("%s, with the top bit either way", (_, text) => {
    const key = hex(text);
    expect(isSmallOrder(key)).toBe(true);
    expect(agrees(key)).toBe(false);
    key[31] = Number(key[31]) | 0x80;
    expect(isSmallOrder(key)).toBe(true);
    expect(agrees(key)).toBe(false);
  });

  it.each(SMALL)("%s, one more or less, is another matter where OpenSSL says so", (_, text) => {
    for (const step of [-2, -1, 1, 2]) {
      const key = hex(text);
      key[0] = (Number(key[0]) + step) & 0xff;
      expect(isSmallOrder(key), String(step)).toBe(!agrees(key));
    }
  });

  it("are no others: the base point, genuine keys, and whatever OpenSSL takes", () => {
    expect(isSmallOrder(hex(`09${"00".repeat(31)}`))).toBe(false);
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(fc.property(bytes, (key) => isSmallOrder(key) === !agrees(key)));
  });

  it("leave the key as it is", () => {
    const key = hex(`09${"00".repeat(31)}`);
    isSmallOrder(key);
    expect(key).toEqual(hex(`09${"00".repeat(31)}`));
  });
});
