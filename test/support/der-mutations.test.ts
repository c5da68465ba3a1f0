import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes/codecs.js";
import { diceOf, mutateDer, rewriteDer } from "./der-mutations.js";
import { hex } from "./hex.js";

const DER = hex("30 12 02 01 05 30 08 06 03 55 04 03 0c 01 41 03 03 00 aabb");

describe("diceOf", () => {
  it("throws the same for the same seed, evenly enough", () => {
    const [one, same, other] = [diceOf(7), diceOf(7), diceOf(8)].map((dice) =>
      Array.from({ length: 6000 }, () => dice(6)),
    );
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
    for (let side = 0; side < 6; side++) {
      const count = one?.filter((thrown) => thrown === side).length ?? 0;
      expect(count).toBeGreaterThan(850);
      expect(count).toBeLessThan(1150);
    }
  });
});

describe("rewriteDer", () => {
  it("leaves strict DER as it is and nothing else", () => {
    expect(rewriteDer(DER)).toEqual(DER);
    for (const loose of ["308103020105", "30820003 020105", "0281 0105", "3005 02 81 01 05"]) {
      expect(rewriteDer(hex(loose))).not.toEqual(hex(loose));
    }
  });
});

describe("mutateDer", () => {
  it("gives many different things, the same for the same seed, and leaves its input alone", () => {
    const before = DER.slice();
    const all = Array.from({ length: 500 }, (_, seed) => toHex(mutateDer(DER, diceOf(seed))));
    expect(new Set(all).size).toBeGreaterThan(250);
    expect(all.filter((text) => text === toHex(DER)).length).toBeLessThan(100);
    expect(Array.from({ length: 500 }, (_, seed) => toHex(mutateDer(DER, diceOf(seed))))).toEqual(all);
    expect(DER).toEqual(before);
  });

  it("reaches every kind of damage: tags, lengths, content, order, ends", () => {
    const all = new Set(Array.from({ length: 20_000 }, (_, seed) => toHex(mutateDer(DER, diceOf(seed)))));
    const wanted = [
      ["indefinite length", "3080 020105 300806035504030c0141 030300aabb"],
      ["elements swapped", "3012 300806035504030c0141 020105 030300aabb"],
      ["an element gone", "300f 300806035504030c0141 030300aabb"],
      ["an element twice", "3015 020105 020105 300806035504030c0141 030300aabb"],
      ["another tag", "3012 040105 300806035504030c0141 030300aabb"],
      ["a longer form of length", "3015 0283000001 05 300806035504030c0141 030300aabb"],
      ["no content", "3011 0200 300806035504030c0141 030300aabb"],
      ["a leading zero", "3013 02020005 300806035504030c0141 030300aabb"],
      ["the end gone", "3012 020105 300806035504030c0141 0303 00aa"],
      ["more behind", "3012 020105 300806035504030c0141 030300aabb 00"],
    ] as const;
    for (const [why, text] of wanted) expect(all.has(text.replaceAll(" ", "")), why).toBe(true);
  });
});
