import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "../../src/bytes/json.js";

const utf8 = new TextEncoder();
const read = (text: string | Uint8Array) => readJson(typeof text === "string" ? utf8.encode(text) : text);
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("readJson", () => {
  it.each([
    ['{"a":1,"b":{"a":1}}', { a: 1, b: { a: 1 } }],
    ['[{"a":1},{"a":2}]', [{ a: 1 }, { a: 2 }]],
    ['{"a":"{\\"a\\":1,\\"a\\":2}"}', { a: '{"a":1,"a":2}' }],
    ['{"a":["a","a",{"b":"a"}],"b":"a"}', { a: ["a", "a", { b: "a" }], b: "a" }],
    ['{"a\\\\":1,"a":2}', { "a\\": 1, a: 2 }],
    ['"text"', "text"],
    [" null ", null],
    ["{}", {}],
    [nested(64), JSON.parse(nested(64))],
  ])("reads %s", (text, value) => {
    expect(read(text)).toEqual({ ok: true, value });
  });

  it.each([
    ['{"a":1,"a":1}', "/a"],
    ['{"a":1,"\\u0061":2}', "/a"],
    ['{"b":1,"a":{"x":[0,{"k":1,"j":2,"k":3}]}}', "/a/x/1/k"],
    ['{"a/b~":{"c":1,"c":1}}', "/a~1b~0/c"],
    ['{"a":{},"b":[],"a":0}', "/a"],
    ['{"":1,"":2}', "/"],
    ['{"__proto__":1,"__proto__":2}', "/__proto__"],
    ['{"a":"\\"","a":1}', "/a"],
  ])("refuses a key twice in one object: %s", (text, pointer) => {
    expect(read(text)).toEqual({ ok: false, fault: { pointer, reason: "this key stands twice in its object" } });
  });

  it("refuses the 65th level and says where", () => {
    expect(read(nested(65))).toEqual({
      ok: false,
      fault: { pointer: "/0".repeat(64), reason: "nested deeper than 64 levels" },
    });
    expect(read(nested(400_000))).toMatchObject({ ok: false });
  });

  it.each([
    ["no JSON", "{'a':1}", /^not JSON: /],
    ["nothing", "", /^not JSON: /],
    ["two values", "{}{}", /^not JSON: /],
    ["a byte order mark", "\ufeff{}", /^not JSON: /],
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22), /^not UTF-8$/],
  ])("refuses %s", (_, text, reason) => {
    expect(read(text)).toEqual({ ok: false, fault: { pointer: "", reason: expect.stringMatching(reason) } });
  });

  it("reads whatever JSON.stringify writes, and refuses it with one key doubled", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.string(), (value, key) => {
        const text = JSON.stringify(value);
        expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
        const member = `${JSON.stringify(key)}:${text}`;
        expect(read(`{${member},${member}}`)).toMatchObject({ ok: false });
        expect(read(`{${member}}`)).toMatchObject({ ok: true });
      }),
    );
  });

  it("copes with strings as long as a line may be", () => {
    for (const text of [JSON.stringify("a".repeat(1 << 20)), JSON.stringify("\n".repeat(1 << 19))]) {
      expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) });
    }
  });
});
