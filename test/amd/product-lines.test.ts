import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hwIdLength,
  isProductLine,
  PRODUCT_LINES,
  PRODUCTS,
  productLineOf,
  productOf,
} from "../../src/amd/product-lines.js";
import { isAttestationError } from "../../src/errors.js";

const cpu = (family: number, model: number, stepping = 1) => ({ family, model, stepping });

describe("productLineOf", () => {
  it.each([
    ["the first Milan", cpu(0x19, 0x00), "Milan"],
    ["Milan", cpu(0x19, 0x01), "Milan"],
    ["the last Milan", cpu(0x19, 0x0f), "Milan"],
    ["the first Genoa", cpu(0x19, 0x10), "Genoa"],
    ["Genoa", cpu(0x19, 0x11), "Genoa"],
    ["the last Genoa", cpu(0x19, 0x1f), "Genoa"],
    ["the first Bergamo or Siena", cpu(0x19, 0xa0, 2), "Genoa"],
    ["the last Bergamo or Siena", cpu(0x19, 0xaf), "Genoa"],
    ["the first Turin", cpu(0x1a, 0x00), "Turin"],
    ["Turin", cpu(0x1a, 0x02), "Turin"],
    ["the last Turin", cpu(0x1a, 0x0f), "Turin"],
    ["the first Turin Dense", cpu(0x1a, 0x10), "Turin"],
    ["Turin Dense", cpu(0x1a, 0x11, 0), "Turin"],
    ["the last Turin Dense", cpu(0x1a, 0x1f), "Turin"],
  ])("%s is of its line", (_, cpuid, line) => expect(productLineOf(cpuid)).toBe(line));

  it.each([
    ["the first of Venice", cpu(0x1a, 0x50)],
    ["the last of its first range", cpu(0x1a, 0x57)],
    ["its second range", cpu(0x1a, 0x90)],
    ["the end of its second range", cpu(0x1a, 0x9f)],
    ["its third range", cpu(0x1a, 0xa0)],
    ["the end of its third range", cpu(0x1a, 0xaf)],
    ["its fourth range", cpu(0x1a, 0xc0)],
    ["the last of Venice", cpu(0x1a, 0xc7)],
  ])("%s is refused by name", (_, cpuid) => {
    expect(() => productLineOf(cpuid)).toFailWith("ERR_UNSUPPORTED_PRODUCT", { ...cpuid, name: "Venice" });
  });

  it.each([
    ["Naples", cpu(0x17, 0x01)],
    ["Rome", cpu(0x17, 0x31)],
    ["zeros", cpu(0, 0, 0)],
    ["all ones", cpu(0xff, 0xff, 0xff)],
    ["family 0x19 behind Genoa", cpu(0x19, 0x20)],
    ["family 0x19 before Bergamo", cpu(0x19, 0x9f)],
    ["family 0x19 behind Siena", cpu(0x19, 0xb0)],
    ["family 0x1A behind Turin Dense", cpu(0x1a, 0x20)],
    ["family 0x1A before Venice", cpu(0x1a, 0x4f)],
    ["family 0x1A inside Venice's gap", cpu(0x1a, 0x58)],
    ["family 0x1A behind Venice", cpu(0x1a, 0xc8)],
    ["a family beyond", cpu(0x1b, 0x02)],
  ])("%s is refused as unknown", (_, cpuid) => {
    expect(() => productLineOf(cpuid)).toFailWith("ERR_UNSUPPORTED_PRODUCT", { ...cpuid, name: null });
  });

  it("takes numbers only: a model that is none is the caller's mistake", () => {
    expect(() => productLineOf(cpu(0x19, Number.NaN))).toThrow(TypeError);
    expect(() => productLineOf(cpu(0x19, 1.5))).toThrow(TypeError);
  });

  it("pays no heed to the stepping", () => {
    for (let stepping = 0; stepping < 256; stepping++) expect(productLineOf(cpu(0x19, 1, stepping))).toBe("Milan");
  });

  it("answers or refuses every CPUID there is", () => {
    const byte = fc.nat(255);
    fc.assert(
      fc.property(byte, byte, byte, (family, model, stepping) => {
        const cpuid = { family, model, stepping };
        const line = productOf(cpuid)?.productLine ?? null;
        try {
          expect(productLineOf(cpuid)).toBe(line);
        } catch (error) {
          if (!isAttestationError(error, "ERR_UNSUPPORTED_PRODUCT")) throw error;
          expect(line).toBeNull();
        }
      }),
    );
  });
});

describe("PRODUCTS", () => {
  it("puts no model into two ranges", () => {
    const seen = PRODUCTS.flatMap(({ family, firstModel, lastModel }) =>
      Array.from({ length: lastModel - firstModel + 1 }, (_, index) => `${family}/${firstModel + index}`),
    );
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(3 * 16 + 2 * 16 + 8 + 16 + 16 + 8);
  });

  it("gives every line a range", () => {
    const lines = new Set(PRODUCTS.map(({ productLine }) => productLine));
    expect([...lines]).toEqual([...PRODUCT_LINES, null]);
  });

  it("names Bergamo and Siena, and Turin Dense", () => {
    expect(productOf(cpu(0x19, 0xa0))?.name).toBe("Bergamo or Siena");
    expect(productOf(cpu(0x1a, 0x11))?.name).toBe("Turin Dense");
    expect(productOf(cpu(0x17, 0x31))).toBeUndefined();
  });
});

describe("isProductLine", () => {
  it.each(PRODUCT_LINES)("knows %s", (line) => expect(isProductLine(line)).toBe(true));

  it.each(["milan", "Venice", "Bergamo", "", "toString", "__proto__", 0, null, undefined, ["Milan"], {}])(
    "does not know %j",
    (value) => expect(isProductLine(value)).toBe(false),
  );
});

describe("hwIdLength", () => {
  it.each([
    ["Milan", 64],
    ["Genoa", 64],
    ["Turin", 8],
  ] as const)("of %s is %i", (line, length) => expect(hwIdLength(line)).toBe(length));
});
