import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, equalBytes } from "../../src/bytes/codecs.js";
import type { RsaPublicKey } from "../../src/crypto/engine.js";
import { createForge, type ForgedRsaKey } from "../../src/testing/index.js";
import { bytesToNumber, numberToBytes } from "../../src/testing/numbers.js";
import { ENGINES } from "./engines.js";

const message = new TextEncoder().encode("the signed part of a certificate");

const publicKey = ({ modulus, exponent }: ForgedRsaKey): RsaPublicKey => ({ kind: "rsa", modulus, exponent });

type Change = (key: ForgedRsaKey) => Uint8Array;
const sound: Change = (key) => key.signPss(message);

/** Signatures that are made by the right key and are not AMD's kind, or are no signatures. */
const BROKEN: readonly (readonly [why: string, change: Change])[] = [
  ["no salt", (key) => key.signPss(message, { hash: "SHA-384", saltLength: 0 })],
  ["a salt of 32 bytes", (key) => key.signPss(message, { hash: "SHA-384", saltLength: 32 })],
  ["a salt of 47 bytes", (key) => key.signPss(message, { hash: "SHA-384", saltLength: 47 })],
  ["a salt of 49 bytes", (key) => key.signPss(message, { hash: "SHA-384", saltLength: 49 })],
  ["the longest salt there is", (key) => key.signPss(message, { hash: "SHA-384", saltLength: 462 })],
  ["SHA-256", (key) => key.signPss(message, { hash: "SHA-256", saltLength: 48 })],
  ["SHA-256 with its own usual salt", (key) => key.signPss(message, { hash: "SHA-256", saltLength: 32 })],
  ["SHA-512", (key) => key.signPss(message, { hash: "SHA-512", saltLength: 48 })],
  ["PKCS #1 v1.5 in place of PSS", (key) => key.signPkcs1(message)],
  ["511 bytes: the last is gone", (key) => sound(key).subarray(0, 511)],
  ["511 bytes: the first is gone", (key) => sound(key).subarray(1)],
  ["513 bytes: a zero before", (key) => concatBytes(Uint8Array.of(0), sound(key))],
  ["513 bytes: a zero behind", (key) => concatBytes(sound(key), Uint8Array.of(0))],
  ["256 bytes, as of RSA-2048", (key) => sound(key).subarray(0, 256)],
  ["no bytes", () => new Uint8Array(0)],
  ["zero", () => new Uint8Array(512)],
  ["one", () => numberToBytes(1n, 512)],
  ["the modulus, which is zero", (key) => key.modulus],
  ["the modulus less one", (key) => numberToBytes(bytesToNumber(key.modulus) - 1n, 512)],
  ["the greatest number of 512 bytes", () => new Uint8Array(512).fill(0xff)],
  ["little-endian", (key) => sound(key).slice().reverse()],
];

describe.each(ENGINES)("RSA-PSS of $name", (engine) => {
  let key: ForgedRsaKey;
  let foreign: ForgedRsaKey;
  const verify = (signature: Uint8Array) => engine.verifyRsaPss(publicKey(key), message, signature);

  beforeAll(async () => {
    const forge = await createForge({ seed: "rsa" });
    key = forge.caKey("ARK");
    foreign = forge.foreignCaKey();
  });

  it.each(BROKEN)("says false, and throws nothing: %s", async (_, change) => {
    expect(await verify(sound(key))).toBe(true);
    expect(equalBytes(change(key), sound(key))).toBe(false);
    expect(await verify(change(key))).toBe(false);
  });

  it("says false of a signature plus the modulus, where 512 bytes hold both", async () => {
    const sum = bytesToNumber(sound(key)) + bytesToNumber(key.modulus);
    const length = sum < 2n ** 4096n ? 512 : 513;
    expect(await verify(numberToBytes(sum, length))).toBe(false);
  });

  it("says false of another key and of another message", async () => {
    expect(await engine.verifyRsaPss(publicKey(foreign), message, sound(key))).toBe(false);
    expect(await engine.verifyRsaPss(publicKey(foreign), message, sound(foreign))).toBe(true);
    for (const place of [0, message.length - 1]) {
      const other = message.slice();
      other[place] = Number(other[place]) ^ 0x80;
      expect(await engine.verifyRsaPss(publicKey(key), other, sound(key)), `byte ${place}`).toBe(false);
    }
  });

  it("says false of every 256th flipped bit", async () => {
    for (let bit = 0; bit < 4096; bit += 256) {
      const flipped = sound(key);
      flipped[bit >> 3] = Number(flipped[bit >> 3]) ^ (1 << (bit & 7));
      expect(await verify(flipped), `bit ${bit}`).toBe(false);
    }
  });

  it("reads views of larger buffers and changes none of its arguments", async () => {
    const large = concatBytes(Uint8Array.of(9), message, sound(key));
    const before = large.slice();
    const [data, sig] = [large.subarray(1, 1 + message.length), large.subarray(1 + message.length)];
    expect(await engine.verifyRsaPss(publicKey(key), data, sig)).toBe(true);
    expect(large).toEqual(before);
  });

  it("gives the same answer to a key used again", async () => {
    const kept = publicKey(key);
    for (const maker of [key, foreign, key]) {
      expect(await engine.verifyRsaPss(kept, message, sound(maker))).toBe(maker === key);
    }
  });
});
