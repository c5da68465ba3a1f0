import { describe, expect, it } from "vitest";
import { toBase64Url } from "../../src/bytes/codecs.js";
import { exactMembers, sealedBytes } from "../../src/release/malformed.js";

describe("exactMembers", () => {
  it("reads each member once", () => {
    let reads = 0;
    const value = {
      get a() {
        reads++;
        return reads;
      },
    };
    expect(exactMembers(value, "x", ["a"])).toEqual({ a: 1 });
    expect(reads).toBe(1);
  });

  const rows: [string, unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a list of the right names", ["a", "b"]],
    ["text", "ab"],
    ["a function", () => ({ a: 1, b: 2 })],
    ["a member too few", { a: 1 }],
    ["a member too many", { a: 1, b: 2, c: 3 }],
    ["another member", { a: 1, c: 2 }],
    ["an inherited member", Object.create({ a: 1, b: 2 })],
    ["half of them inherited", Object.assign(Object.create({ b: 2 }), { a: 1 })],
    ["a member that is hidden", Object.defineProperty({ a: 1 }, "b", { value: 2, enumerable: false })],
    ["__proto__ in a member's place", JSON.parse('{"a":1,"__proto__":2}')],
  ];
  it.each(rows)("refuses %s", (_, value) => {
    expect(() => exactMembers(value, "thing", ["a", "b"])).toFailWith("ERR_RELEASE_MALFORMED", { what: "thing" });
  });

  it("takes the same with both", () => {
    expect(exactMembers({ b: 2, a: undefined }, "thing", ["a", "b"])).toEqual({ a: undefined, b: 2 });
  });
});

describe("sealedBytes", () => {
  it.each([0, 1, 2, 3, 15, 16])("takes %i bytes of at most 16", (length) => {
    const bytes = new Uint8Array(length).fill(0xfb);
    expect(sealedBytes(toBase64Url(bytes), "thing", 16)).toEqual(bytes);
  });

  const rows: [string, unknown][] = [
    ["a byte too many", toBase64Url(new Uint8Array(17))],
    ["far too many", "A".repeat(1_000_000)],
    ["bytes", new Uint8Array(3)],
    ["nothing", undefined],
    ["a number", 5],
    ["padding", "AA=="],
    ["the other alphabet", "+/+/"],
    ["a line break", "AAAA\n"],
    ["a length that no text has", "AAAAA"],
    ["bits that are not zero", "AB"],
  ];
  it.each(rows)("refuses %s", (_, value) => {
    expect(() => sealedBytes(value, "thing", 16)).toFailWith("ERR_RELEASE_MALFORMED", { what: "thing" });
  });
});
