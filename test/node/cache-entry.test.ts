import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry, entryFileName, frameLength } from "../../src/node/cache-entry.js";

const entries = fc.record({
  key: fc.string({ unit: "grapheme", maxLength: 60 }),
  expiresAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  bytes: fc.uint8Array({ maxLength: 300 }),
});

describe("the file of an entry", () => {
  it("has the form that is written down", () => {
    const file = Buffer.from(encodeEntry({ key: "ab", expiresAt: 0x0102030405, bytes: Uint8Array.of(9, 8, 7) }));
    const body = Buffer.concat([
      Buffer.from("attestry cache 1\n"),
      Buffer.from("0000000102030405", "hex"),
      Buffer.from("00000002", "hex"),
      Buffer.from("00000003", "hex"),
      Buffer.from("ab"),
      Buffer.from([9, 8, 7]),
    ]);
    expect(file).toEqual(Buffer.concat([body, createHash("sha256").update(body).digest()]));
    expect(file).toHaveLength(frameLength(2, 3));
  });

  it("is named by the key's SHA-256", () => {
    expect(entryFileName("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.entry");
    fc.assert(fc.property(fc.string(), (key) => /^[0-9a-f]{64}\.entry$/.test(entryFileName(key))));
  });

  it("holds whatever was put into it", () => {
    fc.assert(fc.property(entries, (entry) => void expect(decodeEntry(encodeEntry(entry))).toEqual(entry)));
  });

  it("reads alike from the middle of a larger buffer, and hands out bytes of its own", () => {
    fc.assert(
      fc.property(entries, fc.nat(40), (entry, offset) => {
        const file = encodeEntry(entry);
        const larger = new Uint8Array(file.length + 80).fill(0xa5);
        larger.set(file, offset);
        const found = decodeEntry(larger.subarray(offset, offset + file.length));
        larger.fill(0);
        expect(found).toEqual(entry);
      }),
    );
  });

  it("is none when cut anywhere, or longer", () => {
    const file = encodeEntry({ key: "key", expiresAt: 1, bytes: new Uint8Array(50) });
    for (let length = 0; length < file.length; length++) expect(decodeEntry(file.subarray(0, length))).toBeNull();
    for (let more = 1; more < 40; more++) expect(decodeEntry(Buffer.concat([file, Buffer.alloc(more)]))).toBeNull();
  });

  it("is none, and nothing is thrown, for any bytes", () => {
    const begun = fc
      .uint8Array({ maxLength: 200 })
      .map((rest) => Buffer.concat([Buffer.from("attestry cache 1\n"), rest]));
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), begun), (noise) => void expect(decodeEntry(noise)).toBeNull()));
  });

  it("is none where the parts of two files are put together", () => {
    const one = encodeEntry({ key: "key", expiresAt: 1, bytes: new Uint8Array(50).fill(1) });
    const two = encodeEntry({ key: "key", expiresAt: 2, bytes: new Uint8Array(50).fill(2) });
    for (let cut = 18; cut < one.length; cut++) {
      const mixed = Buffer.concat([one.subarray(0, cut), two.subarray(cut)]);
      const isEither = mixed.equals(one) || mixed.equals(two);
      expect(decodeEntry(mixed) === null || isEither, `cut at ${cut}`).toBe(true);
    }
  });
});
