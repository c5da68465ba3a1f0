import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, equalBytes } from "../../src/bytes/codecs.js";
import type { P384PublicKey } from "../../src/crypto/engine.js";
import { p384PublicKey } from "../../src/crypto/p384.js";
import { createForge, der, type ForgedP384Key, twinSignature } from "../../src/testing/index.js";
import { bytesToNumber, numberToBytes } from "../../src/testing/numbers.js";
import { ENGINES } from "./engines.js";

const ORDER = 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n;
const message = new TextEncoder().encode("a report, or what goes for one here");
const scalar = (value: bigint) => numberToBytes(value, 48);

function publicKey(key: ForgedP384Key): P384PublicKey {
  const made = p384PublicKey(key.point);
  if (made === null) throw new Error("a forged key is on its curve");
  return made;
}

function asDer(signature: Uint8Array): Uint8Array {
  const [r, s] = [bytesToNumber(signature.subarray(0, 48)), bytesToNumber(signature.subarray(48))];
  return der.sequence(der.integer(r), der.integer(s));
}

type Change = (signature: Uint8Array) => Uint8Array;
const r: Change = (signature) => signature.subarray(0, 48);
const s: Change = (signature) => signature.subarray(48);

/** Signatures that an engine must call false and not choke on. */
const BROKEN: readonly (readonly [why: string, change: Change])[] = [
  ["r = 0", (sig) => concatBytes(scalar(0n), s(sig))],
  ["s = 0", (sig) => concatBytes(r(sig), scalar(0n))],
  ["r = s = 0, which fools a verifier that forgets the range", () => new Uint8Array(96)],
  ["r = 1, s = 0", () => concatBytes(scalar(1n), scalar(0n))],
  ["r = n", (sig) => concatBytes(scalar(ORDER), s(sig))],
  ["s = n", (sig) => concatBytes(r(sig), scalar(ORDER))],
  ["r = s = n", () => concatBytes(scalar(ORDER), scalar(ORDER))],
  ["the greatest r and s", () => new Uint8Array(96).fill(0xff)],
  ["r = s = 1", () => concatBytes(scalar(1n), scalar(1n))],
  ["n - r for r", (sig) => concatBytes(scalar(ORDER - bytesToNumber(r(sig))), s(sig))],
  ["r and s swapped", (sig) => concatBytes(s(sig), r(sig))],
  [
    "r and s little-endian, as the report has them",
    (sig) => concatBytes(r(sig).slice().reverse(), s(sig).slice().reverse()),
  ],
  ["95 bytes: the last is gone", (sig) => sig.subarray(0, 95)],
  ["95 bytes: the first is gone", (sig) => sig.subarray(1)],
  ["97 bytes: a zero behind", (sig) => concatBytes(sig, Uint8Array.of(0))],
  ["97 bytes: a zero before", (sig) => concatBytes(Uint8Array.of(0), sig)],
  [
    "144 bytes: padded as the report pads",
    (sig) => concatBytes(r(sig), new Uint8Array(24), s(sig), new Uint8Array(24)),
  ],
  ["48 bytes: r alone", r],
  ["no bytes", () => new Uint8Array(0)],
  ["DER, as X.509 has it", asDer],
  ["DER cut to 96 bytes", (sig) => asDer(sig).subarray(0, 96)],
];

describe.each(ENGINES)("ECDSA P-384 of $name", (engine) => {
  let key: ForgedP384Key;
  let foreign: ForgedP384Key;
  let signature: Uint8Array;
  const verify = (bytes: Uint8Array) => engine.verifyEcdsaP384(publicKey(key), message, bytes);

  beforeAll(async () => {
    const forge = await createForge({ seed: "ecdsa" });
    key = forge.chip().key;
    foreign = forge.foreignLeafKey();
    signature = key.sign(message);
  });

  it("verifies high and low s alike, which genuine reports have half and half", async () => {
    const highs: boolean[] = [];
    for (const text of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
      const data = new TextEncoder().encode(text);
      const made = key.sign(data);
      const twin = twinSignature(made);
      expect(equalBytes(made, twin)).toBe(false);
      for (const one of [made, twin]) {
        highs.push(bytesToNumber(s(one)) > ORDER / 2n);
        expect(await engine.verifyEcdsaP384(publicKey(key), data, one)).toBe(true);
      }
    }
    expect(highs.filter((high) => high)).toHaveLength(8);
  });

  it.each(BROKEN)("says false, and throws nothing: %s", async (_, change) => {
    expect(await verify(signature)).toBe(true);
    const broken = change(signature);
    expect(equalBytes(broken, signature)).toBe(false);
    expect(await verify(broken)).toBe(false);
  });

  it("says false of another key and of another message", async () => {
    expect(await engine.verifyEcdsaP384(publicKey(foreign), message, signature)).toBe(false);
    expect(await engine.verifyEcdsaP384(publicKey(foreign), message, foreign.sign(message))).toBe(true);
    for (const place of [0, 17, message.length - 1]) {
      const other = message.slice();
      other[place] = Number(other[place]) ^ 1;
      expect(await engine.verifyEcdsaP384(publicKey(key), other, signature), `byte ${place}`).toBe(false);
    }
    expect(await engine.verifyEcdsaP384(publicKey(key), message.subarray(1), signature)).toBe(false);
    expect(await engine.verifyEcdsaP384(publicKey(key), new Uint8Array(0), signature)).toBe(false);
  });

  it("says false of every sixteenth flipped bit of the signature", async () => {
    for (let bit = 0; bit < 768; bit += 16) {
      const flipped = signature.slice();
      flipped[bit >> 3] = Number(flipped[bit >> 3]) ^ (1 << (bit & 7));
      expect(await verify(flipped), `bit ${bit}`).toBe(false);
    }
  });

  it("verifies an empty message and a long one", async () => {
    for (const length of [0, 1, 672, 100_000]) {
      const data = new Uint8Array(length).fill(7);
      expect(await engine.verifyEcdsaP384(publicKey(key), data, key.sign(data)), `${length} bytes`).toBe(true);
    }
  });

  it("reads views of larger buffers and changes none of its arguments", async () => {
    const large = concatBytes(Uint8Array.of(1, 2, 3), message, signature);
    const before = large.slice();
    const [data, sig] = [large.subarray(3, 3 + message.length), large.subarray(3 + message.length)];
    expect(await engine.verifyEcdsaP384(publicKey(key), data, sig)).toBe(true);
    expect(large).toEqual(before);
  });

  it("gives the same answer to a key used again", async () => {
    const kept = publicKey(key);
    for (const wanted of [true, false, true]) {
      const sig = wanted ? signature : foreign.sign(message);
      expect(await engine.verifyEcdsaP384(kept, message, sig)).toBe(wanted);
    }
  });
});
