import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { UnsupportedError } from "../../src/errors.js";
import { nobleDigests } from "../../src/measure/index.js";
import { DIGEST_BYTES, LaunchChain, PAGE_BYTES, PAGE_TYPES, type PageType } from "../../src/measure/pages.js";
import { nodeDigests } from "../../src/node/index.js";

/** Digests that keep what they were asked for. */
function spying() {
  const asked: Uint8Array[] = [];
  const sha384 = (data: Uint8Array) => {
    asked.push(data.slice());
    return nodeDigests.sha384(data);
  };
  return { asked, digests: { ...nodeDigests, sha384 } };
}

const pattern = (length: number, seed: number) => Uint8Array.from({ length }, (_, index) => (index * 7 + seed) & 0xff);

describe("PAGE_INFO", () => {
  it("stands byte for byte where AMD has it", () => {
    const { asked, digests } = spying();
    const start = pattern(DIGEST_BYTES, 1);
    const contents = pattern(DIGEST_BYTES, 2);
    const chain = new LaunchChain(digests, start);
    chain.add("vmsa", 0x000f_1234_5678_9000, contents);
    const [info = new Uint8Array(0)] = asked;
    expect(info).toHaveLength(0x70);
    expect(toHex(info.subarray(0x00, 0x30))).toBe(toHex(start));
    expect(toHex(info.subarray(0x30, 0x60))).toBe(toHex(contents));
    expect(toHex(info.subarray(0x60, 0x62))).toBe("7000");
    expect(toHex(info.subarray(0x62, 0x68))).toBe("020000000000");
    expect(toHex(info.subarray(0x68, 0x70))).toBe("0090785634120f00");
  });

  it.each<[PageType, number]>([
    ["normal", 1],
    ["vmsa", 2],
    ["zero", 3],
    ["unmeasured", 4],
    ["secrets", 5],
    ["cpuid", 6],
  ])("has %s as type %i", (type, number) => {
    const { asked, digests } = spying();
    new LaunchChain(digests).add(type, 0);
    expect(asked[0]?.[0x62]).toBe(number);
    expect(PAGE_TYPES[type]).toBe(number);
  });

  it.each([
    [0, "0000000000000000"],
    [0x1000, "0010000000000000"],
    [0xffff_f000, "00f0ffff00000000"],
    [0x1_0000_0000, "0000000001000000"],
    [0x0000_ffff_ffff_f000, "00f0ffffffff0000"],
    [0x000f_ffff_ffff_f000, "00f0ffffffff0f00"],
  ])("has the address %i little-endian", (gpa, expected) => {
    const { asked, digests } = spying();
    new LaunchChain(digests).add("zero", gpa);
    expect(toHex((asked[0] ?? new Uint8Array(0)).subarray(0x68))).toBe(expected);
  });
});

describe("LaunchChain", () => {
  it("begins with the digest of the step before", () => {
    const { asked, digests } = spying();
    const chain = new LaunchChain(digests);
    chain.add("zero", 0x1000);
    const first = chain.digest();
    chain.add("secrets", 0x2000);
    expect(toHex((asked[1] ?? new Uint8Array(0)).subarray(0, 48))).toBe(toHex(first));
    expect(toHex(chain.digest())).not.toBe(toHex(first));
  });

  it("forgets the contents of the step before", () => {
    const plain = new LaunchChain(nodeDigests);
    const busy = new LaunchChain(nodeDigests);
    plain.add("normal", 0, pattern(48, 1));
    busy.add("normal", 0, pattern(48, 1));
    plain.add("zero", 0x1000);
    busy.add("zero", 0x1000, new Uint8Array(48));
    expect(plain.hex()).toBe(busy.hex());
  });

  it("counts its steps, and pages of bytes as one each", () => {
    const chain = new LaunchChain(nodeDigests);
    chain.addPage("normal", 0, pattern(PAGE_BYTES, 3));
    chain.add("zero", 0x1000);
    expect(chain.steps).toBe(2);
  });

  it("hands out copies of its digest", () => {
    const chain = new LaunchChain(nodeDigests);
    chain.add("zero", 0);
    const before = chain.hex();
    chain.digest().fill(0);
    expect(chain.hex()).toBe(before);
  });

  it("does not keep or change what it is given", () => {
    const start = pattern(48, 9);
    const page = pattern(PAGE_BYTES, 4);
    const copies = [start.slice(), page.slice()];
    const chain = new LaunchChain(nodeDigests, start);
    chain.addPage("normal", 0, page);
    const before = chain.hex();
    expect([start, page]).toEqual(copies);
    start.fill(1);
    page.fill(1);
    expect(chain.hex()).toBe(before);
  });

  it.each([0, 47, 49, 64])("refuses digests of %i bytes, whoever answered them", (length) => {
    const odd = { ...nobleDigests, name: "odd", sha384: () => new Uint8Array(length) };
    const chain = new LaunchChain(odd);
    expect(() => chain.add("zero", 0)).toThrow(UnsupportedError);
    expect(() => chain.contents(new Uint8Array(1))).toFailWith("ERR_UNSUPPORTED_CRYPTO", { engine: "odd" });
  });

  it("names digests that have no name", () => {
    const odd = { name: Object.create(null) as string, sha384: () => new Uint8Array(1), sha256: nodeDigests.sha256 };
    expect(() => new LaunchChain(odd).add("zero", 0)).toFailWith("ERR_UNSUPPORTED_CRYPTO");
  });
});
