import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAttestationError } from "../../src/errors.js";
import { buildIdBlock, type IdBlockFields, parseIdBlock } from "../../src/id-block/index.js";
import { ID_AUTH_LAYOUT, ID_BLOCK_LAYOUT, publicKeyLayout, signatureLayout } from "../../src/id-block/layouts.js";
import { BLOCK, counting, fieldsWith, patched } from "./support.js";

describe("the layouts", () => {
  it.each([
    [ID_BLOCK_LAYOUT, 0x60],
    [ID_AUTH_LAYOUT, 0x1000],
    [publicKeyLayout("k"), 0x404],
    [signatureLayout("s"), 0x200],
  ])("have the size of the specification", (layout, size) => {
    expect(layout.size).toBe(size);
  });
});

describe("parseIdBlock", () => {
  it("reads every field at its place", () => {
    const { policy, ...rest } = parseIdBlock(BLOCK);
    expect(rest).toEqual({
      measurement: counting(48),
      familyId: counting(16, 100),
      imageId: counting(16, 150),
      guestSvn: 7,
    });
    expect(policy).toMatchObject({ raw: 0x30000n, smt: true, reservedOne: true, debug: false });
    expect(BLOCK.slice(0x50, 0x54)).toEqual(Uint8Array.of(1, 0, 0, 0));
    expect(BLOCK.slice(0x58)).toEqual(Uint8Array.of(0, 0, 3, 0, 0, 0, 0, 0));
  });

  it("hands out nothing of the caller's bytes", () => {
    const bytes = BLOCK.slice();
    const block = parseIdBlock(bytes);
    bytes.fill(0xee);
    expect(block.measurement).toEqual(counting(48));
    expect(Object.isFrozen(block)).toBe(true);
  });

  it("judges no field: zeros and a policy without bit 17 are read as they are", () => {
    const zeros = patched(new Uint8Array(0x60), 0x50, 1);
    expect(parseIdBlock(zeros)).toMatchObject({ measurement: new Uint8Array(48), policy: { reservedOne: false } });
  });

  it.each([0, 95, 97, 4096])("refuses %i bytes", (length) => {
    expect(() => parseIdBlock(new Uint8Array(length))).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "ID_BLOCK",
      expected: 96,
      actual: length,
    });
  });

  it.each([
    [0, [0, 0, 0, 0]],
    [2, [2, 0, 0, 0]],
    [0x01000000, [0, 0, 0, 1]],
    [0x01000001, [1, 0, 0, 1]],
  ])("refuses version %i", (found, bytes) => {
    expect(() => parseIdBlock(patched(BLOCK, 0x50, ...bytes))).toFailWith("ERR_UNSUPPORTED_ID_BLOCK", {
      what: "ID_BLOCK",
      field: "VERSION",
      found,
      supported: 1,
    });
  });

  it.each([undefined, null, "x", [1], new ArrayBuffer(96), { length: 96 }])("refuses %j with a TypeError", (value) => {
    expect(() => parseIdBlock(value as Uint8Array)).toThrow(TypeError);
  });

  it("answers any bytes with fields or an error of ours", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseIdBlock(bytes);
          return bytes.length === 96;
        } catch (error) {
          return isAttestationError(error);
        }
      }),
    );
  });
});

describe("buildIdBlock", () => {
  it("is the reverse of parseIdBlock", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 48, maxLength: 48 }).filter((bytes) => bytes.some((byte) => byte !== 0)),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((bits) => bits | (1n << 17n)),
        (measurement, ids, guestSvn, policy) => {
          const fields = { measurement, familyId: ids.slice(0, 16), imageId: ids.slice(16), guestSvn, policy };
          const { policy: read, ...rest } = parseIdBlock(buildIdBlock(fields));
          expect({ ...rest, policy: read.raw }).toEqual(fields);
        },
      ),
    );
  });

  it("takes the ends of every range", () => {
    const policy = 2n ** 64n - 1n;
    expect(parseIdBlock(buildIdBlock(fieldsWith({ guestSvn: 0xffff_ffff, policy })))).toMatchObject({
      guestSvn: 0xffff_ffff,
      policy: { raw: policy },
    });
    expect(parseIdBlock(buildIdBlock(fieldsWith({ guestSvn: 0, policy: 0x20000n }))).guestSvn).toBe(0);
    const zeros = { familyId: new Uint8Array(16), imageId: new Uint8Array(16) };
    expect(parseIdBlock(buildIdBlock(fieldsWith(zeros)))).toMatchObject(zeros);
  });

  it.each<[string, unknown, RegExp]>([
    ["measurement", new Uint8Array(48), /must not be all zero/],
    ["measurement", counting(47), /must have 48 bytes, found 47/],
    ["measurement", counting(49), /must have 48 bytes, found 49/],
    ["measurement", "00".repeat(48), /must be a Uint8Array/],
    ["measurement", undefined, /must be a Uint8Array/],
    ["familyId", counting(15), /must have 16 bytes/],
    ["familyId", undefined, /must be a Uint8Array/],
    ["imageId", counting(17), /must have 16 bytes/],
    ["imageId", null, /must be a Uint8Array/],
    ["guestSvn", -1, /whole number/],
    ["guestSvn", 2 ** 32, /whole number/],
    ["guestSvn", 1.5, /whole number/],
    ["guestSvn", Number.NaN, /whole number/],
    ["guestSvn", 1n, /whole number/],
    ["guestSvn", undefined, /whole number/],
    ["policy", 0x10000n, /bit 17/],
    ["policy", 0n, /bit 17/],
    ["policy", -1n, /bigint of 0 to/],
    ["policy", 2n ** 64n, /bigint of 0 to/],
    ["policy", 0x30000, /bigint of 0 to/],
    ["policy", undefined, /bigint of 0 to/],
    ["surprise", 1, /has no option/],
  ])("refuses %s %o", (name, value, message) => {
    const fields = { ...fieldsWith(), [name]: value } as IdBlockFields;
    expect(() => buildIdBlock(fields)).toThrow(TypeError);
    expect(() => buildIdBlock(fields)).toThrow(message);
  });

  it("refuses what is no object, and inherited fields", () => {
    expect(() => buildIdBlock(null as unknown as IdBlockFields)).toThrow(TypeError);
    expect(() => buildIdBlock(Object.create(fieldsWith()) as IdBlockFields)).toThrow(/must be the object's own/);
  });
});
