import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PRODUCT_LINES, type ProductLine } from "../../src/amd/product-lines.js";
import {
  compareTcb,
  decodeTcb,
  encodeTcb,
  type Tcb,
  type TcbComponent,
  tcbComponents,
  tcbShortfalls,
} from "../../src/amd/tcb.js";

const MILAN: Tcb = { bootLoader: 1, tee: 2, spl4: 3, spl5: 4, spl6: 5, spl7: 6, snp: 7, microcode: 8 };
const TURIN: Tcb = { fmc: 1, bootLoader: 2, tee: 3, snp: 4, spl5: 5, spl6: 6, spl7: 7, microcode: 8 };
const EIGHT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const OF_LINE: Readonly<Record<ProductLine, Tcb>> = { Milan: MILAN, Genoa: MILAN, Turin: TURIN };

const anyLine = fc.constantFrom(...PRODUCT_LINES);
const anyBytes = fc.uint8Array({ minLength: 8, maxLength: 8 });

describe.each(PRODUCT_LINES)("the TCB of %s", (line) => {
  it("decodes, byte by byte", () => expect(decodeTcb(line, EIGHT)).toEqual(OF_LINE[line]));

  it("encodes", () => expect(encodeTcb(line, OF_LINE[line])).toEqual(EIGHT));

  it("has a component for each byte, in order", () => {
    const bytes = tcbComponents(line).map((component) => OF_LINE[line][component]);
    expect(bytes).toEqual([...EIGHT]);
  });

  it.each([0, 7, 9, 16])("does not decode %i bytes", (length) => {
    expect(() => decodeTcb(line, new Uint8Array(length))).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "TCB_VERSION",
      expected: 8,
      actual: length,
    });
  });

  it("decodes a view like an array of its own", () => {
    const larger = Uint8Array.of(9, ...EIGHT, 9);
    expect(decodeTcb(line, larger.subarray(1, 9))).toEqual(OF_LINE[line]);
  });

  it.each(tcbComponents(line))("does not encode without %s", (component) => {
    const { [component]: _, ...rest } = OF_LINE[line];
    // The cast stands for a caller without types.
    expect(() => encodeTcb(line, rest as Tcb)).toThrow(`tcb.${component} must be an integer of 0 to 255`);
  });

  it.each([256, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("does not encode %d", (microcode) => {
    expect(() => encodeTcb(line, { ...OF_LINE[line], microcode })).toThrow(TypeError);
  });

  it("does not encode a component that no TCB has", () => {
    const tcb = { ...OF_LINE[line], ucode: 1 };
    expect(() => encodeTcb(line, tcb)).toThrow(/"ucode" is no TCB component/);
  });
});

describe("a component of another line", () => {
  it("is not encoded", () => {
    expect(() => encodeTcb("Milan", { ...MILAN, fmc: 1 })).toThrow("tcb.fmc is no component of Milan");
    expect(() => encodeTcb("Genoa", { ...MILAN, fmc: 1 })).toThrow("tcb.fmc is no component of Genoa");
    expect(() => encodeTcb("Turin", { ...TURIN, spl4: 1 })).toThrow("tcb.spl4 is no component of Turin");
  });
});

describe("decodeTcb", () => {
  it("gives a frozen object", () => expect(Object.isFrozen(decodeTcb("Milan", EIGHT))).toBe(true));

  it("is undone by encodeTcb", () => {
    fc.assert(
      fc.property(anyLine, anyBytes, (line, bytes) => {
        expect(encodeTcb(line, decodeTcb(line, bytes))).toEqual(bytes);
      }),
    );
  });
});

describe("compareTcb", () => {
  const above = { ...MILAN, snp: MILAN.snp + 1 };
  it.each([
    ["the same", MILAN, { ...MILAN }, "equal"],
    ["one component above", above, MILAN, "greater"],
    ["one component below", MILAN, above, "less"],
    ["one above and one below", { ...above, tee: 0 }, MILAN, "incomparable"],
    ["the other way round", MILAN, { ...above, tee: 0 }, "incomparable"],
    ["all above", { ...above, microcode: 255, bootLoader: 9 }, MILAN, "greater"],
    ["the greatest byte above a lower one below", { ...MILAN, microcode: 255, bootLoader: 0 }, MILAN, "incomparable"],
    ["Milan and Turin", MILAN, TURIN, "incomparable"],
    ["Turin and Milan", TURIN, MILAN, "incomparable"],
    [
      "zeros of Milan and of Turin",
      decodeTcb("Milan", new Uint8Array(8)),
      decodeTcb("Turin", new Uint8Array(8)),
      "incomparable",
    ],
  ] as const)("%s", (...[, a, b, order]) => expect(compareTcb(a, b)).toBe(order));

  it.each(PRODUCT_LINES)("looks at every component of %s", (line) => {
    const tcb = OF_LINE[line];
    for (const component of tcbComponents(line)) {
      const raised = { ...tcb, [component]: 200 };
      expect(compareTcb(raised, tcb), component).toBe("greater");
      expect(compareTcb(tcb, raised), component).toBe("less");
    }
  });

  it("is no comparison of the 64-bit numbers", () => {
    const high = decodeTcb("Milan", Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1));
    const low = decodeTcb("Milan", Uint8Array.of(9, 9, 0, 0, 0, 0, 9, 0));
    expect(compareTcb(high, low)).toBe("incomparable");
  });

  it("answers as its definition for any two of a line", () => {
    fc.assert(
      fc.property(anyLine, anyBytes, anyBytes, (line, a, b) => {
        const some = a.some((byte, index) => byte > (b[index] ?? 0));
        const other = a.some((byte, index) => byte < (b[index] ?? 0));
        const order = compareTcb(decodeTcb(line, a), decodeTcb(line, b));
        if (some && other) expect(order).toBe("incomparable");
        else if (some) expect(order).toBe("greater");
        else expect(order).toBe(other ? "less" : "equal");
      }),
    );
  });
});

describe("tcbShortfalls", () => {
  it("is empty where every component reaches its floor", () => {
    expect(tcbShortfalls(MILAN, MILAN)).toEqual([]);
    expect(tcbShortfalls({ ...MILAN, snp: 200 }, MILAN)).toEqual([]);
    expect(tcbShortfalls(MILAN, {})).toEqual([]);
    expect(tcbShortfalls(MILAN, { snp: 7 })).toEqual([]);
  });

  it.each(tcbComponents("Turin"))("sees %s one below its floor, and not at it", (component) => {
    const actual = TURIN[component];
    if (actual === undefined) throw new Error(`Turin has no ${component}`);
    expect(tcbShortfalls(TURIN, { [component]: actual })).toEqual([]);
    expect(tcbShortfalls(TURIN, { [component]: actual + 1 })).toEqual([{ component, actual, floor: actual + 1 }]);
  });

  it("names all of them in the order of the floor", () => {
    expect(tcbShortfalls(MILAN, { microcode: 255, tee: 2, bootLoader: 4 })).toEqual([
      { component: "microcode", actual: 8, floor: 255 },
      { component: "bootLoader", actual: 1, floor: 4 },
    ]);
  });

  it("holds an absent component for below any floor, zero too", () => {
    expect(tcbShortfalls(MILAN, { fmc: 0 })).toEqual([{ component: "fmc", actual: null, floor: 0 }]);
    expect(tcbShortfalls(TURIN, { spl4: 0 })).toEqual([{ component: "spl4", actual: null, floor: 0 }]);
  });

  it("lets no component that is not a number pass", () => {
    expect(tcbShortfalls({ ...MILAN, snp: Number.NaN }, { snp: 0 })).toHaveLength(1);
  });

  // The casts stand for a caller without types.
  it.each([
    ["a misspelt component", { microCode: 1 }, /"microCode" is no TCB component/],
    ["a component named constructor", { constructor: 1 }, /"constructor" is no TCB component/],
    ["undefined", { snp: undefined }, /floor\.snp must be an integer of 0 to 255, found undefined/],
    ["NaN", { snp: Number.NaN }, /floor\.snp/],
    ["a text", { snp: "1" }, /floor\.snp/],
    ["256", { snp: 256 }, /floor\.snp/],
    ["a negative floor", { snp: -1 }, /floor\.snp/],
  ])("refuses %s in the floor", (_, floor, message) => {
    expect(() => tcbShortfalls(MILAN, floor as Partial<Tcb>)).toThrow(TypeError);
    expect(() => tcbShortfalls(MILAN, floor as Partial<Tcb>)).toThrow(message);
  });

  it("agrees with compareTcb", () => {
    const names = (line: ProductLine, a: Uint8Array, b: Uint8Array): TcbComponent[] =>
      tcbShortfalls(decodeTcb(line, a), decodeTcb(line, b)).map(({ component }) => component);
    fc.assert(
      fc.property(anyLine, anyBytes, anyBytes, (line, a, b) => {
        const order = compareTcb(decodeTcb(line, a), decodeTcb(line, b));
        expect(names(line, a, b).length === 0).toBe(order === "equal" || order === "greater");
        expect(names(line, b, a).length === 0).toBe(order === "equal" || order === "less");
      }),
    );
  });
});

describe("what is decoded twice in a row", () => {
  it("is one frozen value for the same bytes of the same line, and another for any other", () => {
    const first = decodeTcb("Milan", EIGHT);
    expect(decodeTcb("Milan", EIGHT.slice())).toBe(first);
    for (let index = 0; index < EIGHT.length; index++) {
      const other = EIGHT.slice();
      other[index] = Number(other[index]) ^ 1;
      expect(decodeTcb("Milan", other)).not.toEqual(decodeTcb("Milan", EIGHT));
    }
    expect(decodeTcb("Turin", EIGHT)).not.toEqual(first);
    expect(decodeTcb("Milan", EIGHT)).toEqual(first);
  });
});
