import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteLengthOf, checkNow, copyBytes, readOptions } from "../../src/bytes/arguments.js";

/** What is not a `Uint8Array`, however much it looks like one. */
const NO_BYTES: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["a number", 3],
  ["a string", "abc"],
  ["an array", [1, 2, 3]],
  ["an ArrayBuffer", new ArrayBuffer(3)],
  ["a SharedArrayBuffer", new SharedArrayBuffer(3)],
  ["a DataView", new DataView(new ArrayBuffer(3))],
  ["an Int8Array", new Int8Array(3)],
  ["a Uint8ClampedArray", new Uint8ClampedArray(3)],
  ["a Uint16Array", new Uint16Array(3)],
  ["an array-like object", { length: 3, 0: 1, 1: 2, 2: 3 }],
  ["an object with our tag", { [Symbol.toStringTag]: "Uint8Array", length: 3, byteLength: 3 }],
  ["an object with our prototype", Object.create(Uint8Array.prototype)],
  ["a proxy of bytes", new Proxy(new Uint8Array(3), {})],
  ["a function", () => new Uint8Array(3)],
];

const PLAIN = Uint8Array.of(1, 2, 3);

/** The same three bytes in every guise that counts. */
function guises(): [string, Uint8Array][] {
  const larger = Uint8Array.of(9, 9, 1, 2, 3, 9);
  const shared = new Uint8Array(new SharedArrayBuffer(5), 1, 3);
  shared.set(PLAIN);
  const lying = PLAIN.slice();
  Object.defineProperty(lying, "length", { value: 1000 });
  Object.defineProperty(lying, "byteLength", { value: 1000 });
  class Sub extends Uint8Array {}
  return [
    ["an array", PLAIN.slice()],
    ["a view into a larger buffer", larger.subarray(2, 5)],
    ["a Buffer", Buffer.from(PLAIN)],
    ["a slice of a Buffer", Buffer.from(larger).subarray(2, 5)],
    ["a view on shared memory", shared],
    ["an array of another realm", runInNewContext("Uint8Array.of(1, 2, 3)")],
    ["an array that lies about its length", lying],
    ["an instance of a subclass", Sub.of(1, 2, 3)],
  ];
}

describe("copyBytes", () => {
  it.each(guises())("copies %s to a plain array on its own buffer", (_, value) => {
    const copy = copyBytes(value, "bytes");
    expect(Object.getPrototypeOf(copy)).toBe(Uint8Array.prototype);
    expect([...copy]).toEqual([1, 2, 3]);
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer);
    expect(copy.buffer.byteLength).toBe(3);
    value[0] = 77;
    expect(copy[0]).toBe(1);
  });

  it.each(NO_BYTES)("refuses %s", (_, value) => {
    expect(() => copyBytes(value, "evidence.report")).toThrow(TypeError);
    expect(() => copyBytes(value, "evidence.report")).toThrow(/^evidence\.report must be a Uint8Array, not /);
  });

  it("names the wrong type", () => {
    expect(() => copyBytes(null, "x")).toThrow("x must be a Uint8Array, not null");
    expect(() => copyBytes("a", "x")).toThrow("x must be a Uint8Array, not string");
    expect(() => copyBytes(new ArrayBuffer(1), "x")).toThrow("x must be a Uint8Array, not ArrayBuffer");
  });

  it("refuses a byte too many, before it copies", () => {
    expect(copyBytes(new Uint8Array(4), "x", 4)).toHaveLength(4);
    expect(() => copyBytes(new Uint8Array(5), "x", 4)).toFailWith("ERR_MALFORMED_LENGTH", {
      what: "x",
      expected: "at most 4",
      actual: 5,
    });
  });

  it("believes the bytes and not what the object says of its length", () => {
    const lying = new Uint8Array(5);
    Object.defineProperty(lying, "length", { value: 1 });
    Object.defineProperty(lying, "byteLength", { value: 1 });
    expect(() => copyBytes(lying, "x", 4)).toFailWith("ERR_MALFORMED_LENGTH", { actual: 5 });
  });
});

describe("byteLengthOf", () => {
  it.each(guises())("measures %s", (_, value) => expect(byteLengthOf(value, "bytes")).toBe(3));

  it.each(NO_BYTES)("refuses %s", (_, value) => {
    expect(() => byteLengthOf(value, "bytes")).toThrow(/^bytes must be a Uint8Array, not /);
  });
});

describe("readOptions", () => {
  it("takes what is there and leaves the rest undefined", () => {
    const options = readOptions({ now: 1 }, "options", ["now", "engine"]);
    expect(options).toEqual({ now: 1, engine: undefined });
  });

  it("keeps even a key that assigning would hand to a setter", () => {
    const options = readOptions(JSON.parse('{"__proto__": {"now": 1}}'), "options", ["__proto__", "now"]);
    expect(Object.entries(options)).toEqual([
      ["__proto__", { now: 1 }],
      ["now", undefined],
    ]);
  });

  it("takes objects without a prototype and of another realm", () => {
    expect(readOptions(Object.assign(Object.create(null), { a: 1 }), "o", ["a"]).a).toBe(1);
    expect(readOptions(runInNewContext("({ a: 1 })"), "o", ["a"]).a).toBe(1);
  });

  it("reads each property once", () => {
    let reads = 0;
    const tricky = {
      get now() {
        reads += 1;
        return reads;
      },
    };
    const options = readOptions(tricky, "options", ["now"]);
    expect([options.now, options.now, reads]).toEqual([1, 1, 1]);
  });

  it.each([
    ["undefined", undefined],
    ["null", null],
    ["a string", "now"],
    ["an array", []],
    ["a function", () => ({})],
  ])("refuses %s", (_, value) => {
    expect(() => readOptions(value, "options", ["now"])).toThrow(/^options must be an object, not /);
  });

  it.each([
    ["a misspelt name", { nwo: 1 }, /options has no option "nwo"; known are now, engine/],
    ["a known name in other case", { Now: 1 }, /no option "Now"/],
    ["an unknown name whose value is undefined", { revocaton: undefined }, /no option "revocaton"/],
    ["__proto__ as a key", JSON.parse('{"__proto__": {"now": 1}}'), /no option "__proto__"/],
    ["a symbol", { [Symbol("now")]: 1 }, /no option Symbol\(now\)/],
    ["a name that is not enumerable", Object.defineProperty({}, "hidden", { value: 1 }), /no option "hidden"/],
    ["an inherited option", Object.create({ now: 1 }), /options\.now must be the object's own property/],
  ])("refuses %s", (_, value, message) => {
    const read = () => readOptions(value, "options", ["now", "engine"]);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(message);
  });

  it("does not fall for a polluted Object.prototype", () => {
    Object.defineProperty(Object.prototype, "allowMaskedChipId", { value: true, configurable: true });
    try {
      expect(() => readOptions({}, "options", ["allowMaskedChipId"])).toThrow(/own property, not inherited/);
    } finally {
      Reflect.deleteProperty(Object.prototype, "allowMaskedChipId");
    }
    expect(readOptions({}, "options", ["allowMaskedChipId"]).allowMaskedChipId).toBeUndefined();
  });

  it("accepts known names alone, whatever they are", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (value) => {
        const keys = Object.keys(value);
        expect({ ...readOptions(value, "o", keys) }).toEqual({ ...value });
        for (const left of keys) {
          const others = keys.filter((key) => key !== left);
          expect(() => readOptions(value, "o", others)).toThrow(TypeError);
        }
      }),
    );
  });
});

describe("checkNow", () => {
  it.each([["2020-01-01T00:00:00.000Z"], ["2026-09-01T12:34:56.789Z"], ["2100-01-01T00:00:00.000Z"]])(
    "takes %s",
    (text) => {
      expect(checkNow(new Date(text), "now")).toBe(Date.parse(text));
    },
  );

  it("takes a Date of another realm", () => {
    expect(checkNow(runInNewContext("new Date(1750000000000)"), "now")).toBe(1_750_000_000_000);
  });

  it.each([
    ["a moment before 2020", new Date(Date.UTC(2020, 0, 1) - 1), /found 2019-12-31T23:59:59\.999Z/],
    ["a moment after 2100-01-01", new Date(Date.UTC(2100, 0, 1) + 1), /found 2100-01-01T00:00:00\.001Z/],
    ["1970", new Date(0), /found 1970/],
    ["seconds taken for milliseconds", new Date(1_788_000_000), /found 1970/],
    ["the last date there is", new Date(8.64e15), /found \+275760/],
    ["an invalid Date", new Date(Number.NaN), /found an invalid Date/],
    ["a number", 1_788_000_000_000, /must be a Date, not number/],
    ["a text", "2026-09-01T00:00:00Z", /must be a Date, not string/],
    ["undefined", undefined, /must be a Date, not undefined/],
    ["null", null, /must be a Date, not null/],
    ["an object that has getTime", { getTime: () => 1_788_000_000_000 }, /must be a Date, not Object/],
    ["an object that calls itself a Date", { [Symbol.toStringTag]: "Date" }, /must be a Date/],
    ["a child of Date.prototype", Object.create(Date.prototype), /must be a Date/],
  ])("refuses %s", (_, value, message) => {
    expect(() => checkNow(value, "now")).toThrow(TypeError);
    expect(() => checkNow(value, "now")).toThrow(message);
    expect(() => checkNow(value, "options.now")).toThrow(/^options\.now must be a Date/);
  });

  it("believes the Date and not its methods", () => {
    const tricky = new Date("2026-09-01T00:00:00Z");
    tricky.getTime = () => Date.UTC(2020, 5);
    tricky.valueOf = () => Date.UTC(2020, 5);
    expect(checkNow(tricky, "now")).toBe(Date.parse("2026-09-01T00:00:00Z"));
  });
});
